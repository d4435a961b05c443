import * as nodePath from 'node:path';
import { watchFolders } from './watchFolders.ts';
import { watchSingly } from './watchSingly.ts';

/**
 * So many files are watched by chokidar, which knows each system's ways. One watcher per folder costs less at any
 * number (`bench watch`: a fifth of the processor's time and of the memory), and up to here nobody feels the difference.
 * What a `git checkout` changes chokidar looks at in one turn of the event loop: 1,000 files take 20 to 40 ms of it.
 */
export const MAX_WATCHED = 250;
/** Above so many folders nothing is watched: to look at 10,000 files takes 60 ms, and the system's watches are not ours alone. */
export const MAX_WATCHED_FOLDERS = 1000;

export interface FileWatcher {
  /**
   * How changes are seen: each file by chokidar, folder by folder, or not at all: then only a sweep sees changes, and
   * the caller sweeps on focus and at other news. A watcher that runs out of the system's watches goes on to the next.
   */
  readonly mode: WatchMode;
  /** Resolves when changes from now on are seen, or never will be (an error was told, or it was closed). */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

export type WatchMode = 'files' | 'folders' | 'sweep';

/** What a way of watching tells. */
export interface WatchNews {
  /** A file, by its absolute path, may have changed. */
  note(path: string): void;
  /** Something could not be watched; the rest is. */
  failed(error: unknown): void;
}

/** A way of watching absolute paths. `ready` rejects, at once or later, where it can't go on. */
export type Watch = (
  paths: ReadonlySet<string>,
  news: WatchNews,
) => {
  readonly ready: Promise<void>;
  /** Rejects with the system's error when its watches are used up; what was watched is closed then. Never resolves. */
  readonly exhausted: Promise<never>;
  close(): Promise<void>;
};

/**
 * Tells when files may have changed, appeared or gone: a hint only. Watchers lose events under load, so a sweep runs
 * on load, on focus and before a turn, and the guard compares at every write.
 *
 * `paths` are absolute. Changes within one turn of the event loop are told once per file, by the path as it was given.
 * Errors (no inotify watches left, ...) go to `onError`; nothing throws. `ways` is for fault injection in tests.
 */
export function watchFiles(
  paths: readonly string[],
  onChange: (path: string) => void,
  onError: (error: unknown) => void = () => undefined,
  ways: Readonly<Record<Exclude<WatchMode, 'sweep'>, Watch>> = { files: watchSingly, folders: watchFolders },
): FileWatcher {
  const given = new Map(paths.map((path) => [nodePath.resolve(path), path]));
  const pending = new Set<string>();
  let mode = firstMode(given.keys());
  let current: ReturnType<Watch> | undefined;
  let closed = false;

  const flush = (): void => {
    const changed = [...pending];
    pending.clear();
    for (const path of changed) if (!closed) onChange(path);
  };
  const news: WatchNews = {
    note(path) {
      const known = given.get(path);
      if (known === undefined || closed) return;
      if (pending.size === 0) setImmediate(flush);
      pending.add(known);
    },
    failed: onError,
  };
  const start = async (): Promise<void> => {
    if (mode === 'sweep' || closed || given.size === 0) return;
    const started = ways[mode](new Set(given.keys()), news);
    current = started;
    // `exhausted` is looked at for as long as the watcher lives; `ready` waits for the next way too.
    const next = started.exhausted.catch((error: unknown) => {
      if (closed || current !== started) return undefined;
      onError(error);
      mode = mode === 'files' && countFolders(given.keys()) <= MAX_WATCHED_FOLDERS ? 'folders' : 'sweep';
      return start();
    });
    await Promise.race([started.ready.catch(onError), next]);
  };
  const ready = start();

  return {
    get mode() {
      return mode;
    },
    ready,
    async close() {
      closed = true;
      await current?.close();
    },
  };
}

function firstMode(paths: Iterable<string>): WatchMode {
  const all = [...paths];
  if (all.length <= MAX_WATCHED) return 'files';
  return countFolders(all) <= MAX_WATCHED_FOLDERS ? 'folders' : 'sweep';
}

function countFolders(paths: Iterable<string>): number {
  return new Set([...paths].map((path) => nodePath.dirname(path))).size;
}
