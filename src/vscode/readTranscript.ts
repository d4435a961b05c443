import { type Agent, readerOptions, readRecords, type TranscriptReader } from '../agents/index.ts';

/** Reads a transcript, or a mirror of one, as far as it is there; undefined where it cannot be read. */
export async function readTranscript(agent: Agent, file: string): Promise<TranscriptReader | undefined> {
  const reader = agent.reader(await readerOptions(agent, file));
  return (await readRecords(agent, file, reader)) === undefined ? undefined : reader;
}
