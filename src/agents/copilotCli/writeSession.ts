import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AgentHome, NativeForkOptions, NativeWritten } from '../agent.ts';
import { refuseInvalid } from '../checkWritten.ts';
import { isSystemError, realPath, withFile } from '../files.ts';
import { pump } from '../readTranscript.ts';
import type { JsonObject } from '../shape.ts';
import { isUuid } from '../uuid.ts';
import { refuseTaken, writeTranscript } from '../writeTranscript.ts';
import { EVENTS, sessionsFolder, transcriptOf, WORKSPACE } from './places.ts';
import { copilotCliReader } from './reader.ts';
import { validate } from './validate.ts';
import { workspaceFile } from './workspace.ts';

export type Target = Pick<NativeForkOptions, 'folder' | 'newId' | 'title' | 'now'>;

/** Counts what it yields, as our own reader does. */
export type SessionLines = (
  folder: string,
  written: { messages: number },
) => AsyncIterable<JsonObject> | Iterable<JsonObject>;

/**
 * Writes `session-state/<id>/events.jsonl`, the id in the folder's name and in the first line, and the `workspace.yaml` by
 * which the agent lists it. The events are validated and read back before they get their name.
 */
export async function writeSession(where: AgentHome, target: Target, lines: SessionLines): Promise<NativeWritten> {
  const { newId } = target;
  if (!isUuid(newId)) throw new Error('a new session id must be a UUID');
  refuseTaken(await transcriptOf(where, newId));
  const folder = await realPath(target.folder);
  const transcript = join(sessionsFolder(where), newId, EVENTS);
  const written = { messages: 0 };
  await writeTranscript(transcript, texts(lines(folder, written)), (file) => check(file, newId, written));
  await writeWorkspace(dirname(transcript), target, folder);
  return { nativeId: newId, transcript };
}

async function* texts(lines: AsyncIterable<JsonObject> | Iterable<JsonObject>): AsyncGenerator<string> {
  for await (const line of lines) yield JSON.stringify(line);
}

async function check(file: string, newId: string, written: { readonly messages: number }): Promise<void> {
  refuseInvalid(await validate(file));
  const reader = copilotCliReader({ transcript: file });
  await withFile(file, (handle) => pump(handle, reader));
  const messages = reader.messages().length;
  if (messages !== written.messages || reader.facts().source.native_id !== newId) {
    throw new Error(`the session reads back as ${messages} of ${written.messages} messages`);
  }
}

/** One that is there stays: the session can be resumed by its events alone. */
async function writeWorkspace(session: string, target: Target, folder: string): Promise<void> {
  const time = new Date(target.now).toISOString();
  const text = workspaceFile({
    id: target.newId,
    cwd: folder,
    ...(target.title === undefined ? {} : { name: target.title, user_named: true }),
    created_at: time,
    updated_at: time,
  });
  try {
    const handle = await open(join(session, WORKSPACE), 'wx', 0o600);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'EEXIST') throw error;
  }
}

/** A UUID that follows from the session's id and a name in it. */
export function derivedUuid(newId: string, name: string): string {
  const hex = createHash('sha256').update(`${newId} ${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The first line, as the agent demands it. */
export function startData(newId: string, folder: string, now: number, kept: JsonObject = {}): JsonObject {
  return {
    version: 1,
    producer: 'holdfast',
    copilotVersion: '0.0.0',
    ...kept,
    sessionId: newId,
    startTime: new Date(now).toISOString(),
    context: { cwd: folder },
  };
}
