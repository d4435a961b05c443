import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createReadCache, type ReadCacheEntry, stampFile, sweep, toEntry } from '../../src/core/index.ts';

/** A freshness sweep over unchanged files beside a plain loop of `statSync`, and beside reading and hashing all. */
export const bench = {
  title: 'Freshness sweep (unchanged files)',
  async run(scale: { full: boolean }): Promise<{ head: string[]; rows: string[][] }> {
    const rows: string[][] = [];
    for (const files of scale.full ? [100, 1000, 10_000] : [1000]) {
      const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-sweep-')));
      try {
        rows.push(await measure(folder, files, scale.full ? 15 : 7));
      } finally {
        fs.rmSync(folder, { recursive: true, force: true });
      }
    }
    return {
      head: ['files', 'statSync, ms', 'sweep, ms', 'ratio', 'longest stall, ms', 'sweep that hashes all, ms'],
      rows,
    };
  },
};

async function measure(folder: string, files: number, rounds: number): Promise<string[]> {
  const entries: Record<string, ReadCacheEntry> = {};
  for (let n = 0; n < files; n++) {
    const key = `p${Math.floor(n / 10) % 50}/d${Math.floor(n / 10)}/f${n}.ts`;
    fs.mkdirSync(path.dirname(path.join(folder, key)), { recursive: true });
    fs.writeFileSync(path.join(folder, key), 'x'.repeat(4000 + (n % 9000)));
    entries[key] = {};
  }
  for (const key of Object.keys(entries)) {
    const outcome = await stampFile(path.join(folder, key), () => Date.now() + 60_000);
    if (outcome.kind !== 'stamped') throw new Error(`${key}: ${outcome.kind}`);
    entries[key] = toEntry(outcome.stamp);
  }
  const cache = createReadCache(folder, entries);
  const racy = createReadCache(
    folder,
    Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, { ...entry, racy: true }])),
  );
  const paths = Object.keys(entries).map((key) => path.join(folder, key));
  const times = { stat: [] as number[], sweep: [] as number[], hash: [] as number[], stall: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    let from = performance.now();
    for (const file of paths) fs.statSync(file);
    times.stat.push(performance.now() - from);

    const stalls = watchStalls();
    from = performance.now();
    const found = await sweep(cache);
    times.sweep.push(performance.now() - from);
    times.stall.push(stalls());
    if (found.some(({ freshness, stamp }) => freshness !== 'same' || stamp !== undefined))
      throw new Error('not unchanged');

    if (round >= 3) continue;
    from = performance.now();
    await sweep(racy);
    times.hash.push(performance.now() - from);
  }
  const stat = median(times.stat);
  const swept = median(times.sweep);
  return [
    String(files),
    stat.toFixed(2),
    swept.toFixed(2),
    (swept / stat).toFixed(2),
    Math.max(...times.stall).toFixed(1),
    median(times.hash).toFixed(1),
  ];
}

/** Returns a function that ends the watch and gives the longest time, ms, in which nothing else could run. */
function watchStalls(): () => number {
  let last = performance.now();
  let longest = 0;
  let on = true;
  const turn = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (on) setImmediate(turn);
  };
  setImmediate(turn);
  return () => {
    on = false;
    return Math.max(longest, performance.now() - last);
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
