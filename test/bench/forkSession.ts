import fs from 'node:fs';
import path from 'node:path';
import {
  type Bench,
  digits,
  inFolder,
  interleaved,
  ratioRows,
  replaceFile,
  storeIn,
  writeSnapshot,
} from './harness.ts';

/** A fork of a session of 10 MB: the time until it is durable and listed. */
export const bench: Bench = {
  title: 'Forking a session (limit: 3 ms)',
  async run({ full }) {
    const rows: string[][] = [];
    for (const messages of full ? [10_000, 60_000] : [2000]) {
      rows.push(...(await inFolder((folder) => measure(folder, messages, full ? 11 : 7))));
    }
    return { head: ['session', 'how', 'ms', 'x copy'], rows };
  },
};

async function measure(folder: string, messages: number, rounds: number): Promise<string[][]> {
  const store = storeIn(folder);
  const file = path.join(folder, '.sessions/a.json');
  const size = writeSnapshot(file, messages);
  let number = 0;
  const settled: Promise<void>[] = [];
  const fork = async (at?: number) => {
    const options = { name: `f${++number}`, ...(at === undefined ? {} : { messages: at }) };
    const outcome = await store.fork('a', options);
    if (outcome.kind !== 'forked') throw new Error(outcome.kind);
    settled.push(outcome.settled);
  };
  const rest = async () => {
    await Promise.all(settled.splice(0));
  };
  const removed = async () => {
    for (let n = number; n > number - 2; n--) fs.unlinkSync(path.join(folder, `.sessions/f${n}.json`));
  };
  const variants = new Map<string, () => unknown>([
    ['copy + fsync + fsync of the folder', () => replaceFile(path.join(folder, 'copy.json'), fs.readFileSync(file))],
    ['holdfast: fork, whole', () => fork()],
    ['(until its own file is written)', rest],
    ['holdfast: fork at the middle', () => fork(messages >> 1)],
    ['(until its own file is written, middle)', rest],
    ['(removed)', removed],
    [
      'load all, save all as JSON (HelloAgents)',
      () => {
        const all = JSON.parse(fs.readFileSync(file, 'utf8'));
        fs.writeFileSync(path.join(folder, 'h.json'), JSON.stringify(all, null, 2));
      },
    ],
    // What that one leaves unwritten would be written at the next one's sync.
    ['(flushed)', () => syncFile(path.join(folder, 'h.json'))],
  ]);
  const medians = new Map(await interleaved(variants, rounds, 2));
  for (const aside of ['(removed)', '(flushed)']) medians.delete(aside);
  await store.close();
  return ratioRows(medians).map((row) => [`${digits(size / 1e6)} MB`, ...row]);
}

function syncFile(file: string): void {
  const fd = fs.openSync(file, 'r+');
  fs.fsyncSync(fd);
  fs.closeSync(fd);
}
