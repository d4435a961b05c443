import { setImmediate as turn } from 'node:timers/promises';
import { createPacer } from '../../core/index.ts';
import type { Layout, ReadRows } from '../agent.ts';
import { count, list, number, object, optional, parseObject, string } from '../shape.ts';
import { inDatabase } from './places.ts';
import { openRows } from './sessionRows.ts';
import { openTree } from './sessionTree.ts';
import type { SessionSource, StoredMessage, StoredRow } from './source.ts';

/**
 * So many of the last messages are looked at again, with their parts: opencode writes an answer and the state of its calls in
 * place, and nothing before. What it hides or removes by a revert is told by the session's own row.
 */
const WINDOW = 4;
const BATCH_BYTES = 256 * 1024;
const BATCH_RECORDS = 200;

/** Where reading goes on. */
interface Cursor {
  /** Of the session's own row. */
  readonly session: number;
  /** The revert that held then, as JSON. */
  readonly revert: string;
  /** The first message of the window. */
  readonly from: { readonly created: number; readonly id: string } | undefined;
  /** The newest change that was seen: another may follow within the same millisecond. */
  readonly top: number;
  /** When the rows of the window changed last, by their ids: a clock that was set back hides no change. */
  readonly known: ReadonlyMap<string, number>;
}

type Rows = Extract<Layout, { readonly kind: 'rows' }>;

/** A session in a database or an old storage, as records: `session`, `message` and `part`, each as an export has it. */
export function rowsOf(transcript: string): Rows {
  const open = () => openSource(transcript);
  return {
    kind: 'rows',
    rows: (since, options) => readRows(open, since, options?.signal),
    document: (options) => writeDocument(open, options?.signal),
  };
}

export async function openSource(transcript: string): Promise<SessionSource> {
  const place = inDatabase(transcript);
  return place === undefined ? openTree(transcript) : openRows(place.database, place.id);
}

async function* readRows(
  open: () => Promise<SessionSource>,
  since: string | undefined,
  signal: AbortSignal | undefined,
): ReturnType<ReadRows> {
  const before = since === undefined ? undefined : readCursor(since);
  const source = await open();
  try {
    const session = await source.session();
    if (session === undefined) throw missing();
    const revert = JSON.stringify(session.info['revert'] ?? null);
    let batch: { key: string; text: string }[] = [];
    let bytes = 0;
    let top = Math.max(before?.top ?? 0, session.stamp);
    /** The last messages so far, each with the stamps of its rows. */
    const window: { readonly message: StoredMessage; readonly stamps: [string, number][] }[] = [];
    const cursor = (): string =>
      JSON.stringify({
        session: session.stamp,
        revert,
        ...optional('from', fromOf(window[0]?.message) ?? before?.from),
        top,
        known: window.flatMap(({ stamps }) => stamps),
      });
    const put = (key: string, text: string): void => {
      batch.push({ key, text });
      bytes += text.length;
    };
    const tell = async (kind: 'message' | 'part', row: StoredRow, messageId: string): Promise<void> => {
      window.at(-1)?.stamps.push([row.id, row.stamp]);
      top = Math.max(top, row.stamp);
      const isNew = before === undefined || row.stamp >= before.top || before.known.get(row.id) !== row.stamp;
      const text = isNew ? (row.text ?? (await source.text(kind, row, messageId))) : undefined;
      if (text !== undefined) put(kind, text);
    };

    if (session.text !== undefined && before?.session !== session.stamp) put('session', session.text);
    // What was hidden may have been removed, which no row tells.
    if (before !== undefined && before.revert !== revert) put('left', await leftOf(source, before.revert));
    const isFull = (): boolean => bytes >= BATCH_BYTES || batch.length >= BATCH_RECORDS;
    const take = () => {
      const taken = { records: batch, cursor: cursor() };
      batch = [];
      bytes = 0;
      return taken;
    };
    for await (const message of source.messages(before?.from, before?.top ?? 0)) {
      signal?.throwIfAborted();
      if (isFull()) {
        yield take();
        await turn();
      }
      window.push({ message, stamps: [] });
      if (window.length > WINDOW) window.shift();
      await tell('message', message, message.id);
      for await (const part of source.parts(message.id, before?.top ?? 0)) {
        await tell('part', part, message.id);
        if (!isFull()) continue;
        yield take();
        await turn();
        signal?.throwIfAborted();
      }
    }
    yield take();
  } finally {
    source.close();
  }
}

function fromOf(message: StoredMessage | undefined): Cursor['from'] {
  return message === undefined ? undefined : { created: message.created, id: message.id };
}

/** The ids of all messages, and of the parts of the one that the revert went to. */
async function leftOf(source: SessionSource, revert: string): Promise<string> {
  const messages: string[] = [];
  const parts: string[] = [];
  const target = string(parseObject(revert)?.['messageID']) ?? '';
  for await (const message of source.messages(undefined, Number.POSITIVE_INFINITY)) messages.push(message.id);
  for await (const part of source.parts(target, Number.POSITIVE_INFINITY)) parts.push(part.id);
  return JSON.stringify({ messages, of: target, parts });
}

function readCursor(text: string): Cursor {
  const read = parseObject(text);
  const from = object(read?.['from']);
  const id = string(from?.['id']);
  const known = list(read?.['known']).flatMap((pair): [string, number][] => {
    const [name, stamp] = list(pair);
    return typeof name === 'string' && typeof stamp === 'number' ? [[name, stamp]] : [];
  });
  return {
    session: number(read?.['session']) ?? -1,
    revert: string(read?.['revert']) ?? 'null',
    from: id === undefined ? undefined : { created: count(from?.['created']), id },
    top: count(read?.['top']),
    known: new Map(known),
  };
}

/** As `opencode export` prints it, without its blanks. What is no JSON cannot be part of it. */
async function* writeDocument(
  open: () => Promise<SessionSource>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const source = await open();
  try {
    const session = await source.session();
    if (session === undefined) throw missing();
    yield `{"info":${JSON.stringify(session.info)},\n"messages":[`;
    let first = true;
    const pace = createPacer();
    for await (const message of source.messages(undefined, 0)) {
      signal?.throwIfAborted();
      if (message.text === undefined || parseObject(message.text) === undefined) continue;
      const parts: string[] = [];
      for await (const { text } of source.parts(message.id, 0)) {
        if (text !== undefined && parseObject(text) !== undefined) parts.push(text.trim());
      }
      yield `${first ? '' : ','}\n{"info":${message.text.trim()},"parts":[${parts.join(',')}]}`;
      first = false;
      await pace();
    }
    yield '\n]}\n';
  } finally {
    source.close();
  }
}

function missing(): Error {
  return Object.assign(new Error('ENOENT: there is no such session'), { code: 'ENOENT', syscall: 'read' });
}
