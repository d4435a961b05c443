import { createPacer, type Problem } from '../core/index.ts';
import type { Agent, ReaderOptions, RowCursor, TranscriptReader } from './agent.ts';
import { readDocument } from './document.ts';
import { isSystemError, withFile } from './files.ts';
import { type PumpOptions, pump, type ReadPosition, readBase } from './readTranscript.ts';
import { optional } from './shape.ts';

export interface RecordsRead {
  readonly position: ReadPosition;
  readonly problems: readonly Problem[];
}

/** The file on disk of a transcript: of one in a database, the database. */
export function fileOf(agent: Agent, transcript: string): string {
  return agent.layout(transcript).kind === 'rows' ? transcript.replace(/#[^#/\\]*$/, '') : transcript;
}

/** What a reader of this transcript needs to know beside its records. */
export async function readerOptions(agent: Agent, transcript: string): Promise<ReaderOptions> {
  const beside = await agent.beside?.(transcript);
  return { transcript, ...(await readBase(agent, transcript)), ...optional('beside', beside) };
}

/**
 * Pushes the records of a transcript into a reader, whatever its layout; of lines and rows only those after
 * `options.from`. Undefined where the transcript cannot be read. Aborting rejects with the signal's reason.
 */
export async function readRecords(
  agent: Pick<Agent, 'layout'>,
  transcript: string,
  reader: TranscriptReader,
  options: PumpOptions = {},
): Promise<RecordsRead | undefined> {
  const layout = agent.layout(transcript);
  // A record may take its reader long: others get a turn between two.
  const pace = createPacer();
  switch (layout.kind) {
    case 'lines':
      return withFile(transcript, async (handle) => {
        const { problems, ...position } = await pump(handle, reader, options);
        return { position, problems };
      });
    case 'document':
      return withFile(transcript, async (handle) => {
        const problems: Problem[] = [];
        const records = readDocument(handle, { lists: layout.lists, ...optional('signal', options.signal) });
        let number = 0;
        for (;;) {
          const { done, value } = await records.next();
          if (done === true) {
            if (!value.whole) problems.push({ code: 'truncated' });
            return { position: { bytes: value.bytes, lines: number }, problems };
          }
          for (const { text, ...place } of value) {
            await pace();
            number += 1;
            reader.push(text, { ...place, number });
          }
          options.onProgress?.(value.at(-1)?.to ?? 0);
        }
      });
    case 'rows':
      try {
        let cursor: RowCursor | undefined = options.from?.cursor;
        let lines = options.from?.lines ?? 0;
        for await (const batch of layout.rows(cursor, optional('signal', options.signal))) {
          for (const { key, text } of batch.records) {
            await pace();
            lines += 1;
            reader.push(text, { from: 0, to: 0, number: lines, key });
          }
          cursor = batch.cursor;
        }
        return { position: { bytes: 0, lines, ...optional('cursor', cursor) }, problems: [] };
      } catch (error) {
        if (isSystemError(error)) return undefined;
        throw error;
      }
  }
}
