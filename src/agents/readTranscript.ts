import type { FileHandle } from 'node:fs/promises';
import type { Problem } from '../core/index.ts';
import type { Agent, ReaderOptions, RowCursor, TranscriptReader } from './agent.ts';
import { fileState, withFile } from './files.ts';
import { readLines } from './lines.ts';
import { parseObject } from './shape.ts';

/** How far a transcript was read: `bytes` is where the next line begins, `lines` how many lines (or records) lie before it. */
export interface ReadPosition {
  readonly bytes: number;
  readonly lines: number;
  /** Of rows. */
  readonly cursor?: RowCursor;
}

export interface PumpOptions {
  readonly from?: ReadPosition;
  /** Bytes from here on are left alone. */
  readonly to?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Pushes the whole lines of a file into a reader. A last line without its end is pushed only where it is whole JSON
 * already; else it waits, and is told as a `torn-line`.
 */
export async function pump(
  handle: FileHandle,
  reader: TranscriptReader,
  options: PumpOptions = {},
): Promise<ReadPosition & { readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  let { bytes, lines } = options.from ?? { bytes: 0, lines: 0 };
  const span = { from: bytes, number: lines + 1, to: options.to ?? Number.POSITIVE_INFINITY };
  for await (const batch of readLines(handle, {
    ...span,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })) {
    for (const line of batch) {
      if (line.torn && parseObject(line.text) === undefined) {
        if (line.text !== '') problems.push({ code: 'torn-line', line: line.number });
        continue;
      }
      if (line.invalidUtf8) problems.push({ code: 'invalid-utf8', line: line.number });
      reader.push(line.text, line);
      bytes = line.to;
      lines = line.torn ? lines : line.number;
    }
    options.onProgress?.(bytes);
  }
  return { bytes, lines, problems };
}

/** What stands before a transcript that continues another by reference, and the problems of that. */
export async function readBase(
  agent: Agent,
  transcript: string,
  seen: ReadonlySet<string> = new Set(),
): Promise<Pick<ReaderOptions, 'base'>> {
  const base = (await agent.baseOf?.(transcript)) ?? { kind: 'none' };
  // A circle of references has no beginning; the reader tells the missing one.
  if (base.kind !== 'found' || seen.has(base.transcript)) return {};
  const before = await readBase(agent, base.transcript, new Set([...seen, transcript]));
  const reader = agent.reader({ transcript: base.transcript, ...before });
  const state = await fileState(base.transcript);
  const read = await withFile(base.transcript, (handle) => pump(handle, reader, { to: base.bytes }));
  if (read === undefined || state === undefined || state.size < base.bytes) return {};
  const messages = reader.messages().map(({ raw, ...message }) => message);
  return { base: { messages, touches: reader.takeTouches() } };
}
