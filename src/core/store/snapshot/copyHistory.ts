import type { DataFile } from '../disk/disk.ts';
import { writeAll } from '../disk/writeFileSafely.ts';
import { asWritten, readRange, writtenId } from './indexHistory.ts';

const SLICE = 1 << 20;
const LF = 0x0a;
const BETWEEN = Buffer.from(',\n');

/**
 * Copies the message lines of a file in our own layout as bytes, from the first line's offset on, and puts other
 * lines in place of those whose id is in `replace` (the first of each). Returns how many lines there are and the ids
 * that were not found; undefined, with part of it written, where the file turns out to be laid out otherwise.
 * While one slice is looked through, the next one is read and the last one is written.
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
  const read = (buffer: Buffer, at: number): Reading => {
    const done = source.read(buffer, 0, Math.min(buffer.length, end - at), at);
    // Reported where it is awaited; this only keeps a failure during other work from counting as unhandled.
    done.catch(() => undefined);
    return { buffer, done };
  };
  // One slice to look through, one to read into, one to write from.
  const free: Buffer[] = Array.from({ length: end - from > SLICE ? 2 : 0 }, () => Buffer.allocUnsafe(SLICE));
  let reading = read(Buffer.allocUnsafe(Math.min(SLICE, end - from)), from);
  let ahead: Reading | undefined;
  let writing: Promise<unknown> = Promise.resolve();
  let [count, atLineStart, skipping] = [0, true, false];
  try {
    for (let at = from; at < end; ) {
      const { buffer } = reading;
      const { bytesRead } = await reading.done;
      if (bytesRead === 0) return undefined;
      const into = at + bytesRead < end ? free.pop() : undefined;
      ahead = into && read(into, at + bytesRead);
      const pieces: Buffer[] = [];
      let kept = 0;
      let i = 0;
      while (i < bytesRead) {
        if (atLineStart) {
          const id = writtenId(buffer, i, bytesRead);
          if (id === undefined || (id === null && at + bytesRead >= end)) return undefined;
          if (id === null) break;
          count += 1;
          atLineStart = false;
          const replaced = ids.get(id);
          const line = replaced === undefined ? undefined : replace.get(replaced);
          if (line !== undefined) {
            pieces.push(buffer.subarray(kept, i), Buffer.from(line));
            skipping = true;
            ids.delete(id);
          }
        }
        const next = buffer.indexOf(LF, i);
        i = next < 0 || next >= bytesRead ? bytesRead : next + 1;
        if (next < 0 || next >= bytesRead) break;
        atLineStart = true;
        if (skipping) {
          pieces.push(BETWEEN);
          kept = i;
          skipping = false;
        }
      }
      if (i < bytesRead) {
        // The slice ends in the middle of a line's id: what was read ahead does not begin where the next look does.
        await ahead?.done;
        if (into) free.push(into);
        ahead = undefined;
      }
      if (i === 0) {
        // The id of one line does not fit the buffer.
        reading = read(Buffer.allocUnsafe(buffer.length * 4), at);
        continue;
      }
      if (!skipping) pieces.push(buffer.subarray(kept, i));
      await writing;
      writing = writeAll(target, pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)).then(() =>
        free.push(buffer),
      );
      writing.catch(() => undefined);
      at += i;
      if (at < end) {
        if (ahead === undefined && free.length === 0) await writing;
        reading = ahead ?? read(free.pop() ?? Buffer.allocUnsafe(SLICE), at);
        ahead = undefined;
      }
    }
    await writing;
  } finally {
    // Whoever called may truncate or close the files: nothing of ours may still be on its way.
    await Promise.allSettled([writing, reading.done, ahead?.done]);
  }
  return { count, missing: new Set(ids.values()) };
}

/** A read on its way into `buffer`. */
interface Reading {
  readonly buffer: Buffer;
  readonly done: Promise<{ readonly bytesRead: number }>;
}

/** The offset behind the last message, before the line break that precedes `]}`; undefined where the file ends otherwise. */
async function endOfHistory(source: DataFile, from: number, size: number): Promise<number | undefined> {
  const start = Math.max(from - 1, size - 64);
  const found = /\n\]\}\s*$/.exec((await readRange(source, start, size)).toString('latin1'));
  return found ? Math.max(start + found.index, from) : undefined;
}
