import { createPacer } from '../pacer.ts';
import type { Edited } from './applyEdit.ts';

/** UTF-16 units that are encoded in one go: about 1 ms. */
const PIECE = 1 << 20;

/** The bytes of a whole content; a text is UTF-8, made piece by piece, and not at all where it would be too big. */
export async function wholeContent(content: Uint8Array | string, maxBytes: number): Promise<Edited> {
  if (typeof content !== 'string') {
    return { kind: 'edited', bytes: Buffer.from(content.buffer, content.byteOffset, content.byteLength) };
  }
  // A unit takes a byte at least.
  if (content.length > maxBytes) return { kind: 'too-big', bytes: content.length };
  const pause = createPacer();
  const pieces: Buffer[] = [];
  for (let from = 0; from < content.length; ) {
    let to = Math.min(from + PIECE, content.length);
    // Half a surrogate pair has no bytes.
    if (to < content.length && (content.charCodeAt(to - 1) & 0xfc00) === 0xd800) to++;
    pieces.push(Buffer.from(content.slice(from, to)));
    from = to;
    await pause();
  }
  const [only] = pieces;
  return { kind: 'edited', bytes: pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces) };
}
