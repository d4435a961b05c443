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

/**
 * 64 KiB in one go would be slower, 1 MiB would block the event loop for longer than 20 ms where each line is parsed
 * between two reads.
 */
const CHUNK = 256 * 1024;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * The lines of a file from byte `from` (the start of line `number`) to byte `to`, in batches of what one read brought.
 * A line may have any length. The event loop gets a turn between two batches.
 */
export async function* readLines(
  handle: FileHandle,
  options: {
    readonly from?: number;
    readonly to?: number;
    readonly number?: number;
    readonly signal?: AbortSignal;
  } = {},
): AsyncGenerator<readonly Line[]> {
  const end = options.to ?? Number.POSITIVE_INFINITY;
  let offset = options.from ?? 0;
  let number = options.number ?? 1;
  let start = offset;
  let pieces: Buffer[] = [];
  while (offset < end) {
    options.signal?.throwIfAborted();
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, end - offset));
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, offset);
    if (bytesRead === 0) break;
    const batch: Line[] = [];
    let at = 0;
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, at);
      if (newline === -1 || newline >= bytesRead) break;
      const piece = chunk.subarray(at, newline);
      const to = offset + newline + 1;
      const bytes = pieces.length === 0 ? piece : Buffer.concat([...pieces, piece]);
      batch.push(decode(bytes, { from: start, to, number, torn: false }));
      pieces = [];
      at = newline + 1;
      start = to;
      number += 1;
    }
    if (at < bytesRead) pieces.push(chunk.subarray(at, bytesRead));
    offset += bytesRead;
    if (batch.length > 0) yield batch;
  }
  if (pieces.length > 0) yield [decode(Buffer.concat(pieces), { from: start, to: offset, number, torn: true })];
}

function decode(bytes: Buffer, at: { from: number; to: number; number: number; torn: boolean }): Line {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === RETURN)) end -= 1;
  let begin = at.from === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  // A crash may leave a block of NULs before the line that was written next.
  while (begin < end && bytes[begin] === 0) begin += 1;
  const text = bytes.toString('utf8', begin, end);
  const invalidUtf8 = text.includes('\ufffd') && !isUtf8(bytes.subarray(begin, end));
  return { text, invalidUtf8, ...at };
}
