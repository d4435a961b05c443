import fs from 'node:fs';
import path from 'node:path';
import { createReadCache, type ReadCacheEntry, stampFile, sweep, toEntry } from '../../src/core/index.ts';
import { type Bench, digits, inFolder, median, timed, withStalls } from './harness.ts';

/** A freshness sweep over unchanged files beside a plain loop of `statSync`, and beside reading and hashing all. */
export const bench: Bench = {
  title: 'Freshness sweep (unchanged files)',
  async run({ full }) {
    const rows: string[][] = [];
    for (const files of full ? [100, 1000, 10_000] : [1000]) {
      rows.push(await inFolder((folder) => measure(folder, files, full ? 15 : 7)));
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
    times.stat.push(
      await timed(() => {
        for (const file of paths) fs.statSync(file);
      }),
    );
    const { result, stall } = await withStalls(async () => {
      let found: Awaited<ReturnType<typeof sweep>> = [];
      const ms = await timed(async () => {
        found = await sweep(cache);
      });
      return { found, ms };
    });
    times.sweep.push(result.ms);
    times.stall.push(stall);
    if (result.found.some(({ freshness, stamp }) => freshness !== 'same' || stamp !== undefined))
      throw new Error('not unchanged');
    if (round < 3) times.hash.push(await timed(() => sweep(racy)));
  }
  const stat = median(times.stat);
  const swept = median(times.sweep);
  return [
    String(files),
    digits(stat),
    digits(swept),
    digits(swept / stat),
    digits(Math.max(...times.stall)),
    digits(median(times.hash)),
  ];
}
