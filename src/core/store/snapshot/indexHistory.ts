import type { DataFile } from '../disk/disk.ts';
import { breathe } from '../disk/files.ts';
import { MESSAGE_START } from './layout.ts';
import { Offsets } from './offsets.ts';

/** Where the messages of a file are; message `i` lies in the bytes [start(i), end(i)). */
export interface HistoryIndex {
  readonly count: number;
  start(index: number): number;
  end(index: number): number;
  /** Where the wanted ids stand first, 0-based. */
  readonly places: ReadonlyMap<string, number>;
  /** In our own layout: every line starts with its id, and ",\n" stands between two of them. */
  readonly own: boolean;
  /** The document's end is missing; the index holds every whole message before the cut. */
  readonly truncated: boolean;
}

const SLICE = 1 << 20;
const LF = 0x0a;
const COMMA = 0x2c;
const START = Buffer.from(MESSAGE_START);

/** The id of the message line at `at` as it is written, or undefined where the line starts otherwise; null where `end` cuts it off. */
export function writtenId(buffer: Buffer, at: number, end: number): string | undefined | null {
  const from = at + START.length;
  for (let i = 0; i < START.length; i++) {
    if (at + i >= end) return null;
    if (buffer[at + i] !== START[i]) return undefined;
  }
  for (let i = from; i < end; i++) {
    if (buffer[i] === 0x5c) i++;
    else if (buffer[i] === 0x22) return buffer.toString('latin1', from, i);
  }
  return null;
}

/** An id as `writtenId` gives it. */
export function asWritten(id: string): string {
  return Buffer.from(JSON.stringify(id)).toString('latin1').slice(1, -1);
}

/**
 * The messages of a file in our own layout, from the first line's offset on; undefined where a line shows that the
 * file is laid out otherwise. Reads the file once, in slices.
 */
export async function indexHistory(
  file: DataFile,
  from: number,
  size: number,
  wanted: ReadonlySet<string>,
): Promise<HistoryIndex | undefined> {
  const ids = new Map([...wanted].map((id) => [asWritten(id), id]));
  const places = new Map<string, number>();
  const starts = new Offsets();
  let buffer = Buffer.allocUnsafe(Math.max(1, Math.min(SLICE, size - from)));
  let regionEnd = -1;
  let at = from;
  let atLineStart = true;
  while (at < size && regionEnd < 0) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) break;
    let i = 0;
    while (i < bytesRead) {
      if (atLineStart) {
        if (buffer[i] === 0x5d) {
          regionEnd = at + i;
          break;
        }
        // Without wanted ids the first byte tells enough; with them the id must be in the buffer.
        if (ids.size === 0) {
          if (buffer[i] !== 0x7b) return undefined;
        } else {
          const id = writtenId(buffer, i, bytesRead);
          if (id === undefined) return undefined;
          if (id === null) {
            if (at + bytesRead >= size) break;
            if (i === 0) buffer = Buffer.allocUnsafe(buffer.length * 4);
            break;
          }
          const place = ids.get(id);
          if (place !== undefined && !places.has(place)) places.set(place, starts.length);
        }
        starts.push(at + i);
        atLineStart = false;
      }
      const end = buffer.indexOf(LF, i);
      if (end < 0 || end >= bytesRead) {
        i = bytesRead;
        break;
      }
      i = end + 1;
      atLineStart = true;
    }
    if (i === 0 && at + bytesRead >= size) break;
    at += i;
    await breathe();
  }
  if (regionEnd >= 0) {
    const tail = await readRange(file, regionEnd, Math.min(size, regionEnd + 64));
    // Anything but the document's end means that fields follow: another layout.
    if (!/^\]\}\s*$/.test(tail.toString('latin1')) || size > regionEnd + 64) return undefined;
  }
  const truncated = regionEnd < 0;
  let last = regionEnd < 0 ? size : regionEnd;
  if (truncated && starts.length > 0) {
    // The last line is whole only if its line break is there.
    const end = atLineStart ? size : starts.at(starts.length - 1);
    if (!atLineStart) starts.pop();
    last = end;
  }
  const comma = starts.length > 0 && (await readRange(file, last - 2, last)).equals(Buffer.from([COMMA, LF]));
  const final = last - (comma ? 2 : 1);
  return {
    count: starts.length,
    start: (index) => starts.at(index),
    end: (index) => (index + 1 < starts.length ? starts.at(index + 1) - 2 : final),
    places,
    own: true,
    truncated,
  };
}

/** The bytes [from, to) of a file, fewer where it ends before. */
export async function readRange(file: DataFile, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.max(0, to - from));
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await file.read(buffer, done, buffer.length - done, from + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}
