import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { AgentHome, NativeWritten } from '../agent.ts';
import { refuseInvalid, refuseMisread } from '../checkWritten.ts';
import { namesIn, realPath } from '../files.ts';
import type { JsonObject } from '../shape.ts';
import { refuseTaken, writeTranscript } from '../writeTranscript.ts';
import { type ChildKind, checkedSessionId, childIds } from './ids.ts';
import { loadSession } from './loadSession.ts';
import { dataHome, transcriptOf } from './places.ts';
import { validate } from './validate.ts';

/** A message as an export has it. */
export interface NewMessage {
  readonly info: JsonObject;
  readonly parts: readonly JsonObject[];
}

export interface NewSession {
  /** Without what belongs to the place where it will be. */
  readonly info: JsonObject;
  readonly messages: AsyncIterable<NewMessage> | Iterable<NewMessage>;
}

export interface Target {
  readonly folder: string;
  readonly newId: string;
  readonly now: number;
}

/** What the messages of a new session are made with. */
export interface Making {
  readonly sessionId: string;
  /** The folder without symlinks. */
  readonly folder: string;
  /** ms since the epoch */
  readonly now: number;
  id(kind: ChildKind): string;
}

/**
 * Where exports wait for `opencode import`, which alone can put a session into the database: beside the agent's own data,
 * since they hold what that holds, and the command may be run later, by hand.
 */
function waitingFolder(where: AgentHome): string {
  return join(dataHome(where), 'holdfast', 'opencode');
}

/**
 * Writes a session as an export, with the command that imports it. Those that were imported since are removed; one that
 * waits under the same id is made anew. Throws EEXIST where opencode has a session of this id.
 */
export async function writeNewSession(
  where: AgentHome,
  target: Target,
  make: (making: Making) => Promise<NewSession>,
): Promise<NativeWritten> {
  const id = checkedSessionId(target.newId);
  refuseTaken(await transcriptOf(where, id));
  const waiting = waitingFolder(where);
  await removeImported(where, waiting);
  const folder = await realPath(target.folder);
  const now = Math.floor(target.now);
  const session = await make({ sessionId: id, folder, now, id: childIds(id, now) });
  const transcript = join(waiting, `${id}.json`);
  await rm(transcript, { force: true });
  const written = { messages: 0 };
  await writeTranscript(transcript, textOf(session, folder, written), (file) => check(file, written));
  return { nativeId: id, transcript, before: { command: 'opencode', args: ['import', transcript] } };
}

async function removeImported(where: AgentHome, waiting: string): Promise<void> {
  for (const name of await namesIn(waiting)) {
    const id = basename(name, '.json');
    if ((await transcriptOf(where, id)) !== undefined) await rm(join(waiting, name), { force: true });
  }
}

async function* textOf(session: NewSession, folder: string, written: { messages: number }): AsyncGenerator<string> {
  yield `{"info":${JSON.stringify({ ...session.info, directory: folder })},\n"messages":[`;
  for await (const message of session.messages) {
    yield `${written.messages === 0 ? '' : ','}${JSON.stringify(message)}`;
    written.messages += 1;
  }
  yield ']}';
}

async function check(file: string, { messages }: { readonly messages: number }): Promise<void> {
  refuseInvalid(await validate(file));
  const read = (await loadSession(file))?.messages.size ?? 0;
  refuseMisread(read, messages);
}

/** Times of messages, which opencode sorts by: none before the last one, none after now. */
export function createClock(now: number): (ms: number | undefined) => number {
  let last = 0;
  return (ms) => {
    last = Math.min(now, Math.max(last, Math.floor(ms ?? last)));
    return last;
  };
}
