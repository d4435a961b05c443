import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentHome, NativeForkOptions, NativeWritten } from '../agent.ts';
import { realPath } from '../files.ts';
import { readLines } from '../lines.ts';
import { pump } from '../readTranscript.ts';
import { type JsonObject, parseObject, string, time } from '../shape.ts';
import { isUuid } from '../uuid.ts';
import { refuseTaken, writeTranscript } from '../writeTranscript.ts';
import { choose, type Plan, readLinks } from './forkPlan.ts';
import { projectFolder, transcriptOf } from './places.ts';
import { claudeCodeReader } from './reader.ts';

/**
 * Writes the active branch up to byte `upTo` as a session of its own, in the form that the agent's own
 * `--fork-session` gives it: same uuids, new session id (FORMATS 1.8). Lines of sub-agents, progress and requests are
 * left out. The file is read back before it gets its name, since the agent passes over lines without uuid, parent or
 * time in silence.
 */
export async function fork(where: AgentHome, options: NativeForkOptions): Promise<NativeWritten> {
  if (!isUuid(options.newId)) throw new Error('a new session id must be a UUID');
  refuseTaken(await transcriptOf(where, options.newId));
  const plan = choose(await readLinks(options.raw, options.upTo));
  if (plan === undefined) throw new Error('nothing to fork: no message before this point');
  const folder = await realPath(options.folder);
  const transcript = join(await projectFolder(where, options.folder), `${options.newId}.jsonl`);
  await writeTranscript(transcript, forkedLines(options, plan, folder), (file) => check(file, options.newId, plan));
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
      }
    }
  } finally {
    await handle.close();
  }
  if (plan.dangling.length > 0) yield JSON.stringify(interrupted(last, plan, options));
  if (options.title !== undefined) {
    yield JSON.stringify({ type: 'custom-title', customTitle: options.title, sessionId: options.newId });
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
  if (!/^L\d+$/.test(id)) return id;
  const hex = createHash('sha256').update(`${newId} ${id}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The agent finds lines of big files by their first key and by `uuid` right before `timestamp` (FORMATS 1.4). */
function inOrder(original: string, line: JsonObject): string {
  if (/^\{"parentUuid":/.test(original) && /"uuid":"[^"]*","timestamp":"/.test(original)) return JSON.stringify(line);
  const { parentUuid, uuid, timestamp, ...rest } = line;
  return JSON.stringify({ parentUuid, ...rest, uuid, timestamp });
}

function interrupted(last: JsonObject, plan: Plan, options: NativeForkOptions): JsonObject {
  const content = plan.dangling.map((id) => ({
    tool_use_id: id,
    type: 'tool_result',
    content: 'interrupted',
    is_error: true,
  }));
  return {
    parentUuid: uuidOf(plan.leaf.id, options.newId),
    isSidechain: false,
    userType: 'external',
    cwd: last['cwd'],
    sessionId: options.newId,
    version: last['version'],
    type: 'user',
    message: { role: 'user', content },
    uuid: uuidOf('L0', options.newId),
    timestamp: last['timestamp'],
  };
}

async function check(file: string, newId: string, plan: Plan): Promise<void> {
  const reader = claudeCodeReader({ transcript: file });
  const handle = await open(file, 'r');
  try {
    const ids = new Set<string>();
    for await (const batch of readLines(handle)) {
      for (const { text } of batch) {
        const line = parseObject(text);
        if (line === undefined || line['type'] === 'custom-title') continue;
        const parent = line['parentUuid'];
        const whole =
          string(line['uuid']) !== undefined && time(line['timestamp']) !== undefined && line['sessionId'] === newId;
        if (!whole || (parent !== null && !ids.has(parent as string))) throw new Error('the fork would lose a line');
        ids.add(line['uuid'] as string);
      }
    }
    const { problems } = await pump(handle, reader);
    const wrong = [...problems, ...reader.problems()].find((problem) => problem.code !== 'lone-surrogate');
    const messages = reader.messages().length;
    if (wrong !== undefined || messages !== plan.messages) {
      throw new Error(
        `the fork reads back as ${messages} of ${plan.messages} messages (${wrong?.code ?? 'no problem'})`,
      );
    }
  } finally {
    await handle.close();
  }
}
