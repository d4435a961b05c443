import { type ChildProcess, fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { listRecovered } from '../../src/core/index.ts';
import { type Bench, digits, inFolder } from './harness.ts';

/** What a child of this bench did, sent when it is done. */
export interface Done {
  /** Lines `<name>0` to `<name><lines - 1>` were written. */
  readonly lines: number;
  readonly conflicts: number;
  readonly slippedIn: number;
  readonly ms: number;
}

/** Lines that the foreign saver itself has destroyed by its renames: it adds them here. */
export const DESTROYED = 'destroyed.txt';

const FOREIGN = { append: ['F'], 'append slowly': ['G'], save: ['S'], 'all of them': ['F', 'G', 'S'] } as const;
const ROLES = { F: 'append', G: 'append-slowly', S: 'save' } as const;

/**
 * Torture: two processes, each with its own guard, add lines to one file, while programs that know nothing of locks
 * change it too: one appends in place, one keeps it open for some time before it appends, one saves as careful editors
 * do (reads, writes a temporary file, renames). An own line is lost when it is not in the file at the end; a foreign
 * one when it is neither there nor among the recovered versions. What the foreign saver has destroyed itself, by a
 * rename over what it had not read, is told apart: its rename hands out what it displaces.
 */
export const bench: Bench = {
  title: 'Torture: two guarded writers on one file, beside foreign ones',
  async run({ full }) {
    const rows = [await inFolder((folder) => race(folder, 'none', [], full ? 1000 : 40))];
    for (const [title, names] of Object.entries(FOREIGN)) {
      const all = names.length > 1;
      if (!full && !all) continue;
      rows.push(await inFolder((folder) => race(folder, title, names, full ? (all ? 10_000 : 1000) : 100)));
    }
    return {
      head: [
        'foreign writers',
        'guarded edits',
        'own lines lost',
        'foreign lines',
        'foreign lines lost',
        'of these recovered, not in the file',
        'destroyed by the foreign saver: own, foreign',
        'torn lines',
        'conflicts',
        'slipped in',
        'ms per edit',
      ],
      rows,
    };
  },
};

async function race(
  folder: string,
  title: string,
  foreign: readonly (keyof typeof ROLES)[],
  edits: number,
): Promise<string[]> {
  fs.writeFileSync(path.join(folder, 'log.txt'), '');
  fs.writeFileSync(path.join(folder, DESTROYED), '');
  const others = foreign.map((name) => start(ROLES[name], folder, name, 0));
  const sessions = ['A', 'B'].map((name) => start('session', folder, name, edits / 2));
  const [a, b] = await Promise.all(sessions.map(({ done }) => done));
  if (a === undefined || b === undefined) throw new Error('two sessions were started');
  for (const { child } of others) child.send('stop');
  const theirs = await Promise.all(others.map(({ done }) => done));
  for (const { child } of sessions) child.send('stop');
  await Promise.all([...sessions, ...others].map(({ ended }) => ended));

  const text = fs.readFileSync(path.join(folder, 'log.txt'), 'utf8');
  const inFile = linesOf(text);
  const recovered = new Set<string>();
  for (const { file } of await listRecovered(path.join(folder, '.sessions'))) {
    for (const line of linesOf(fs.readFileSync(file, 'utf8'))) recovered.add(line);
  }
  const destroyed = linesOf(fs.readFileSync(path.join(folder, DESTROYED), 'utf8'));
  const own = [...named('A', a.lines), ...named('B', b.lines)].filter((line) => !inFile.has(line));
  const all = foreign.flatMap((name, n) => named(name, theirs[n]?.lines ?? 0));
  const missing = all.filter((line) => !inFile.has(line));
  const gone = missing.filter((line) => !recovered.has(line));
  const count = (lines: readonly string[], byThem: boolean): number =>
    lines.filter((line) => destroyed.has(line) === byThem).length;
  const torn = text.split('\n').filter((line) => line !== '' && !/^[ABFGS]\d+$/.test(line)).length;
  return [
    title,
    String(a.lines + b.lines),
    String(count(own, false)),
    String(all.length),
    String(count(gone, false)),
    String(missing.length - gone.length),
    `${count(own, true)}, ${count(gone, true)}`,
    String(torn),
    String(a.conflicts + b.conflicts),
    String(a.slippedIn + b.slippedIn),
    digits(Math.max(a.ms / a.lines, b.ms / b.lines)),
  ];
}

function named(name: string, lines: number): string[] {
  return Array.from({ length: lines }, (_, n) => `${name}${n}`);
}

function linesOf(text: string): Set<string> {
  return new Set(text.split('\n'));
}

function start(role: string, folder: string, name: string, count: number): Started {
  const child = fork(path.join(import.meta.dirname, 'raceChild.ts'), [role, folder, name, String(count)]);
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const done = new Promise<Done>((resolve, reject) => {
    child.on('message', (message) => resolve(message as Done));
    child.on('exit', (code) => reject(new Error(`${role} ${name} ended with ${code}`)));
  });
  return { child, done, ended };
}

interface Started {
  readonly child: ChildProcess;
  readonly done: Promise<Done>;
  readonly ended: Promise<void>;
}
