import { open, unlink } from 'node:fs/promises';
import type { Message } from '../../core/index.ts';
import type { AgentHome, NativeForkOptions, NativeWriteOptions, NativeWritten } from '../agent.ts';
import { readDocument } from '../document.ts';
import { realPath } from '../files.ts';
import { type JsonObject, list, number, object, optional, parseObject, string, words } from '../shape.ts';
import { refuseTaken, writeTranscript } from '../writeTranscript.ts';
import { beside, readBeside } from './beside.ts';
import { isSessionId, sessionFiles } from './places.ts';
import { taskReader } from './reader.ts';
import { sessionRecord } from './sessionRecord.ts';
import { manifestProblems, messagesProblems, transcriptOf } from './validate.ts';
import { blockIds, interruption, writtenMessage } from './writtenMessage.ts';

/** What a new session has beside its messages. */
interface Head {
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly forkedFrom: string | undefined;
  readonly system: string | undefined;
}

type Target = Pick<NativeWriteOptions, 'folder' | 'newId' | 'title' | 'now'>;

/** Writes a session of the SDK: its messages, then the manifest that makes it one (FORMATS 6.2). */
export async function write(where: AgentHome, options: NativeWriteOptions): Promise<NativeWritten> {
  const { provider, model, history } = options;
  const head = { provider, model, forkedFrom: undefined, system: undefined };
  return writeSession(where, options, head, withResults(writtenHistory(history, options, head), options));
}

/**
 * The same from a session's own records, which are copied; a task, whose list a running extension keeps in memory,
 * becomes a session with the same messages.
 */
export async function fork(where: AgentHome, options: NativeForkOptions): Promise<NativeWritten> {
  const source = await readHead(options.raw);
  const known = readBeside(options.raw, await beside(options.raw));
  const id = words(source.fields.get('sessionId')) ?? known.nativeId;
  const head: Head = {
    provider: known.provider ?? source.provider,
    model: known.model ?? source.model,
    forkedFrom: id === options.newId ? undefined : id,
    system: string(source.fields.get('system_prompt')),
  };
  const records = source.isSession ? copiedRecords(options) : taskHistory(options, head);
  return writeSession(where, options, head, withResults(records, options));
}

async function writeSession(
  where: AgentHome,
  options: Target,
  head: Head,
  records: AsyncIterable<JsonObject>,
): Promise<NativeWritten> {
  const { newId } = options;
  if (!isSessionId(newId)) throw new Error('not an id of a session');
  refuseTaken(await transcriptOf(where, newId));
  const files = sessionFiles(where, newId);
  const manifest = manifestText(options, head, await realPath(options.folder), files.messages);
  await writeTranscript(files.messages, messageLines(newId, options.now, head, records), async (file) =>
    refuseProblems(await messagesProblems(file, newId)),
  );
  try {
    await writeTranscript(files.manifest, lines(manifest), async () =>
      refuseProblems(manifestProblems(manifest, newId)),
    );
  } catch (error) {
    await unlink(files.messages);
    throw error;
  }
  return { nativeId: newId, transcript: files.messages };
}

function refuseProblems(problems: Awaited<ReturnType<typeof messagesProblems>>): void {
  const [problem] = problems;
  if (problem !== undefined) throw new Error(`the session would not be whole: ${problem.code} ${problem.detail ?? ''}`);
}

async function* lines(text: string): AsyncGenerator<string> {
  yield text;
}

function manifestText(options: Target, head: Head, folder: string, messages: string): string {
  const at = new Date(options.now).toISOString();
  const fork = { forkedFromSessionId: head.forkedFrom, forkedAt: at, source: 'cli' };
  return JSON.stringify(
    {
      version: 1,
      session_id: options.newId,
      source: 'cli',
      pid: 1,
      started_at: at,
      exit_code: null,
      status: 'idle',
      interactive: false,
      provider: head.provider ?? 'cline',
      // The agent goes on with the model of its own settings. A manifest without a name is none to it: it begins anew, over the messages.
      model: head.model ?? 'unknown',
      cwd: folder,
      workspace_root: folder,
      enable_tools: true,
      enable_spawn: true,
      enable_teams: true,
      ...optional('prompt', options.title),
      metadata: { ...optional('title', options.title), ...(head.forkedFrom === undefined ? {} : { fork }) },
      messages_path: messages,
    },
    null,
    1,
  );
}

async function* messageLines(
  id: string,
  now: number,
  head: Head,
  records: AsyncIterable<JsonObject>,
): AsyncGenerator<string> {
  const fields = {
    version: 1,
    updated_at: new Date(now).toISOString(),
    agent: 'lead',
    sessionId: id,
    ...optional('system_prompt', head.system),
  };
  yield `${JSON.stringify(fields).slice(0, -1)},"messages":[`;
  let held: string | undefined;
  for await (const record of records) {
    if (held !== undefined) yield `${held},`;
    held = JSON.stringify(record);
  }
  if (held === undefined) throw new Error('nothing to write: no message before this point');
  yield held;
  yield ']}';
}

async function* writtenHistory(
  history: readonly Message[],
  { now }: Target,
  { model, provider }: Pick<Head, 'model' | 'provider'>,
): AsyncGenerator<JsonObject> {
  const names = new Map<string, string>();
  const info = model === undefined ? undefined : { id: model, provider: provider ?? 'cline' };
  let number = 0;
  for (const message of history) {
    number += 1;
    const written = writtenMessage(message, names, { id: `msg_${number}`, now: now + number, model: info });
    if (written !== undefined) yield written;
  }
}

/** Answers calls that nothing answers, before anything else is said. */
async function* withResults(records: AsyncIterable<JsonObject>, { now }: Target): AsyncGenerator<JsonObject> {
  const open = new Map<string, string>();
  let number = 0;
  for await (const record of records) {
    const given = blockIds(record, 'tool_result');
    if (open.size > 0 && given.length === 0) {
      number += 1;
      yield interruption(open, `msg_interrupted_${number}`, now);
      open.clear();
    }
    for (const id of given) open.delete(id);
    for (const block of list(record['content'])) {
      const call = object(block);
      if (call?.['type'] === 'tool_use') open.set(String(call['id']), String(call['name']));
    }
    yield record;
  }
  if (open.size > 0) yield interruption(open, `msg_interrupted_${number + 1}`, now);
}

interface SourceHead {
  readonly isSession: boolean;
  readonly fields: ReadonlyMap<string, unknown>;
  readonly model: string | undefined;
  readonly provider: string | undefined;
}

async function readHead(raw: string): Promise<SourceHead> {
  const fields = new Map<string, unknown>();
  let isSession = false;
  let model: string | undefined;
  let provider: string | undefined;
  await using handle = await open(raw, 'r');
  for await (const batch of readDocument(handle, { lists: ['messages'] })) {
    for (const { key, text } of batch) {
      if (key === 'messages') {
        isSession = true;
        const info = object(parseObject(text)?.['modelInfo']);
        model = words(info?.['id']) ?? model;
        provider = words(info?.['provider']) ?? provider;
      } else if (key !== '') fields.set(key, parseObject(`{"v":${text}}`)?.['v']);
    }
  }
  return { isSession, fields, model, provider };
}

/** Records as they are; of the last, what was typed with results goes where only the results count. */
async function* copiedRecords({ raw, messages, now }: NativeForkOptions): AsyncGenerator<JsonObject> {
  let left = messages ?? Number.POSITIVE_INFINITY;
  let place = 0;
  const ids = new Set<string>();
  await using handle = await open(raw, 'r');
  for await (const batch of readDocument(handle, { lists: ['messages'] })) {
    for (const { key, text } of batch) {
      const record = key === 'messages' ? parseObject(text) : undefined;
      if (record === undefined) continue;
      if (left <= 0) return;
      const said = sessionRecord(record).length;
      if (said === 0) continue;
      place += 1;
      const own = words(record['id']);
      const id = own === undefined || ids.has(own) ? `msg_${place}` : own;
      ids.add(id);
      const content = list(record['content']);
      const results = content.filter((block) => object(block)?.['type'] === 'tool_result');
      const whole = Array.isArray(record['content'])
        ? content
        : [{ type: 'text', text: string(record['content']) ?? '' }];
      yield { ...record, id, ts: number(record['ts']) ?? now, content: said > left ? results : whole };
      left -= said;
    }
  }
}

async function* taskHistory(options: NativeForkOptions, head: Head): AsyncGenerator<JsonObject> {
  const reader = taskReader({ id: 'cline', label: 'Cline' }, { transcript: options.raw });
  await using handle = await open(options.raw, 'r');
  let number = 0;
  for await (const batch of readDocument(handle, { lists: ['messages'] })) {
    for (const { text, ...place } of batch) {
      number += 1;
      reader.push(text, { ...place, number });
    }
  }
  yield* writtenHistory(reader.messages().slice(0, options.messages), options, head);
}
