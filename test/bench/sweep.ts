import fs from 'node:fs';
import path from 'node:path';
import { createReadCache, type ReadCacheEntry, stampFile, sweep, toEntry } from '../../src/core/index.ts';
import { type Bench, digits, inFolder, median, timed, withStalls } from './harness.ts';

/**
 * A freshness sweep over unchanged files beside a plain loop of `statSync`: files that had rested when they were read,
 * and files that all changed within the last minute, which are hashed.
 */
export const bench: Bench = {
  title: 'Freshness sweep (unchanged files)',
  async run({ full }) {
    const rows: string[][] = [];
    for (const files of full ? [100, 1000, 10_000] : [1000]) {
      rows.push(...(await inFolder((folder) => measure(folder, files, full ? 15 : 7))));
    }
    return {
      head: ['files', 'changed', 'statSync, ms', 'sweep, ms', 'ratio', 'longest stall, ms'],
      rows,
    };
  },
};

async function measure(folder: string, files: number, rounds: number): Promise<string[][]> {
  const keys: string[] = [];
  for (let n = 0; n < files; n++) {
    const key = `p${Math.floor(n / 10) % 50}/d${Math.floor(n / 10)}/f${n}.ts`;
    fs.mkdirSync(path.dirname(path.join(folder, key)), { recursive: true });
    fs.writeFileSync(path.join(folder, key), 'x'.repeat(4000 + (n % 9000)));
    keys.push(key);
  }
  const caches = { rested: await cacheOf(1_000_000), recent: await cacheOf(0) };
  const paths = keys.map((key) => path.join(folder, key));
  const times = { stat: [] as number[], rested: [] as number[], recent: [] as number[] };
  const stalls = { rested: 0, recent: 0 };
  for (let round = 0; round < rounds; round++) {
    times.stat.push(
      await timed(() => {
        for (const file of paths) fs.statSync(file);
      }),
    );
    for (const name of ['rested', 'recent'] as const) {
      // Hashing all takes long, and is the same every time.
      if (name === 'recent' && round >= 3) continue;
      const { result, stall } = await withStalls(async () => {
        let found: Awaited<ReturnType<typeof sweep>> = [];
        const ms = await timed(async () => {
          found = await sweep(caches[name]);
        });
        return { found, ms };
      });
      times[name].push(result.ms);
      stalls[name] = Math.max(stalls[name], stall);
      const hashes = name === 'recent';
      if (result.found.some(({ freshness, stamp }) => freshness !== 'same' || (stamp !== undefined) !== hashes))
        throw new Error('not unchanged, or not looked at as expected (a file system that is not trusted?)');
    }
  }
  const stat = median(times.stat);
  return (['rested', 'recent'] as const).map((name) => [
    String(files),
    name === 'rested' ? 'long ago' : 'just now: all hashed',
    digits(stat),
    digits(median(times[name])),
    digits(median(times[name]) / stat),
    digits(stalls[name]),
  ]);

  /** What a session knows that read all files `later` ms from now. */
  async function cacheOf(later: number): Promise<ReturnType<typeof createReadCache>> {
    const read: Record<string, ReadCacheEntry> = {};
    for (const key of keys) {
      const outcome = await stampFile(path.join(folder, key), () => Date.now() + later);
      if (outcome.kind !== 'stamped') throw new Error(`${key}: ${outcome.kind}`);
      read[key] = toEntry(outcome.stamp);
    }
    return createReadCache(folder, read);
  }
}
