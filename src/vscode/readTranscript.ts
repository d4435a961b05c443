import { open } from 'node:fs/promises';
import { type Agent, pump, readBase, type TranscriptReader } from '../agents/index.ts';

/** Reads a transcript, or a mirror of one, as far as it is there; undefined where the file is gone. */
export async function readTranscript(agent: Agent, file: string): Promise<TranscriptReader | undefined> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const reader = agent.reader({ transcript: file, ...(await readBase(agent, file)) });
    await pump(handle, reader);
    return reader;
  } finally {
    await handle.close();
  }
}
