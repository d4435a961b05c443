import { readDocument } from '../document.ts';
import { withFile } from '../files.ts';
import { readLines } from '../lines.ts';
import { parseObject } from '../shape.ts';
import { type Entry, entryOf, entryOfField, MESSAGE_LISTS } from './records.ts';

export interface ReadEntry {
  /** 1-based line, or record of a `.json`. */
  readonly number: number;
  /** Undefined for a record of a kind that is not known. */
  readonly entry: Entry | undefined;
  /** Not JSON, or torn. */
  readonly bad: boolean;
}

/** A session's files end in `.json` where they are one document, and so do their mirrors. */
export function isDocumentName(file: string): boolean {
  return file.toLowerCase().endsWith('.json');
}

/**
 * `see` on every record of a transcript, of a `.jsonl` only those before byte `upTo`. Answers whether it was whole;
 * undefined where it cannot be read.
 */
export async function readEntries(
  file: string,
  upTo: number | undefined,
  see: (read: ReadEntry) => void,
): Promise<{ readonly whole: boolean } | undefined> {
  return withFile(file, async (handle) => {
    if (!isDocumentName(file)) {
      for await (const batch of readLines(handle, upTo === undefined ? {} : { to: upTo })) {
        for (const { text, number } of batch) {
          if (text.trim() === '') continue;
          const record = parseObject(text);
          see({ number, entry: record === undefined ? undefined : entryOf(record, number), bad: record === undefined });
        }
      }
      return { whole: true };
    }
    const records = readDocument(handle, { lists: MESSAGE_LISTS });
    for (let number = 0; ; ) {
      const { done, value } = await records.next();
      if (done === true) return { whole: value.whole };
      for (const { key, text } of value) {
        number += 1;
        const wrapped = parseObject(`{"value":${text}}`);
        const entry = wrapped === undefined ? undefined : entryOfField(key, wrapped['value'], number);
        see({ number, entry, bad: entry === undefined });
      }
    }
  });
}
