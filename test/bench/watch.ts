import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type Bench, digits, inFolder, median } from './harness.ts';
import type { Watched } from './watchChild.ts';

const MAX_RATIO = 2;
const HOWS = { chokidar: 'chokidar 6 itself', files: 'files, by chokidar', folders: 'folders', ours: 'ours' } as const;

/** Watching the files of a session, ours beside chokidar's own; each in a process of its own, in turn. */
export const bench: Bench = {
  title: `Watching files (goal at 1,000: ours <= ${MAX_RATIO}x chokidar 6)`,
  async run({ full }) {
    const rows: string[][] = [];
    for (const files of full ? [100, 500, 1000, 2000, 5000] : [1000]) {
      rows.push(...(await inFolder(async (folder) => measure(folder, files, full ? 5 : 3))));
    }
    return {
      head: ['files', 'folders', 'how', 'ready, ms', 'CPU, ms', 'memory, MB', 'ready x', 'CPU x', 'told'],
      rows,
    };
  },
};

function measure(folder: string, files: number, rounds: number): string[][] {
  const names = Array.from({ length: files }, (_, n) => {
    const place = Math.floor((n * 5) / 6) % 1000;
    return `p${place % 40}/d${place}/f${n}.ts`;
  });
  for (const name of names) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), 'x'.repeat(2000));
  }
  fs.writeFileSync(path.join(folder, 'names'), names.join('\n'));
  const script = path.join(import.meta.dirname, 'watchChild.ts');
  const results = new Map<string, Watched[]>(Object.keys(HOWS).map((how) => [how, []]));
  // The first round only warms up, and nobody goes first every time.
  for (let round = -1; round < rounds; round++) {
    for (const how of round % 2 === 0 ? Object.keys(HOWS) : Object.keys(HOWS).reverse()) {
      const text = execFileSync(process.execPath, ['--expose-gc', script, how, folder, String(files)], {
        encoding: 'utf8',
      });
      if (round >= 0) results.get(how)?.push(JSON.parse(text) as Watched);
    }
  }
  const of = (how: string, field: keyof Watched): number =>
    median((results.get(how) ?? []).map((result) => result[field]));
  return Object.entries(HOWS).map(([how, words]) => [
    String(files),
    String(new Set(names.map((name) => path.dirname(name))).size),
    words,
    digits(of(how, 'readyMs')),
    digits(of(how, 'cpuMs')),
    digits(of(how, 'rss') / 1e6),
    digits(of(how, 'readyMs') / of('chokidar', 'readyMs')),
    digits(of(how, 'cpuMs') / of('chokidar', 'cpuMs')),
    `${Math.round(Math.min(...(results.get(how) ?? []).map(({ told }) => told)) * 100)} %`,
  ]);
}
