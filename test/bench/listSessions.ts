import fs from 'node:fs';
import path from 'node:path';
import type { SessionStore } from '../../src/core/index.ts';
import { type Bench, inFolder, interleaved, ratioRows, storeIn, timed, writeSnapshot } from './harness.ts';

/** A folder of snapshots of 400 KB each, as a window lists it: cold with the derived cache, and again. */
export const bench: Bench = {
  title: 'Listing snapshots of 400 KB',
  async run({ full }) {
    const rows: string[][] = [];
    for (const sessions of full ? [1000, 10_000] : [1000]) {
      rows.push(...(await inFolder((folder) => measure(folder, sessions))));
    }
    return { head: ['sessions', 'how', 'ms', 'x readdir + stat'], rows };
  },
};

const BYTES = 400_000;

function fill(root: string, sessions: number): void {
  const template = path.join(root, 'n0.json');
  writeSnapshot(template, 20, 's-0');
  const start = fs.readFileSync(template, 'latin1');
  const head = start.slice(0, start.indexOf('"history":['));
  for (let n = 0; n < sessions; n++) {
    const own = head.replaceAll('"s-0"', `"s-${n}"`).replace('"name":"n0"', `"name":"n${n}"`);
    const fd = fs.openSync(path.join(root, `n${n}.json`), 'w');
    // The middle is a hole of the disk: 400 KB in every respect that a list can see.
    fs.writeSync(fd, `${own}"history":[\n{"id":"m1","role":"user","content":"`, 0, 'latin1');
    fs.writeSync(fd, '"}\n]}\n', BYTES - 6, 'latin1');
    fs.closeSync(fd);
  }
}

async function measure(folder: string, sessions: number): Promise<string[][]> {
  const root = path.join(folder, '.sessions');
  fill(root, sessions);
  const first = storeIn(folder);
  if ((await first.list()).length !== sessions) throw new Error('not all were listed');
  await first.close();
  const warm = storeIn(folder);
  await warm.list();
  const cache = path.join(root, '.cache');
  const aside = path.join(folder, 'cache');
  let cold: SessionStore | undefined;
  const withoutCache = async () => {
    fs.cpSync(cache, aside, { recursive: true });
    fs.rmSync(cache, { recursive: true });
    const store = storeIn(folder);
    cold = store;
    return timed(() => store.list());
  };
  const variants = new Map<string, () => unknown>([
    [
      'readdir + stat',
      () => {
        for (const name of fs.readdirSync(root)) fs.statSync(path.join(root, name));
      },
    ],
    ['holdfast: again in the same window (DESIGN 8: 1.3)', () => warm.list()],
    ['holdfast: new process, with the derived cache (DESIGN 8, cold: 3)', () => storeIn(folder).list()],
    ['holdfast: new process, without the derived cache (PERF 2: 4)', withoutCache],
    [
      '(the cache put back)',
      async () => {
        await cold?.close();
        fs.rmSync(cache, { recursive: true, force: true });
        fs.renameSync(aside, cache);
      },
    ],
  ]);
  const medians = new Map(await interleaved(variants, sessions >= 10_000 ? 7 : 15, 2));
  medians.delete('(the cache put back)');
  // Parsing everything takes long: a hundred files stand for all.
  const some = fs
    .readdirSync(root)
    .filter((name) => name.endsWith('.json'))
    .slice(0, 100);
  const text = JSON.stringify({
    history: Array.from({ length: 400 }, (_, n) => ({ id: `m${n}`, content: 'x '.repeat(480) })),
  });
  const real = path.join(folder, 'real.json');
  fs.writeFileSync(real, text);
  const parse = await interleaved(
    new Map([['parse', () => some.map(() => JSON.parse(fs.readFileSync(real, 'utf8')))]]),
    3,
  );
  medians.set(
    'the way of HelloAgents: read and parse all (from 100)',
    ((parse.get('parse') ?? 0) / some.length) * sessions,
  );
  await warm.close();
  return ratioRows(medians).map((row) => [String(sessions), ...row]);
}
