import { join } from 'node:path';
import type { AgentHome, NativeForkOptions, NativeWriteOptions, NativeWritten } from '../agent.ts';
import { refuseInvalid } from '../checkWritten.ts';
import { withFile } from '../files.ts';
import { pump } from '../readTranscript.ts';
import { type JsonObject, optional } from '../shape.ts';
import { isUuid } from '../uuid.ts';
import { refuseTaken, writeTranscript } from '../writeTranscript.ts';
import { transcriptOf } from './find.ts';
import { chatsFolder, projectRoot, rootHash, sessionName } from './places.ts';
import { geminiReader } from './reader.ts';
import { validate } from './validate.ts';

type Target = Pick<NativeForkOptions & NativeWriteOptions, 'folder' | 'newId' | 'title' | 'now'>;

/** The records of a conversation; counts the messages that they are for our own reader. */
export type SessionRecords = (written: { messages: number }) => AsyncIterable<JsonObject> | Iterable<JsonObject>;

/**
 * Writes a session where Gemini finds it for the folder, under a name that outlives Gemini's own cleaning (see
 * `sessionName`). `lastUpdated` is now: a session that is older than 30 days is removed at the next start.
 */
export async function writeSession(
  where: AgentHome,
  target: Target & { readonly startTime?: string },
  records: SessionRecords,
): Promise<NativeWritten> {
  const { newId, now, folder } = target;
  if (!isUuid(newId)) throw new Error('a new session id must be a UUID');
  refuseTaken(await transcriptOf(where, newId));
  const time = new Date(now).toISOString();
  const header = {
    sessionId: newId,
    projectHash: rootHash(await projectRoot(folder)),
    startTime: target.startTime ?? time,
    lastUpdated: time,
    kind: 'main',
    ...optional('summary', target.title),
  };
  const transcript = join(await chatsFolder(where, folder), sessionName(newId, now));
  const written = { messages: 0 };
  await writeTranscript(transcript, linesOf(header, records(written)), (file) => check(file, newId, written));
  return { nativeId: newId, transcript };
}

async function* linesOf(
  header: JsonObject,
  records: AsyncIterable<JsonObject> | Iterable<JsonObject>,
): AsyncGenerator<string> {
  yield JSON.stringify(header);
  for await (const record of records) yield JSON.stringify(record);
}

async function check(file: string, newId: string, { messages }: { readonly messages: number }): Promise<void> {
  refuseInvalid(await validate(file));
  const reader = geminiReader({ transcript: file });
  await withFile(file, (handle) => pump(handle, reader));
  const read = reader.messages().length;
  if (read !== messages || reader.facts().source.native_id !== newId) {
    throw new Error(`the session reads back as ${read} of ${messages} messages`);
  }
}
