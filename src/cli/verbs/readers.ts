import { createReadCache, type FileReader, type Freshness, sweep } from '../../core/index.ts';
import type { Context } from '../context.ts';
import { type Ending, failed } from '../ending.ts';
import { plainLine } from '../plain.ts';
import { table } from '../shapes.ts';
import { freshnessWords } from '../words.ts';

interface Row {
  readonly name: string;
  readonly session_id: string;
  /** Number of the message whose call read it, counted from 1. */
  readonly message: number | null;
  readonly seen_at: string | null;
  readonly sha256: string | null;
  /** The file now, compared with what this session has seen. */
  readonly fresh: Freshness;
}

export async function readers({ store, folder }: Context, path: string): Promise<Ending> {
  const key = createReadCache(folder).key(path);
  if (key === undefined) return failed('no-such-file', path);
  const rows: Row[] = [];
  for (const reader of await store.readers(key)) {
    const { name, sessionId, entry } = reader;
    rows.push({
      name,
      session_id: sessionId,
      message: entry.message ?? null,
      seen_at: entry.seen_at ?? null,
      sha256: entry.sha256 ?? null,
      fresh: await freshness(folder, key, reader),
    });
  }
  const text =
    rows.length === 0
      ? plainLine(`No saved session has read ${key}.`)
      : table(
          rows.map(({ name, message, seen_at, fresh }) => [
            name,
            message === null ? '' : `message ${message}`,
            seen_at ?? '',
            freshnessWords(fresh),
          ]),
        );
  return { kind: 'done', json: { key, readers: rows }, text };
}

async function freshness(folder: string, key: string, { entry }: FileReader): Promise<Freshness> {
  // A file outside is looked at too: whoever asks has named it.
  const [file] = await sweep(createReadCache(folder, { [key]: entry }), { trusted: true });
  return file?.freshness ?? 'unknown';
}
