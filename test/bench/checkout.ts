import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  createPulse,
  createReadCache,
  type FileFreshness,
  findMoved,
  type ReadCacheEntry,
  stampFile,
  sweep,
  toEntry,
  watchFiles,
} from '../../src/core/index.ts';
import { type Bench, digits, inFolder, median, withStalls } from './harness.ts';

const run = promisify(execFile);
const MAX_MS = 1000;

/**
 * A real repository of which a session has read every file: `git checkout` changes them all, and as a window does it,
 * news of a watcher make a pulse sweep, and look for what moved. Measured from the end of git to the end of the first
 * report that names every file.
 */
export const bench: Bench = {
  title: `A checkout that changes all files, until the report is complete (goal: ${MAX_MS} ms at 5,000)`,
  async run({ full }) {
    const rows: string[][] = [];
    for (const files of full ? [1000, 5000] : [1000]) {
      rows.push(await inFolder((folder) => measure(folder, files, full ? 5 : 3)));
    }
    return {
      head: ['files', 'watched by', 'git checkout, ms', 'complete after, ms', 'worst, ms', 'seen', 'longest stall, ms'],
      rows,
    };
  },
};

async function measure(folder: string, files: number, rounds: number): Promise<string[]> {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@host.invalid', ...args], {
      encoding: 'utf8',
    }).trim();
  const keys = Array.from({ length: files }, (_, n) => `p${n % 50}/d${n % 1000}/f${n}.ts`);
  const write = (word: string) => {
    for (const [n, key] of keys.entries()) {
      fs.mkdirSync(path.dirname(path.join(folder, key)), { recursive: true });
      fs.writeFileSync(path.join(folder, key), `${word} ${n}\n`.padEnd(2000 + (n % 4000), 'x'));
    }
  };
  git('init', '--quiet', '--initial-branch=one');
  write('one');
  git('add', '.');
  git('commit', '-qm', 'One');
  git('checkout', '-qb', 'two');
  write('two');
  git('commit', '-qam', 'Two');
  git('checkout', '-q', 'one');
  const head = git('rev-parse', 'HEAD');

  const entries: Record<string, ReadCacheEntry> = {};
  for (const key of keys) {
    const outcome = await stampFile(path.join(folder, key));
    if (outcome.kind !== 'stamped') throw new Error(`${key}: ${outcome.kind}`);
    entries[key] = toEntry(outcome.stamp);
  }
  const cache = createReadCache(folder, entries);
  let found: readonly FileFreshness[] = [];
  let told: () => void = () => undefined;
  const pulse = createPulse(
    async () => {
      found = await findMoved(cache, await sweep(cache), { head });
      told();
    },
    {
      onError: (error) => {
        throw error;
      },
    },
  );
  const watcher = watchFiles(
    keys.map((key) => path.join(folder, key)),
    pulse.nudge,
  );
  await watcher.ready;
  const changed = () => found.filter(({ freshness }) => freshness === 'changed').length;
  const times = { git: [] as number[], report: [] as number[], seen: [] as number[], stall: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    await until(() => changed() === 0);
    const from = performance.now();
    const { stall } = await withStalls(async () => {
      await run('git', ['-C', folder, 'checkout', '-q', 'two']);
      const ended = performance.now();
      times.git.push(ended - from);
      await until(() => changed() === files);
      times.report.push(performance.now() - ended);
    });
    times.stall.push(stall);
    times.seen.push(changed());
    git('checkout', '-q', 'one');
  }
  pulse.close();
  await watcher.close();
  return [
    String(files),
    watcher.mode,
    digits(median(times.git)),
    digits(median(times.report)),
    digits(Math.max(...times.report)),
    `${Math.min(...times.seen)}/${files}`,
    digits(Math.max(...times.stall)),
  ];

  /** Waits for the report that fulfils it; after 20 s for none. */
  async function until(isDone: () => boolean): Promise<void> {
    const end = performance.now() + 20_000;
    while (!isDone() && performance.now() < end) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        told = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
