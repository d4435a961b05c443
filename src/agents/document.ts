import type { FileHandle } from 'node:fs/promises';

/** One record of a JSON text (see `Layout`); `from` and `to` are its byte offsets [from, to). */
export interface DocumentRecord {
  /** The field of the outermost object; '' where the outermost value is an array. */
  readonly key: string;
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

export interface DocumentEnd {
  /** False where the text ends too early, or is no JSON array or object at its outermost: what came before still counts. */
  readonly whole: boolean;
  readonly bytes: number;
}

/** What the beginning of a JSON text tells. */
export interface DocumentHead {
  readonly outermost: 'list' | 'object' | undefined;
  /** Those that it holds whole. */
  readonly records: readonly DocumentRecord[];
  /** The one that goes on behind it. */
  readonly open?: { readonly key: string; readonly text: string };
}

const CHUNK = 256 * 1024;
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Splits a JSON text into records, in batches of what one read brought: a long list is never parsed, nor held, as a
 * whole. Only brackets, quotes and commas are looked at; whoever takes a record parses it, and finds what is wrong in it.
 */
export async function* readDocument(
  handle: FileHandle,
  options: { readonly lists: readonly string[]; readonly signal?: AbortSignal },
): AsyncGenerator<readonly DocumentRecord[], DocumentEnd> {
  const splitter = createSplitter(new Set(options.lists));
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (let offset = 0; ; ) {
    options.signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, CHUNK, offset);
    if (bytesRead === 0) return { whole: splitter.ended(), bytes: offset };
    const records = splitter.push(buffer.subarray(0, bytesRead), offset);
    offset += bytesRead;
    if (records.length > 0) yield records;
  }
}

/** The records of the first part of a JSON text, wherever that ends: for those who look whose it is. */
export function documentHead(head: string, lists: readonly string[]): DocumentHead {
  const splitter = createSplitter(new Set(lists));
  const records = splitter.push(Buffer.from(head), 0);
  const open = splitter.open();
  return { outermost: splitter.outermost(), records, ...(open === undefined ? {} : { open }) };
}

function createSplitter(lists: ReadonlySet<string>) {
  let depth = 0;
  /** Where records stand: in the outermost value, or one deeper, in one of the lists. */
  let level = 1;
  let outermost: 'list' | 'object' | undefined;
  let inString = false;
  let escaped = false;
  let ended = false;
  let key = '';
  /** Between a field's name and its colon there may be blanks, as anywhere. */
  let awaitsKey = false;
  let start = -1;
  let pieces: Buffer[] = [];
  let records: DocumentRecord[] = [];

  function push(chunk: Buffer, base: number): readonly DocumentRecord[] {
    records = [];
    let from = start === -1 ? -1 : 0;
    const begin = (at: number): void => {
      start = base + at;
      from = at;
    };
    const end = (at: number): void => {
      if (start === -1) return;
      if (from < at) pieces.push(chunk.subarray(from, at));
      take(base + at);
      from = -1;
    };
    for (let at = 0; at < chunk.length; at += 1) {
      if (inString) {
        at = endOfString(chunk, at);
        continue;
      }
      const byte = chunk[at] as number;
      if (byte <= 0x20 || ended) continue;
      // The first byte of a value; a byte order mark before the outermost one is none.
      if (depth === level && start === -1 && byte !== COMMA && byte !== CLOSE_LIST && byte !== CLOSE_OBJECT) {
        if (byte === OPEN_LIST && level === 1 && outermost === 'object' && !awaitsKey && lists.has(key)) {
          depth += 1;
          level = 2;
          continue;
        }
        begin(at);
      }
      switch (byte) {
        case QUOTE:
          inString = true;
          break;
        case COLON:
          if (awaitsKey && depth === 1 && start !== -1) {
            if (from < at) pieces.push(chunk.subarray(from, at));
            key = fieldName();
            from = -1;
            awaitsKey = false;
          }
          break;
        case COMMA:
          if (depth === level) end(at);
          if (depth === 1 && outermost === 'object') awaitsKey = true;
          break;
        case OPEN_LIST:
        case OPEN_OBJECT:
          if (depth === 0) {
            outermost = byte === OPEN_LIST ? 'list' : 'object';
            awaitsKey = outermost === 'object';
          }
          depth += 1;
          break;
        case CLOSE_LIST:
        case CLOSE_OBJECT:
          if (depth === level) end(at);
          depth -= 1;
          if (level === 2 && depth === 1) level = 1;
          if (depth <= 0) ended = outermost !== undefined;
          break;
      }
    }
    // The buffer is filled again: what is needed of it is kept.
    if (start !== -1 && from !== -1) pieces.push(Buffer.from(chunk.subarray(from)));
    return records;
  }

  /** Where the quote is that ends the text which goes on at `at`, or the length: most of a transcript is texts. */
  function endOfString(chunk: Buffer, at: number): number {
    for (let quote = chunk.indexOf(QUOTE, at); ; quote = chunk.indexOf(QUOTE, quote + 1)) {
      const end = quote === -1 ? chunk.length : quote;
      let first = end;
      while (first > at && chunk[first - 1] === BACKSLASH) first -= 1;
      const isOdd = (end - first) % 2 === 1;
      // Backslashes up to where the piece begins go on from the one before.
      const isEscaped = first === at && escaped ? !isOdd : isOdd;
      if (quote === -1) {
        escaped = isEscaped;
        return end;
      }
      if (isEscaped) continue;
      escaped = false;
      inString = false;
      return quote;
    }
  }

  function fieldName(): string {
    const text = textOf();
    start = -1;
    try {
      return String(JSON.parse(text));
    } catch {
      // No name at all: the value is passed on under what stands there.
      return text;
    }
  }

  function textOf(): string {
    const text = Buffer.concat(pieces).toString('utf8').trimEnd();
    pieces = [];
    return text;
  }

  function take(to: number): void {
    const text = textOf();
    if (text !== '' && !awaitsKey) records.push({ key: outermost === 'list' ? '' : key, text, from: start, to });
    start = -1;
  }

  return {
    push,
    ended: () => ended,
    outermost: () => outermost,
    /** The record that has begun; nothing can be pushed after this. */
    open: () => (start === -1 || awaitsKey ? undefined : { key: outermost === 'list' ? '' : key, text: textOf() }),
  };
}
