import { readFile } from 'node:fs/promises';
import type { Agent, Layout, TranscriptReader } from '../../src/agents/index.ts';
import { createMessageLog } from '../../src/agents/messageLog.ts';
import { createTouchLog } from '../../src/agents/touchLog.ts';
import type { FileTouch, Message } from '../../src/core/index.ts';

/** A message of the agents below; `touch` is the path of a file that it read whole, with its text. */
export interface Note {
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'tool';
  readonly text: string;
  readonly calls?: readonly string[];
  readonly touch?: { readonly path: string; readonly text: string };
}

/** What stands in the transcript of an agent that rewrites it as a whole. */
export function documentOf(notes: readonly Note[], id = 'n-1'): string {
  return JSON.stringify({ id, messages: notes, end: true });
}

/** Rows are a JSON list; each write of one gives it the next number. */
export interface Row {
  readonly number: number;
  readonly note?: Note;
  /** Everything after this message is taken back. */
  readonly back?: string;
}

/** An agent in miniature for each way of keeping a transcript but lines. */
export function miniature(kind: 'document' | 'rows'): Agent & { readonly rowsRead: () => number } {
  let rowsRead = 0;
  const layout = (transcript: string): Layout => {
    if (kind === 'document' || transcript.endsWith('.json')) return { kind: 'document', lists: ['messages'] };
    const read = async () => JSON.parse(await readFile(transcript.replace(/#.*$/, ''), 'utf8')) as readonly Row[];
    return {
      kind: 'rows',
      async *rows(since) {
        const after = since === undefined ? 0 : Number(since);
        const fresh = (await read()).filter(({ number }) => number > after);
        rowsRead += fresh.length;
        const records = fresh.map((row) => ({ key: 'messages', text: JSON.stringify(row.note ?? { back: row.back }) }));
        yield { records, cursor: String(fresh.at(-1)?.number ?? after) };
      },
      async *document() {
        const notes = new Map<string, Note>();
        for (const { note, back } of await read()) {
          if (note !== undefined) notes.set(note.id, note);
          const ids = [...notes.keys()];
          if (back !== undefined) for (const id of ids.slice(ids.indexOf(back) + 1)) notes.delete(id);
        }
        yield documentOf([...notes.values()]);
      },
    };
  };
  return {
    id: 'messages',
    label: 'Miniature',
    watchRoots: () => [],
    watched: '*',
    find: async () => [],
    recognises: () => false,
    currentConfig: async () => ({}),
    layout,
    reader: ({ transcript }) => readerOf(transcript),
    rowsRead: () => rowsRead,
  };
}

function readerOf(transcript: string): TranscriptReader {
  const history = createMessageLog([]);
  const touches = createTouchLog();
  let id: string | undefined;
  return {
    push(text, { key }) {
      const value = JSON.parse(text);
      if (key === 'id') id = value;
      if (key !== 'messages') return;
      if (value.back !== undefined) {
        history.truncate(history.messages().findIndex((message) => message.id === value.back) + 1);
        return;
      }
      const note = value as Note;
      const message = messageOf(note);
      if (!history.replace(note.id, message)) history.append(message);
      if (note.touch !== undefined) touches.add(touchOf(note, note.touch));
    },
    takeEvents: () => history.takeEvents(),
    takeTouches: () => touches.take(),
    messages: () => history.messages(),
    facts: () => ({
      source: { agent: 'messages', transcript, ...(id === undefined ? {} : { native_id: id }) },
      config: {},
      metadata: {},
    }),
    counts: () => ({
      prompts: 0,
      assistantMessages: 0,
      toolCalls: 0,
      reads: 0,
      fullReads: 0,
      edits: 0,
      models: [],
      versions: [],
      tokensIn: 0,
      tokensOut: 0,
    }),
    problems: () => [],
  };
}

export function messageOf({ id, role, text, calls = [] }: Note): Message {
  if (role === 'tool') return { id, role, content: [{ type: 'tool_result', call_id: calls[0] ?? '', output: text }] };
  if (calls.length === 0) return { id, role, content: text };
  const made = calls.map((call) => ({ type: 'tool_call' as const, id: call, name: 'read', input: {} }));
  return { id, role, content: [{ type: 'text', text }, ...made] };
}

function touchOf({ id }: Note, { path, text }: NonNullable<Note['touch']>): FileTouch {
  return { path, op: 'read', full: true, text, messageId: id, at: '2026-11-21T10:00:00.000Z' };
}
