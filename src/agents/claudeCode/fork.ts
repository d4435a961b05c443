import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { INTERRUPTED } from '../../core/index.ts';
import type { AgentHome, NativeForkOptions, NativeWritten } from '../agent.ts';
import { InvalidTranscript, refuseInvalid, refuseMisread } from '../checkWritten.ts';
import { realPath } from '../files.ts';
import { readLines } from '../lines.ts';
import { pump } from '../readTranscript.ts';
import { type JsonObject, parseObject, string, time } from '../shape.ts';
import { isUuid } from '../uuid.ts';
import { refuseTaken, writeTranscript } from '../writeTranscript.ts';
import { findBase } from './find.ts';
import { choose, type Plan, readLinks, resultOf } from './forkPlan.ts';
import { madeUuid, resultBlock, titleLine } from './line.ts';
import { projectFolder, transcriptOf } from './places.ts';
import { claudeCodeReader } from './reader.ts';
import { validate } from './validate.ts';

/**
 * Writes the active branch up to byte `upTo` as a session of its own, in the form that the agent's own
 * `--fork-session` gives it: same uuids, new session id (FORMATS 1.8). Lines of sub-agents, progress and requests are
 * left out. The file is read back before it gets its name, since the agent passes over lines without uuid, parent or
 * time in silence. One that begins in another file (2.0.1) is not followed there, and refused: its messages are whole.
 */
export async function fork(where: AgentHome, options: NativeForkOptions): Promise<NativeWritten> {
  if (!isUuid(options.newId)) throw new Error('a new session id must be a UUID');
  refuseTaken(await transcriptOf(where, options.newId));
  const base = await findBase(options.raw);
  if (base.kind === 'found')
    throw new InvalidTranscript([{ code: 'broken-chain', record: 1, detail: basename(base.transcript) }]);
  const plan = choose(await readLinks(options.raw, options.upTo));
  if (plan === undefined) throw new InvalidTranscript([{ code: 'empty' }]);
  const folder = await realPath(options.folder);
  const transcript = join(await projectFolder(where, options.folder), `${options.newId}.jsonl`);
  await writeTranscript(transcript, forkedLines(options, plan, folder), (file) => check(file, transcript, plan));
  return { nativeId: options.newId, transcript };
}

async function* forkedLines(options: NativeForkOptions, plan: Plan, folder: string): AsyncGenerator<string> {
  const handle = await open(options.raw, 'r');
  let last: JsonObject = {};
  try {
    for await (const batch of readLines(handle, { to: plan.leaf.to })) {
      for (const { text, number } of batch) {
        const place = plan.lines.get(number);
        const line = place === undefined ? undefined : parseObject(text);
        if (place === undefined || line === undefined) continue;
        const previous = time(last['timestamp']) ?? new Date(options.now).toISOString();
        last = forkedLine(line, place, options, folder, previous);
        yield inOrder(text, last);
        const open = plan.dangling.get(number);
        if (open !== undefined) yield JSON.stringify(interrupted(last, number, open, options.newId));
      }
    }
  } finally {
    await handle.close();
  }
  if (options.title !== undefined) {
    yield titleLine(options.title, options.newId);
  }
}

function forkedLine(
  line: JsonObject,
  place: { readonly id: string; readonly parent: string | null },
  options: NativeForkOptions,
  folder: string,
  previous: string,
): JsonObject {
  const { teamName, agentName, slug, sessionKind, ...kept } = line;
  const source = string(line['sessionId']);
  const made: Record<string, unknown> = {
    ...kept,
    isSidechain: false,
    parentUuid: place.parent === null ? null : uuidOf(place.parent, options.newId),
    sessionId: options.newId,
    cwd: folder,
    uuid: uuidOf(place.id, options.newId),
    timestamp: time(line['timestamp']) ?? previous,
  };
  if (source !== undefined && source !== options.newId)
    made['forkedFrom'] = { sessionId: source, messageUuid: place.id };
  // The agent's picker hides what a program started.
  if (string(line['entrypoint'])?.startsWith('sdk-') === true) made['entrypoint'] = 'cli';
  return made;
}

/** The line's own uuid; for a line without one, a UUID that is made from the fork's id and the line. */
function uuidOf(id: string, newId: string): string {
  return /^L\d+(?:-result)?$/.test(id) ? madeUuid(newId, id) : id;
}

/** The agent finds lines of big files by their first key and by `uuid` right before `timestamp` (FORMATS 1.4). */
function inOrder(original: string, line: JsonObject): string {
  if (/^\{"parentUuid":/.test(original) && /"uuid":"[^"]*","timestamp":"/.test(original)) return JSON.stringify(line);
  const { parentUuid, uuid, timestamp, ...rest } = line;
  return JSON.stringify({ parentUuid, ...rest, uuid, timestamp });
}

function interrupted(last: JsonObject, number: number, open: readonly string[], newId: string): JsonObject {
  return {
    parentUuid: last['uuid'],
    isSidechain: false,
    userType: 'external',
    cwd: last['cwd'],
    sessionId: newId,
    version: last['version'],
    type: 'user',
    message: {
      role: 'user',
      content: open.map((id) => resultBlock(id, INTERRUPTED, true)),
    },
    uuid: uuidOf(resultOf(number), newId),
    timestamp: last['timestamp'],
  };
}

/** What `validate` cannot know: that nothing of the branch is missing. */
async function check(file: string, transcript: string, plan: Plan): Promise<void> {
  refuseInvalid(await validate(file, basename(transcript)));
  const reader = claudeCodeReader({ transcript });
  const handle = await open(file, 'r');
  try {
    await pump(handle, reader);
  } finally {
    await handle.close();
  }
  const messages = reader.messages().length;
  refuseMisread(messages, plan.messages);
}
