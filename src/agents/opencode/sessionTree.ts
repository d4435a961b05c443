import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileState, isSystemError, namesIn } from '../files.ts';
import { parseObject, string } from '../shape.ts';
import { besideSession } from './places.ts';
import type { SessionSource, StoredMessage, StoredRow } from './source.ts';

interface StoredFile extends StoredRow {
  readonly path: string;
}

/** A session of an old storage: its file, `message/<session>/*.json` and `part/<message>/*.json` (once all in `part`). */
export function openTree(transcript: string): SessionSource {
  const { messages: messagesFolder, parts: partsFolder } = besideSession(transcript);
  const paths = new Map<string, string>();
  let id = basename(transcript, '.json');
  let flat: Promise<ReadonlyMap<string, readonly StoredFile[]>> | undefined;

  async function* filesIn(folder: string, since: number, from = ''): AsyncGenerator<StoredFile> {
    const names = (await namesIn(folder)).filter((name) => name.endsWith('.json') && name >= from).sort();
    for (const name of names) {
      const path = join(folder, name);
      const state = await fileState(path);
      if (state === undefined) continue;
      const text = state.mtimeMs >= since ? await textOf(path) : undefined;
      const named = text === undefined ? undefined : string(parseObject(text)?.['id']);
      const row = { id: named ?? basename(name, '.json'), stamp: state.mtimeMs, path };
      paths.set(row.id, path);
      yield text === undefined ? row : { ...row, text };
    }
  }

  async function flatParts(): Promise<ReadonlyMap<string, readonly StoredFile[]>> {
    const byMessage = new Map<string, StoredFile[]>();
    for await (const file of filesIn(partsFolder, 0)) {
      const messageId = string(parseObject(file.text ?? '')?.['messageID']) ?? '';
      byMessage.set(messageId, [...(byMessage.get(messageId) ?? []), file]);
    }
    return byMessage;
  }

  async function* messages(from: { readonly id: string } | undefined, since: number): AsyncGenerator<StoredMessage> {
    const folder = join(messagesFolder, id);
    const start = from === undefined ? '' : basename(paths.get(from.id) ?? `${from.id}.json`);
    for await (const file of filesIn(folder, since, start)) yield { ...file, created: 0 };
  }

  async function* parts(messageId: string, since: number): AsyncGenerator<StoredRow> {
    if (!/^[\w-]+$/.test(messageId)) return;
    const folder = join(partsFolder, messageId);
    let found = false;
    for await (const file of filesIn(folder, since)) {
      found = true;
      yield file;
    }
    if (found) return;
    flat ??= flatParts();
    yield* (await flat).get(messageId) ?? [];
  }

  return {
    async session() {
      const text = await readFile(transcript, 'utf8');
      const info = parseObject(text);
      const state = await fileState(transcript);
      if (info === undefined) return { id, stamp: state?.mtimeMs ?? 0, info: {}, text };
      const named = string(info['id']);
      if (named !== undefined && /^[\w-]+$/.test(named)) id = named;
      return { id, stamp: state?.mtimeMs ?? 0, info, text };
    },
    messages,
    parts,
    text: (_kind, row) => textOf(paths.get(row.id) ?? ''),
    close: () => undefined,
  };
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // Removed since it was listed.
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
