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
  title: 'Forking a session of 10 MB',
  async run({ full }) {
    return inFolder(async (folder) => {
      const store = storeIn(folder);
      const file = path.join(folder, '.sessions/a.json');
      const messages = full ? 10_000 : 2000;
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
      const variants = new Map<string, () => unknown>([
        [
          'copy + fsync + fsync of the folder',
          () => replaceFile(path.join(folder, 'copy.json'), fs.readFileSync(file)),
        ],
        ['holdfast: fork, whole', () => fork()],
        ['(until its own file is written)', rest],
        ['holdfast: fork at the middle', () => fork(messages >> 1)],
        ['(until its own file is written, middle)', rest],
        [
          'load all, save all as JSON (HelloAgents)',
          () => {
            const all = JSON.parse(fs.readFileSync(file, 'utf8'));
            fs.writeFileSync(path.join(folder, 'h.json'), JSON.stringify(all, null, 2));
          },
        ],
      ]);
      const medians = await interleaved(variants, full ? 15 : 7);
      await store.close();
      return {
        head: ['session', 'how', 'ms', 'x copy'],
        rows: ratioRows(medians).map((row) => [`${digits(size / 1e6)} MB`, ...row]),
      };
    });
  },
};
