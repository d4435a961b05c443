import { unlink } from 'node:fs/promises';
import type { Message } from '../../core/index.ts';
import type { AgentHome, NativeForkOptions, NativeWriteOptions, NativeWritten } from '../agent.ts';
import { refuseInvalid } from '../checkWritten.ts';
import { realPath } from '../files.ts';
import { type JsonObject, list, object, optional, string, words } from '../shape.ts';
import { refuseTaken, writeTranscript } from '../writeTranscript.ts';
import { beside, readBeside } from './beside.ts';
import { copiedRecords, readHead, taskMessages } from './forkSource.ts';
import { isSessionId, sessionFiles } from './places.ts';
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
  const records = source.isSession
    ? copiedRecords(options)
    : writtenHistory(await taskMessages(options), options, head);
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
    refuseInvalid(await messagesProblems(file, newId)),
  );
  try {
    await writeTranscript(files.manifest, lines(manifest), async () =>
      refuseInvalid(manifestProblems(manifest, newId)),
    );
  } catch (error) {
    await unlink(files.messages);
    throw error;
  }
  return { nativeId: newId, transcript: files.messages };
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
  if (held !== undefined) yield held;
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
