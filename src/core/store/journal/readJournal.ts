import fs from 'node:fs';
import type { SessionEvent } from '../../session/event.ts';
import type { Problem } from '../../session/problem.ts';
import * as disk from '../disk/disk.ts';
import { codeOf, pacer } from '../disk/files.ts';
import { type JournalHeader, readJournalLine } from './journalLine.ts';

/** What a journal file holds. */
export interface JournalContent {
  readonly ino: bigint;
  readonly header: JournalHeader | undefined;
  readonly events: readonly SessionEvent[];
  /** Byte offset behind each event. */
  readonly ends: readonly number[];
  /** Byte offset behind the last whole line. */
  readonly bytes: number;
  /** Lines that were meant to be events. */
  readonly of: number;
  readonly problems: readonly Problem[];
  /** A line other than a torn last one could not be read: the file is worth keeping. */
  readonly damaged: boolean;
}

const SLICE = 1 << 20;

/** Reads a journal in slices; undefined where there is none. What cannot be read is a problem with its line number. */
export async function readJournal(file: string): Promise<JournalContent | undefined> {
  const handle = await disk.open(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0)).catch((error) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return undefined;
  try {
    const { ino, size } = await handle.stat();
    const events: SessionEvent[] = [];
    const ends: number[] = [];
    const problems: Problem[] = [];
    let header: JournalHeader | undefined;
    let [bytes, of, number, damaged] = [0, 0, 0, false];
    const take = (line: Buffer, end: number, torn: boolean) => {
      number += 1;
      if (line.every((byte) => byte === 0x20 || byte === 0x0d)) return;
      for (const record of readJournalLine(line)) {
        switch (record.kind) {
          case 'header':
            header ??= record.header;
            break;
          case 'event':
            of += 1;
            // A whole record whose line break is missing was never acknowledged as far as the file tells, yet it is whole.
            events.push(record.event);
            ends.push(end);
            break;
          case 'unknown':
            of += 1;
            damaged = true;
            problems.push({ code: 'bad-shape', line: number });
            break;
          case 'damaged':
            of += 1;
            if (!torn) damaged = true;
            problems.push({ code: torn ? 'torn-line' : 'bad-checksum', line: number });
            break;
          default:
            record satisfies never;
        }
      }
    };
    let rest: Buffer = Buffer.alloc(0);
    const pace = pacer();
    for (;;) {
      const at = bytes + rest.length;
      // What was appended since the look at the size is read too: by small steps.
      const length = Math.min(SLICE, Math.max(4096, Number(size) - at));
      const slice = Buffer.allocUnsafe(length);
      const { bytesRead } = await handle.read(slice, 0, length, at);
      if (bytesRead === 0) break;
      const chunk =
        rest.length === 0 ? slice.subarray(0, bytesRead) : Buffer.concat([rest, slice.subarray(0, bytesRead)]);
      let from = 0;
      for (let to = chunk.indexOf(0x0a); to >= 0; to = chunk.indexOf(0x0a, from)) {
        take(chunk.subarray(from, to), bytes + to + 1, false);
        from = to + 1;
        await pace();
      }
      bytes += from;
      rest = chunk.subarray(from);
    }
    if (rest.length > 0) {
      take(rest, bytes + rest.length, true);
      if (problems.at(-1)?.code !== 'torn-line' && ends.at(-1) === bytes + rest.length) bytes += rest.length;
    }
    return { ino, header, events, ends, bytes, of, problems, damaged };
  } finally {
    await handle.close();
  }
}
