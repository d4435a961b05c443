import * as nodePath from 'node:path';
import type { FSWatcher } from 'chokidar';

/** Above this, one sweep costs less than watching (PERF 3: chokidar 6 on 10,000 files takes 1.6 s of CPU and 133 MB). */
export const MAX_WATCHED = 1000;

export interface FileWatcher {
  /** `sweep`: too many files to watch; nothing will be told, only a sweep sees changes. */
  readonly mode: 'watch' | 'sweep';
  /** Resolves when changes from now on are seen, or never will be (an error was told, or it was closed). */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/**
 * Tells when files may have changed, appeared or gone: a hint only. Watchers lose events under load, so a sweep runs
 * on load, on focus and before a turn, and the guard compares at every write.
 *
 * `paths` are absolute. Changes within one turn of the event loop are told once per file, by the path as it was given.
 * Errors (no inotify watches left, ...) go to `onError`; nothing throws.
 */
export function watchFiles(
  paths: readonly string[],
  onChange: (path: string) => void,
  onError: (error: unknown) => void = () => undefined,
): FileWatcher {
  if (paths.length > MAX_WATCHED) {
    return { mode: 'sweep', ready: Promise.resolve(), close: () => Promise.resolve() };
  }
  const given = new Map(paths.map((path) => [nodePath.resolve(path), path]));
  const pending = new Set<string>();
  let watcher: FSWatcher | undefined;
  let closed = false;

  const flush = (): void => {
    const changed = [...pending];
    pending.clear();
    for (const path of changed) if (!closed) onChange(path);
  };
  const note = (path: string): void => {
    const known = given.get(nodePath.resolve(path));
    if (known === undefined || closed) return;
    if (pending.size === 0) setImmediate(flush);
    pending.add(known);
  };
  const start = async (): Promise<void> => {
    // Loaded here, since most commands never watch.
    const { watch } = await import('chokidar');
    if (closed || given.size === 0) return;
    const started = watch([...given.keys()], { ignoreInitial: true, persistent: true });
    watcher = started;
    started.on('all', (_event, path) => note(path));
    started.on('error', onError);
    await new Promise<void>((resolve) => {
      started.once('ready', resolve);
      started.once('error', () => resolve());
      finish = resolve;
    });
  };
  let finish: () => void = () => undefined;
  const ready = start().catch(onError);

  return {
    mode: 'watch',
    ready,
    async close() {
      closed = true;
      finish();
      await ready;
      await watcher?.close();
    },
  };
}
