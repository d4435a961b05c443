import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type Bench, inFolder } from './harness.ts';

/** What a child of this bench did, sent when it is done. */
export interface Done {
  readonly conflicts: number;
  readonly slippedIn: number;
  readonly ms: number;
}

const EDITS = 400;
const APPENDS = 600;

/**
 * Two processes, each with its own guard, add 400 lines each to one file while a program that knows nothing of locks
 * appends to it: at once, or some time after it has opened it. A line is lost when it is neither in the file nor among
 * the displaced versions.
 */
export const bench: Bench = {
  title: 'Race: two guarded writers on one file, beside a foreign one',
  async run({ full }) {
    const edits = full ? EDITS : 40;
    const appends = full ? APPENDS : 60;
    const rows: string[][] = [];
    for (const foreign of ['none', 'append', 'append-slowly'] as const) {
      rows.push(await inFolder((folder) => race(folder, foreign, edits, appends)));
    }
    return {
      head: [
        'foreign writer',
        'own lines lost',
        'foreign lines lost',
        'recovered from displaced',
        'conflicts',
        'slipped in',
        'ms per edit',
      ],
      rows,
    };
  },
};

async function race(folder: string, foreign: string, edits: number, appends: number): Promise<string[]> {
  fs.writeFileSync(path.join(folder, 'log.txt'), '');
  const children = ['A', 'B'].map((name) => run('session', folder, name, edits));
  if (foreign !== 'none') children.push(run(foreign, folder, 'F', appends));
  const [a, b] = await Promise.all(children);
  const lines = linesOf(fs.readFileSync(path.join(folder, 'log.txt'), 'utf8'));
  const kept = new Set<string>();
  const displaced = path.join(folder, '.sessions/displaced');
  for (const name of fs.readdirSync(displaced)) {
    for (const line of linesOf(fs.readFileSync(path.join(displaced, name), 'utf8'))) kept.add(line);
  }
  const missing = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, n) => `${name}${n}`).filter((line) => !lines.has(line));
  const own = [...missing('A', edits), ...missing('B', edits)];
  const theirs = foreign === 'none' ? [] : missing('F', appends);
  const recovered = theirs.filter((line) => kept.has(line)).length;
  return [
    foreign,
    `${own.length}/${2 * edits}`,
    foreign === 'none' ? '-' : `${theirs.length - recovered}/${appends}`,
    String(recovered),
    String((a?.conflicts ?? 0) + (b?.conflicts ?? 0)),
    String((a?.slippedIn ?? 0) + (b?.slippedIn ?? 0)),
    (Math.max(a?.ms ?? 0, b?.ms ?? 0) / edits).toFixed(2),
  ];
}

function linesOf(text: string): Set<string> {
  return new Set(text.split('\n'));
}

function run(role: string, folder: string, name: string, count: number): Promise<Done> {
  const child = fork(path.join(import.meta.dirname, 'raceChild.ts'), [role, folder, name, String(count)]);
  return new Promise((resolve, reject) => {
    let done: Done | undefined;
    child.on('message', (message) => {
      done = message as Done;
    });
    child.on('exit', (code) => {
      if (done === undefined) reject(new Error(`${role} ${name} ended with ${code}`));
      else resolve(done);
    });
  });
}
