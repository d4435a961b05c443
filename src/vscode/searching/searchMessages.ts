import type { Message, SessionEntry } from '../../core/index.ts';
import type { Place } from '../places.ts';

/** A message in which every word was found. */
export interface Hit {
  readonly place: Place;
  readonly entry: SessionEntry;
  /** Counted from 1. */
  readonly message: number;
  readonly role: Message['role'];
  /** One line around the first word. */
  readonly snippet: string;
}

const PAGE = 50;
/** Characters that are looked at before the event loop gets a turn. */
const SLICE = 1 << 18;
/** Of a message, characters that are looked at: a tool's output may be the size of a disk. */
const MOST_CHARACTERS = 1 << 20;
const BEFORE = 30;
const SNIPPET = 160;

/** Looks through one session, newest messages first; a session that cannot be opened has no hits. */
export async function* searchMessages(
  place: Place,
  entry: SessionEntry,
  query: string,
  signal: AbortSignal,
): AsyncGenerator<Hit> {
  const words = plain(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return;
  const opened = await place.store.open(entry.name);
  if (opened.kind !== 'open') return;
  const { document } = opened;
  let looked = 0;
  try {
    for (let to = document.messageCount; to > 0; to -= PAGE) {
      const from = Math.max(0, to - PAGE);
      const messages = await document.messages(from, to);
      for (let i = messages.length - 1; i >= 0; i--) {
        if (signal.aborted) return;
        const message = messages[i];
        if (!message) continue;
        const text = textOf(message);
        const snippet = snippetOf(text, words);
        if (snippet !== undefined) yield { place, entry, message: from + i + 1, role: message.role, snippet };
        looked += text.length;
        if (looked < SLICE) continue;
        looked = 0;
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
  } finally {
    await document.close();
  }
}

/** Everything in a message that a person could have read: texts, calls and their results. */
function textOf({ content }: Message): string {
  if (typeof content === 'string') return content.slice(0, MOST_CHARACTERS);
  const texts: string[] = [];
  for (const part of content) {
    for (const field of ['text', 'name', 'input', 'output'] as const) {
      if (!Object.hasOwn(part, field)) continue;
      const value = (part as Readonly<Record<string, unknown>>)[field];
      if (value !== undefined) texts.push(typeof value === 'string' ? value : JSON.stringify(value));
    }
  }
  return texts.join('\n').slice(0, MOST_CHARACTERS);
}

/** Undefined where a word is missing. */
function snippetOf(text: string, words: readonly string[]): string | undefined {
  const all = plain(text);
  if (!words.every((word) => all.includes(word))) return undefined;
  // Small letters may have another length, so the place is only about right.
  const at = Math.max(0, all.indexOf(words[0] ?? '') - BEFORE);
  const cut = text
    .slice(at, at + SNIPPET)
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .trim();
  // A copy: a part of a text keeps the whole of it in memory.
  const copy = Buffer.from(cut).toString();
  return `${at > 0 ? '…' : ''}${copy}${at + SNIPPET < text.length ? '…' : ''}`;
}

function plain(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
