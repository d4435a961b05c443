import type { DataFile } from './disk.ts';
import { asWritten, readRange, writtenId } from './indexHistory.ts';
import { writeAll } from './writeFileSafely.ts';

const SLICE = 1 << 20;
const LF = 0x0a;
const BETWEEN = Buffer.from(',\n');

/**
 * Copies the message lines of a file in our own layout as bytes, from the first line's offset on, and puts other
 * lines in place of those whose id is in `replace` (the first of each). Returns how many lines there are and the ids
 * that were not found; undefined, with part of it written, where the file turns out to be laid out otherwise.
 * The next slice is read while the last one is written.
 */
export async function copyHistory(
  source: DataFile,
  target: DataFile,
  from: number,
  size: number,
  replace: ReadonlyMap<string, string>,
): Promise<{ readonly count: number; readonly missing: ReadonlySet<string> } | undefined> {
  const end = await endOfHistory(source, from, size);
  if (end === undefined) return undefined;
  const ids = new Map([...replace.keys()].map((id) => [asWritten(id), id]));
  let reading: Buffer = Buffer.allocUnsafe(Math.min(SLICE, end - from));
  let spare: Buffer = Buffer.allocUnsafe(end - from > SLICE ? SLICE : 0);
  let writing: Promise<void> = Promise.resolve();
  let [count, atLineStart, skipping] = [0, true, false];
  for (let at = from; at < end; ) {
    const { bytesRead } = await source.read(reading, 0, Math.min(reading.length, end - at), at);
    if (bytesRead === 0) return undefined;
    const pieces: Buffer[] = [];
    let kept = 0;
    let i = 0;
    while (i < bytesRead) {
      if (atLineStart) {
        const id = writtenId(reading, i, bytesRead);
        if (id === undefined || (id === null && at + bytesRead >= end)) return undefined;
        if (id === null) break;
        count += 1;
        atLineStart = false;
        const replaced = ids.get(id);
        const line = replaced === undefined ? undefined : replace.get(replaced);
        if (line !== undefined) {
          pieces.push(reading.subarray(kept, i), Buffer.from(line));
          skipping = true;
          ids.delete(id);
        }
      }
      const next = reading.indexOf(LF, i);
      i = next < 0 || next >= bytesRead ? bytesRead : next + 1;
      if (next < 0 || next >= bytesRead) break;
      atLineStart = true;
      if (skipping) {
        pieces.push(BETWEEN);
        kept = i;
        skipping = false;
      }
    }
    if (i === 0) {
      // The id of one line does not fit the buffer.
      reading = Buffer.allocUnsafe(reading.length * 4);
      continue;
    }
    if (!skipping) pieces.push(reading.subarray(kept, i));
    await writing;
    writing = writeAll(target, pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces));
    // Reported where it is awaited; this only keeps a failure during the next read from counting as unhandled.
    writing.catch(() => undefined);
    [reading, spare] = [spare, reading];
    at += i;
  }
  await writing;
  return { count, missing: new Set(ids.values()) };
}

/** The offset behind the last message, before the line break that precedes `]}`; undefined where the file ends otherwise. */
async function endOfHistory(source: DataFile, from: number, size: number): Promise<number | undefined> {
  const start = Math.max(from - 1, size - 64);
  const found = /\n\]\}\s*$/.exec((await readRange(source, start, size)).toString('latin1'));
  return found ? Math.max(start + found.index, from) : undefined;
}
