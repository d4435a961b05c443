import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';

/** One line of a file; `from` and `to` are its byte offsets [from, to), newline included. */
export interface Line {
  /** Without newline, carriage return, byte order mark and trailing NULs; invalid UTF-8 is U+FFFD. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** 1-based */
  readonly number: number;
  readonly invalidUtf8: boolean;
  /** The file ends before the line does: a write in progress, or a crash. */
  readonly torn: boolean;
}

/** Read in one go; much more would hold the event loop for longer than 20 ms where each line is parsed between two reads. */
const CHUNK = 256 * 1024;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * The lines of a file from byte `from` (the start of line `number`) to byte `to`, in batches of what one read brought;
 * a batch is to be used up before the next. A line may have any length. The event loop gets a turn between two batches.
 */
export async function* readLines(
  handle: FileHandle,
  options: {
    readonly from?: number;
    readonly to?: number;
    readonly number?: number;
    readonly signal?: AbortSignal;
  } = {},
): AsyncGenerator<Iterable<Line>> {
  const end = options.to ?? Number.POSITIVE_INFINITY;
  let offset = options.from ?? 0;
  let number = options.number ?? 1;
  let start = offset;
  let pieces: Buffer[] = [];
  // Two buffers for the whole file: while the lines of one are worked on, the other is filled.
  const buffers = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)] as const;
  let turn: 0 | 1 = 0;
  const fill = (from: number) => handle.read(buffers[turn], 0, Math.min(CHUNK, Math.max(0, end - from)), from);

  /** One line after the other is decoded, so that no more of them live than must. */
  function* linesOf(chunk: Buffer, base: number): Generator<Line> {
    let at = 0;
    for (let newline = chunk.indexOf(NEWLINE); newline !== -1; newline = chunk.indexOf(NEWLINE, at)) {
      const piece = chunk.subarray(at, newline);
      const bytes = pieces.length === 0 ? piece : Buffer.concat([...pieces, piece]);
      const from = start;
      pieces = [];
      at = newline + 1;
      start = base + at;
      number += 1;
      yield decode(bytes, from, start, number - 1, false);
    }
    if (at < chunk.length) pieces.push(Buffer.from(chunk.subarray(at)));
  }

  let filling = fill(offset);
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      const { bytesRead, buffer } = await filling;
      if (bytesRead === 0) break;
      turn = turn === 0 ? 1 : 0;
      filling = fill(offset + bytesRead);
      yield linesOf(buffer.subarray(0, bytesRead), offset);
      offset += bytesRead;
    }
  } finally {
    // Whoever stops early closes the file next: no read may be under way then.
    await filling;
  }
  if (pieces.length > 0) yield [decode(Buffer.concat(pieces), start, offset, number, true)];
}

function decode(bytes: Buffer, from: number, to: number, number: number, torn: boolean): Line {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === RETURN)) end -= 1;
  let begin = from === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  // A crash may leave a block of NULs before the line that was written next.
  while (begin < end && bytes[begin] === 0) begin += 1;
  const text = bytes.toString('utf8', begin, end);
  const invalidUtf8 = text.includes('\ufffd') && !isUtf8(bytes.subarray(begin, end));
  return { text, from, to, number, invalidUtf8, torn };
}
