import { createPacer } from '../pacer.ts';

export interface Edit {
  readonly old: string;
  readonly new: string;
  readonly all?: boolean;
}

export type Edited =
  | { readonly kind: 'edited'; readonly bytes: Buffer }
  | { readonly kind: 'no-match'; readonly matches: number };

/** A stretch that is searched in one go: about 2 ms. */
const STRETCH = 4 << 20;

/**
 * Replaces text in a file's bytes. It never decodes the file, so that a BOM, bytes that are not UTF-8 and everything
 * outside the edit survive. In a file whose every line ends with CRLF, LF in the edit means CRLF.
 */
export async function applyEdit(bytes: Buffer, edit: Edit): Promise<Edited> {
  // A lone surrogate has no bytes: it can't have been read from this file.
  if (edit.old === '' || !edit.old.isWellFormed()) return { kind: 'no-match', matches: 0 };
  const crlf = /\n/.test(edit.old + edit.new) && (await isCrlfThroughout(bytes));
  const old = Buffer.from(crlf ? toCrlf(edit.old) : edit.old);
  const replacement = Buffer.from(crlf ? toCrlf(edit.new) : edit.new);
  const found = await findAll(bytes, old);
  if (found.length === 0 || (found.length > 1 && edit.all !== true)) return { kind: 'no-match', matches: found.length };

  const pieces: Buffer[] = [];
  let from = 0;
  for (const at of found) {
    // Matches may overlap (`aa` in `aaa`): what is replaced already is not replaced again.
    if (at < from) continue;
    pieces.push(bytes.subarray(from, at), replacement);
    from = at + old.length;
  }
  pieces.push(bytes.subarray(from));
  return { kind: 'edited', bytes: await join(pieces) };
}

/** `Buffer.concat`, with pauses. */
async function join(pieces: readonly Buffer[]): Promise<Buffer> {
  const joined = Buffer.allocUnsafe(pieces.reduce((sum, { length }) => sum + length, 0));
  const pause = createPacer();
  let at = 0;
  for (const piece of pieces) {
    for (let from = 0; from < piece.length; from += STRETCH) {
      at += piece.copy(joined, at, from, from + STRETCH);
      await pause();
    }
  }
  return joined;
}

function toCrlf(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
}

/** Every place where `wanted` begins, overlapping ones included: two such places make an edit ambiguous. */
async function findAll(bytes: Buffer, wanted: Buffer): Promise<readonly number[]> {
  const found: number[] = [];
  const pause = createPacer();
  for (let from = 0; from < bytes.length; from += STRETCH) {
    const stretch = bytes.subarray(from, from + STRETCH + wanted.length - 1);
    for (let at = stretch.indexOf(wanted); at !== -1; at = stretch.indexOf(wanted, at + 1)) {
      found.push(from + at);
      await pause();
    }
    await pause();
  }
  return found;
}

async function isCrlfThroughout(bytes: Buffer): Promise<boolean> {
  const pause = createPacer();
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at - 1] !== 13) return false;
    if (++lines % 4096 === 0) await pause();
  }
  return lines > 0;
}
