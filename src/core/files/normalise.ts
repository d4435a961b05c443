import { createHash } from 'node:crypto';
import { createPacer } from './pacer.ts';

const BOM = '\uFEFF';
const PIECE = 1 << 20;

/**
 * Text as every agent can be compared by: decoded as UTF-8 with U+FFFD for what is not, without a BOM, CRLF as LF
 * (agents record what they read in different ways: FORMATS 0.3).
 */
export function normaliseText(content: Uint8Array | string): string {
  const text = typeof content === 'string' ? content.toWellFormed() : new TextDecoder('utf-8').decode(content);
  return (text.startsWith(BOM) ? text.slice(1) : text).replaceAll('\r\n', '\n');
}

/** SHA-256 (hex) over the UTF-8 bytes of `normaliseText(content)`, made piece by piece so that no size blocks. */
export async function textSha256(content: Uint8Array | string): Promise<string> {
  const hash = createHash('sha256');
  const pause = createPacer();
  // A CR at the end of a piece may be half of a CRLF: it waits for the next piece.
  let carry = '';
  let first = true;
  for (const piece of typeof content === 'string' ? piecesOfText(content) : piecesOfBytes(content)) {
    let text = carry + piece;
    carry = text.endsWith('\r') ? '\r' : '';
    if (carry !== '') text = text.slice(0, -1);
    if (first && text !== '') {
      first = false;
      if (text.startsWith(BOM)) text = text.slice(1);
    }
    hash.update(text.replaceAll('\r\n', '\n'), 'utf8');
    await pause();
  }
  return hash.update(carry, 'utf8').digest('hex');
}

function* piecesOfText(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + PIECE, text.length);
    // Never cut a surrogate pair: each half alone would become U+FFFD.
    if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to++;
    yield text.slice(from, to).toWellFormed();
    from = to;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function* piecesOfBytes(bytes: Uint8Array): Generator<string> {
  // `ignoreBOM` keeps the BOM in the text: it is dropped in one place, above.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (let from = 0; from < bytes.length; from += PIECE) {
    yield decoder.decode(bytes.subarray(from, from + PIECE), { stream: true });
  }
  yield decoder.decode();
}
