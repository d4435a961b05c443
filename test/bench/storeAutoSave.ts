import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Message } from '../../src/core/index.ts';
import { type Bench, digits, inFolder, interleaved, sampleMessage, storeIn, writeSnapshot } from './harness.ts';

/** One more message made durable, by the length of the history behind it. */
export const bench: Bench = {
  title: 'Auto-save of one message (900 bytes)',
  async run({ full }) {
    const rows: string[][] = [];
    for (const messages of full ? [100, 1000, 10_000, 100_000] : [100, 1000]) {
      rows.push(...(await inFolder((folder) => measure(folder, messages, full))));
    }
    return { head: ['messages', 'how', 'durable', 'ms', 'x raw (sync)', 'x raw (async)'], rows };
  },
};

async function measure(folder: string, messages: number, full: boolean): Promise<string[][]> {
  const store = storeIn(folder);
  writeSnapshot(path.join(folder, '.sessions/a.json'), messages);
  const raw = fs.openSync(path.join(folder, 'raw'), 'a');
  const rawAsync = await fs.promises.open(path.join(folder, 'raw-async'), 'a');
  const line = Buffer.alloc(900, 97);
  let next = messages;
  const message = (): Message => sampleMessage(++next * 200, 700);
  const history: Message[] = Array.from({ length: messages }, (_, n) => sampleMessage(n));
  const db = new DatabaseSync(path.join(folder, 'a.db'));
  db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE m(id TEXT PRIMARY KEY, json TEXT)');
  const insert = db.prepare('INSERT OR REPLACE INTO m VALUES(?, ?)');
  db.exec('BEGIN');
  for (const each of history) insert.run(each.id, JSON.stringify(each));
  db.exec('COMMIT');
  const atomic = await writeFileAtomic();
  const fast = new Map<string, () => unknown>([
    [
      'raw append + fdatasync (sync)',
      () => {
        fs.writeSync(raw, line);
        fs.fdatasyncSync(raw);
      },
    ],
    [
      'raw append + fdatasync (async)',
      async () => {
        await rawAsync.write(line);
        await rawAsync.datasync();
      },
    ],
    ['holdfast: append to the journal', () => store.append('a', [{ type: 'message', message: message() }])],
    [
      'SQLite, WAL, synchronous=FULL',
      () => {
        const each = message();
        insert.run(each.id, JSON.stringify(each));
      },
    ],
  ]);
  const slow = new Map<string, () => unknown>([
    [
      'the way of HelloAgents: all as indented JSON, rename',
      () => {
        history.push(message());
        fs.writeFileSync(path.join(folder, 'h.tmp'), JSON.stringify({ history }, null, 2));
        fs.renameSync(path.join(folder, 'h.tmp'), path.join(folder, 'h.json'));
      },
    ],
    ...(atomic
      ? [
          [
            'write-file-atomic: all as JSON',
            async () => {
              history.push(message());
              await atomic(path.join(folder, 'w.json'), JSON.stringify({ history }));
            },
          ] as const,
        ]
      : []),
  ]);
  const quick = await interleaved(fast, full ? 300 : 100, 20);
  const whole = await interleaved(slow, messages >= 100_000 ? 3 : messages >= 10_000 ? 7 : 15);
  db.close();
  fs.closeSync(raw);
  await rawAsync.close();
  await store.close();
  const [sync = Number.NaN, async = Number.NaN] = quick.values();
  return [...quick, ...whole].map(([how, ms]) => [
    String(messages),
    how,
    how.includes('HelloAgents') ? 'no' : how.includes('atomic') ? 'but for the folder' : 'yes',
    digits(ms),
    digits(ms / sync),
    digits(ms / async),
  ]);
}

type WriteFileAtomic = (file: string, text: string) => Promise<void>;

/** Loaded by its name only here: the benchmark goes on without it. */
async function writeFileAtomic(): Promise<WriteFileAtomic | undefined> {
  const name = 'write-file-atomic';
  try {
    return (await import(name)).default;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
