import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { createPacer } from '../pacer.ts';
import type { Watch } from './watchFiles.ts';

/** The user's watches, or the system's descriptors, are used up. */
export function isExhausted(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EMFILE' || code === 'ENFILE';
}

/**
 * Watches the folders of files, by one watcher each. For a folder that is not there its nearest parent is watched until
 * it is. Not seen: a folder's parent that is moved away as a whole.
 */
export const watchFolders: Watch = (paths, { note, failed }) => {
  const exhausted = Promise.withResolvers<never>();
  /** Folders of wanted files, to the names in them. */
  const wanted = new Map<string, Set<string>>();
  /** Folders that are not there, by the parent that is watched for each. */
  const missing = new Map<string, Set<string>>();
  const open = new Map<string, fs.FSWatcher>();
  /** Folders to look at again once this turn's events are heard. */
  const unsure = new Set<string>();
  let closed = false;

  for (const path of paths) {
    const folder = nodePath.dirname(path);
    const names = wanted.get(folder);
    if (names === undefined) wanted.set(folder, new Set([nodePath.basename(path)]));
    else names.add(nodePath.basename(path));
  }

  const noteAll = (folder: string): void => {
    for (const name of wanted.get(folder) ?? []) note(nodePath.join(folder, name));
  };
  const doubt = (folder: string): void => {
    if (unsure.size === 0) setImmediate(lookAgain);
    unsure.add(folder);
  };
  const hear = (folder: string, event: string, name: string | null): void => {
    if (closed) return;
    if (name === null) noteAll(folder);
    else if (wanted.get(folder)?.has(name) === true) note(nodePath.join(folder, name));
    // A folder tells of its own end by its own name; one that is made anew may get the same inode.
    if (event === 'rename' && name === nodePath.basename(folder)) ended(folder);
    for (const one of missing.get(folder) ?? []) {
      if (name === null || isOnTheWay(nodePath.join(folder, name), one)) doubt(one);
    }
  };
  const shut = (folder: string): void => {
    open.get(folder)?.close();
    open.delete(folder);
  };
  const ended = (folder: string): void => {
    shut(folder);
    noteAll(folder);
    doubt(folder);
  };
  const closeAll = (): void => {
    closed = true;
    for (const folder of [...open.keys()]) shut(folder);
  };

  /** False where there is no such folder. */
  const openOne = (folder: string): boolean => {
    if (open.has(folder)) return true;
    try {
      const watcher = fs.watch(folder, (event, name) => hear(folder, event, name));
      // Windows tells so of a folder that is gone.
      watcher.on('error', () => ended(folder));
      open.set(folder, watcher);
      return true;
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return false;
      if (syscall === undefined || isExhausted(error)) throw error;
      // No permission, ...: what lies there can't be watched, its parents would tell nothing of it.
      failed(error);
      return true;
    }
  };
  /** Watches a folder, or the nearest parent that is there. */
  const watch = (folder: string): void => {
    for (let at = folder; ; at = nodePath.dirname(at)) {
      if (openOne(at)) {
        if (at === folder) return;
        const waiting = missing.get(at);
        if (waiting === undefined) missing.set(at, new Set([folder]));
        else waiting.add(folder);
        // Made just before its parent was watched: nobody would tell.
        if (fs.existsSync(folder)) doubt(folder);
        return;
      }
      if (at === nodePath.dirname(at)) return;
    }
  };
  const lookAgain = (): void => {
    const folders = [...unsure];
    unsure.clear();
    if (closed) return;
    try {
      for (const folder of folders) lookAt(folder);
    } catch (error) {
      stop(error);
    }
  };
  const lookAt = (folder: string): void => {
    if (open.has(folder)) return;
    const waiting = missing.get(folder) ?? [];
    missing.delete(folder);
    for (const one of [...waiting, ...(wanted.has(folder) ? [folder] : [])]) {
      for (const [parent, others] of missing) {
        if (!others.delete(one) || others.size > 0) continue;
        missing.delete(parent);
        if (!wanted.has(parent)) shut(parent);
      }
      watch(one);
      if (open.has(one)) noteAll(one);
    }
  };
  const stop = (error: unknown): void => {
    closeAll();
    exhausted.reject(error);
  };

  const start = async (): Promise<void> => {
    try {
      const pause = createPacer();
      for (const folder of wanted.keys()) {
        if (closed) return;
        watch(folder);
        await pause();
      }
    } catch (error) {
      stop(error);
    }
  };
  return { ready: start(), exhausted: exhausted.promise, close: () => Promise.resolve(closeAll()) };
};

function isOnTheWay(folder: string, to: string): boolean {
  return to === folder || to.startsWith(folder + nodePath.sep);
}
