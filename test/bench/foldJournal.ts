import fs from 'node:fs';
import path from 'node:path';
import {
  type Bench,
  digits,
  inFolder,
  interleaved,
  ratioRows,
  replaceFile,
  sampleMessage,
  storeIn,
  timed,
  writeSnapshot,
} from './harness.ts';

/** A journal of 200 messages folded into its snapshot, beside writing the same bytes durably. */
export const bench: Bench = {
  title: 'Folding a journal of 200 messages',
  async run({ full }) {
    const rows: string[][] = [];
    for (const messages of full ? [1000, 10_000, 100_000] : [1000]) {
      rows.push(...(await inFolder((folder) => measure(folder, messages))));
    }
    return { head: ['snapshot', 'how', 'ms', 'x raw'], rows };
  },
};

async function measure(folder: string, messages: number): Promise<string[][]> {
  const store = storeIn(folder);
  const file = path.join(folder, '.sessions/a.json');
  const size = writeSnapshot(file, messages);
  const bytes = fs.readFileSync(file);
  const target = path.join(folder, 'raw.json');
  let next = messages;
  const variants = new Map<string, () => unknown>([
    ['raw: write + fsync + rename + fsync of the folder', () => replaceFile(target, bytes)],
    [
      'holdfast: fold (append not counted)',
      async () => {
        const events = Array.from({ length: 200 }, () => ({
          type: 'message' as const,
          message: sampleMessage(++next, 700),
        }));
        await store.append('a', events);
        return timed(async () => {
          const outcome = await store.fold('a');
          if (outcome.kind !== 'saved') throw new Error(outcome.kind);
        });
      },
    ],
    [
      'parse all, write all as JSON, durably',
      () => replaceFile(target, Buffer.from(JSON.stringify(JSON.parse(fs.readFileSync(target, 'utf8'))))),
    ],
  ]);
  const medians = await interleaved(variants, messages >= 100_000 ? 5 : 11);
  await store.close();
  return ratioRows(medians).map((row) => [`${digits(size / 1e6)} MB`, ...row]);
}
