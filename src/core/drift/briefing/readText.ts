import { isUtf8 } from 'node:buffer';
import { closeSync } from 'node:fs';
import { ioFailure, openFile, readVersion } from '../../files/version.ts';

/** A bigger file is summarised, not compared. */
export const MAX_TEXT_BYTES = 1 << 20;

/** The text of a file now; undefined where there is none: gone, not readable, not UTF-8, binary, over 1 MiB. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    const opened = openFile(path);
    if (opened.kind !== 'open') return undefined;
    try {
      if (opened.stat.size > MAX_TEXT_BYTES) return undefined;
      return textOf((await readVersion(opened.fd)).bytes);
    } finally {
      closeSync(opened.fd);
    }
  } catch (error) {
    // Told without its text; that it can't be read is what the sweep says.
    ioFailure(error, path);
    return undefined;
  }
}

/** Undefined for bytes that are no text. */
export function textOf(bytes: Buffer): string | undefined {
  return bytes.includes(0) || !isUtf8(bytes) ? undefined : bytes.toString('utf8');
}
