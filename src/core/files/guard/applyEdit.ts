import { createPacer } from '../pacer.ts';
import { findBytes } from './findBytes.ts';

export interface Edit {
  readonly old: string;
  readonly new: string;
  readonly all?: boolean;
}

export type Edited =
  | { readonly kind: 'edited'; readonly bytes: Buffer }
  | { readonly kind: 'no-match'; readonly matches: number }
  /** The result would be bigger than it may be; it was not made. */
  | { readonly kind: 'too-big'; readonly bytes: number };

/**
 * Replaces text in a file's bytes. It never decodes the file, so that a BOM, bytes that are not UTF-8 and everything
 * outside the edit survive. In a file whose every line ends with CRLF, LF in the edit means CRLF.
 */
export async function applyEdit(bytes: Buffer, edit: Edit, maxBytes: number): Promise<Edited> {
  // A lone surrogate has no bytes: it can't have been read from this file.
  if (edit.old === '' || !edit.old.isWellFormed()) return { kind: 'no-match', matches: 0 };
  const crlf = /\n/.test(edit.old + edit.new) && (await isCrlfThroughout(bytes));
  const old = Buffer.from(crlf ? toCrlf(edit.old) : edit.old);
  const replacement = Buffer.from(crlf ? toCrlf(edit.new) : edit.new);
  let matches = 0;
  let replaced = 0;
  await findBytes(
    bytes,
    old,
    notOverlapping(old.length, (isNew) => {
      matches++;
      if (isNew) replaced++;
    }),
  );
  if (matches === 0 || (matches > 1 && edit.all !== true)) return { kind: 'no-match', matches };
  const length = bytes.length + replaced * (replacement.length - old.length);
  if (length > maxBytes) return { kind: 'too-big', bytes: length };

  // A second search instead of a list: a file may have as many matches as bytes.
  const edited = Buffer.allocUnsafe(length);
  let from = 0;
  let to = 0;
  await findBytes(
    bytes,
    old,
    notOverlapping(old.length, (isNew, at) => {
      if (!isNew) return;
      to += bytes.copy(edited, to, from, at);
      to += replacement.copy(edited, to);
      from = at + old.length;
    }),
  );
  bytes.copy(edited, to, from);
  return { kind: 'edited', bytes: edited };
}

/** Matches may overlap (`aa` in `aaa`): what is replaced already is not replaced again. */
function notOverlapping(length: number, found: (isNew: boolean, at: number) => void): (at: number) => void {
  let end = 0;
  return (at) => {
    const isNew = at >= end;
    if (isNew) end = at + length;
    found(isNew, at);
  };
}

function toCrlf(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
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
