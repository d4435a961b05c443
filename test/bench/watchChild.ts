import fs from 'node:fs';
import path from 'node:path';
import { watch } from 'chokidar';
import { type Watch, watchFiles } from '../../src/core/files/freshness/watchFiles.ts';
import { watchFolders } from '../../src/core/files/freshness/watchFolders.ts';
import { watchSingly } from '../../src/core/files/freshness/watchSingly.ts';

/** `watchChild.ts HOW FOLDER COUNT`: watches the first files of a folder, and prints what that took. */
export interface Watched {
  /** Until changes are seen. */
  readonly readyMs: number;
  /** Until then, of all threads. */
  readonly cpuMs: number;
  /** Bytes more in memory, after a collection. */
  readonly rss: number;
  /** How many of 50 files that were changed then were told. */
  readonly told: number;
}

const [how = '', folder = '', count = '0'] = process.argv.slice(2);
const names = fs.readFileSync(path.join(folder, 'names'), 'utf8').split('\n').slice(0, Number(count));
const paths = names.map((name) => path.join(folder, name));
const told = new Set<string>();
const rss = () => {
  globalThis.gc?.();
  return process.memoryUsage.rss();
};
const before = { rss: rss(), cpu: process.cpuUsage(), at: performance.now() };
if (how === 'chokidar') {
  const watcher = watch(paths, { ignoreInitial: true, persistent: true });
  watcher.on('all', (_event, file) => told.add(file));
  await new Promise<void>((resolve) => void watcher.once('ready', resolve));
} else {
  const way: Watch = how === 'files' ? watchSingly : watchFolders;
  const own = watchFiles(
    paths,
    (file) => told.add(file),
    (error) => {
      throw error;
    },
    how === 'ours' ? undefined : { files: way, folders: way },
  );
  await own.ready;
}
const readyMs = performance.now() - before.at;
const { user, system } = process.cpuUsage(before.cpu);
const grown = rss() - before.rss;
const changed = paths.filter((_, n) => n % Math.ceil(paths.length / 50) === 0);
for (const file of changed) fs.appendFileSync(file, '.');
const until = performance.now() + 3000;
while (told.size < changed.length && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
const result: Watched = { readyMs, cpuMs: (user + system) / 1000, rss: grown, told: told.size / changed.length };
process.stdout.write(JSON.stringify(result), () => process.exit(0));
