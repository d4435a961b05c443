import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { type Bench, digits, inFolder, median, writeSnapshot } from './harness.ts';

/** A session opened to its last 200 messages, each time in a new process. */
export const bench: Bench = {
  title: 'Opening: index and last page of 200 messages (new process each)',
  async run({ full }) {
    const rows: string[][] = [];
    for (const megabytes of full ? [10, 100, 600] : [10]) {
      rows.push(...(await inFolder((folder) => measure(folder, megabytes, megabytes > 500 ? 3 : 7))));
    }
    return { head: ['session', 'how', 'ms', 'longest stall, ms', 'memory, MB (peak)'], rows };
  },
};

interface Measured {
  readonly ms: number;
  readonly stall: number;
  readonly peak: number;
}

async function measure(folder: string, megabytes: number, rounds: number): Promise<string[][]> {
  const size = writeSnapshot(path.join(folder, '.sessions/a.json'), Math.round(megabytes * 1000));
  const results = new Map<string, (Measured | undefined)[]>([
    ['holdfast', []],
    ['JSON.parse of the whole', []],
  ]);
  for (let round = 0; round < rounds; round++) for (const [how, all] of results) all.push(inChild(how, folder));
  return [...results].map(([how, all]) => {
    const done = all.filter((each) => each !== undefined);
    const of = (field: keyof Measured) =>
      done.length === 0 ? 'fails' : digits(median(done.map((each) => each[field])));
    return [`${digits(size / 1e6)} MB`, how, of('ms'), of('stall'), of('peak')];
  });
}

function inChild(how: string, folder: string): Measured | undefined {
  const child = path.join(import.meta.dirname, 'openSessionChild.ts');
  const { status, stdout } = spawnSync(process.execPath, ['--max-old-space-size=8192', child, how, folder], {
    encoding: 'utf8',
  });
  return status === 0 ? JSON.parse(stdout) : undefined;
}
