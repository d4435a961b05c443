import type { FSWatcher } from 'chokidar';
import type { Watch } from './watchFiles.ts';
import { isExhausted } from './watchFolders.ts';

/** Watches each file by chokidar, which sees them replaced, deleted and created again too. `ready` stays open when it is exhausted. */
export const watchSingly: Watch = (paths, { note, failed }) => {
  const exhausted = Promise.withResolvers<never>();
  const ended = Promise.withResolvers<void>();
  let watcher: FSWatcher | undefined;
  let closed = false;

  const start = async (): Promise<void> => {
    // Loaded here, since most commands never watch.
    const { watch } = await import('chokidar');
    if (closed) return;
    watcher = watch([...paths], { ignoreInitial: true, persistent: true });
    watcher.on('all', (_event, path) => note(path));
    watcher.on('ready', ended.resolve);
    watcher.on('error', (error) => {
      if (closed) return;
      if (!isExhausted(error)) return failed(error);
      closed = true;
      watcher?.close().then(() => exhausted.reject(error), exhausted.reject);
    });
  };
  const started = start();
  return {
    ready: started.then(() => ended.promise),
    exhausted: exhausted.promise,
    async close() {
      closed = true;
      ended.resolve();
      // What it rejects with, `ready` rejects with.
      await started.catch(() => undefined);
      await watcher?.close();
    },
  };
};
