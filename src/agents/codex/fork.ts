import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { INTERRUPTED } from '../../core/index.ts';
import type { AgentHome, NativeForkOptions, NativeWritten } from '../agent.ts';
import { InvalidTranscript, refuseInvalid, refuseMisread } from '../checkWritten.ts';
import { realPath } from '../files.ts';
import { readLines } from '../lines.ts';
import { type JsonObject, object, parseObject, string, time, words } from '../shape.ts';
import { isUuid } from '../uuid.ts';
import { refuseTaken, writeTranscript } from '../writeTranscript.ts';
import { findBase } from './find.ts';
import { readItem } from './items.ts';
import { rolloutPlace, transcriptOf } from './places.ts';
import { validate } from './validate.ts';

const ANSWERED: ReadonlySet<string | undefined> = new Set(['function_call', 'custom_tool_call']);

interface Written {
  messages: number;
}

/**
 * Writes a rollout of its own: one `session_meta` with the new id, then the lines of the thread up to byte `upTo`, the
 * parent's included where the thread is a fork by reference. Every line gets a timestamp (the agent passes over those
 * without in silence), numbered lines are numbered anew, and a thread without `user_message` events gets them, since
 * the agent lists no other (AGENT-CLIS 2). The file is read back before it gets its name.
 */
export async function fork(where: AgentHome, options: NativeForkOptions): Promise<NativeWritten> {
  if (!isUuid(options.newId)) throw new Error('a new session id must be a UUID');
  refuseTaken(await transcriptOf(where, options.newId));
  const folder = await realPath(options.folder);
  const transcript = rolloutPlace(where, options.newId, options.now);
  const written: Written = { messages: 0 };
  await writeTranscript(transcript, forkedLines(options, folder, written), (file) => check(file, transcript, written));
  return { nativeId: options.newId, transcript };
}

async function* forkedLines(options: NativeForkOptions, folder: string, written: Written): AsyncGenerator<string> {
  const { listed, answered } = await lookThrough(options);
  let meta: JsonObject | undefined;
  let previous = new Date(options.now).toISOString();
  let ordinal = 0;
  let turn: string | undefined;
  const numbered = (line: JsonObject): string => {
    const { timestamp, ordinal: old, ...rest } = line;
    ordinal += 1;
    return JSON.stringify(meta?.['history_mode'] === 'paginated' ? { timestamp, ordinal: ordinal - 1, ...rest } : line);
  };
  const open = new Map<string, string>();
  function* outputs(): Generator<string> {
    for (const [id, type] of open) {
      written.messages += 1;
      const payload = { type: `${type}_output`, call_id: id, output: INTERRUPTED };
      yield numbered({ timestamp: previous, type: 'response_item', payload });
    }
    open.clear();
  }
  for await (const line of sourceLines(options)) {
    if (line['type'] === 'session_meta') {
      // A fork's own line comes first; its parent's stands behind it.
      if (meta !== undefined) continue;
      const own = object(line['payload']) ?? {};
      meta = forkedMeta(own, options, folder);
      previous = time(line['timestamp']) ?? time(own['timestamp']) ?? previous;
      yield numbered({ timestamp: previous, type: 'session_meta', payload: meta });
      continue;
    }
    previous = time(line['timestamp']) ?? previous;
    if (meta === undefined) {
      meta = forkedMeta({}, options, folder);
      yield numbered({ timestamp: previous, type: 'session_meta', payload: meta });
    }
    const payload = object(line['payload']) ?? {};
    const item = line['type'] === 'response_item' ? readItem(payload) : undefined;
    // Calls that were made at once stay together.
    if (item !== undefined && item.kind !== 'call' && item.kind !== 'output') yield* outputs();
    if (item !== undefined) written.messages += 1;
    if (payload['type'] === 'task_started' || payload['type'] === 'turn_started')
      turn = string(payload['turn_id']) ?? '';
    if (payload['type'] === 'task_complete' || payload['type'] === 'turn_complete') turn = undefined;
    if (!listed && item?.kind === 'message' && item.role === 'user') {
      const event = { type: 'user_message', message: item.text, images: [] };
      yield numbered({ timestamp: previous, type: 'event_msg', payload: event });
    }
    yield numbered({ ...line, timestamp: previous });
    // The model API refuses a call without an output; searches of its own side have none.
    if (item?.kind === 'call' && !answered.has(item.id) && ANSWERED.has(string(payload['type'])))
      open.set(item.id, string(payload['type']) ?? '');
  }
  yield* outputs();
  if (meta === undefined) throw new InvalidTranscript([{ code: 'empty' }]);
  if (options.title !== undefined) {
    const payload = { type: 'thread_name_updated', thread_id: options.newId, thread_name: options.title };
    yield numbered({ timestamp: previous, type: 'event_msg', payload });
  }
  if (turn !== undefined && turn !== '') {
    const payload = { type: 'task_complete', turn_id: turn, last_agent_message: null };
    yield numbered({ timestamp: previous, type: 'event_msg', payload });
  }
}

function forkedMeta(meta: JsonObject, options: NativeForkOptions, folder: string): JsonObject {
  const { history_base, forked_from_ordinal_exclusive, ...kept } = meta;
  const created = new Date(options.now).toISOString();
  const roots = Array.isArray(meta['runtime_workspace_roots']) ? { runtime_workspace_roots: [folder] } : {};
  const parent = words(meta['id']);
  return {
    ...kept,
    ...(string(meta['session_id']) === undefined ? {} : { session_id: options.newId }),
    id: options.newId,
    // A thread that is written again under its own id is no fork of itself.
    ...(parent === undefined || parent === options.newId ? {} : { forked_from_id: parent }),
    timestamp: created,
    cwd: folder,
    ...roots,
    originator: words(meta['originator']) ?? 'codex_cli_rs',
    cli_version: words(meta['cli_version']) ?? '0.0.0',
    source: 'cli',
  };
}

/** The thread's lines in the framed form, those of a base first; its own `session_meta` before all. */
async function* sourceLines(options: NativeForkOptions): AsyncGenerator<JsonObject> {
  const base = await findBase(options.raw);
  if (base.kind === 'missing')
    throw new InvalidTranscript([{ code: 'broken-chain', record: 1, detail: base.nativeId }]);
  if (base.kind === 'found') {
    for await (const line of ownLines(options.raw, options.upTo)) {
      yield line;
      break;
    }
    yield* sourceLines({ ...options, raw: base.transcript, upTo: base.bytes });
  }
  yield* ownLines(options.raw, options.upTo);
}

async function* ownLines(file: string, upTo: number | undefined): AsyncGenerator<JsonObject> {
  const handle = await open(file, 'r');
  try {
    for await (const batch of readLines(handle, upTo === undefined ? {} : { to: upTo })) {
      for (const { text } of batch) {
        const line = parseObject(text);
        if (line === undefined || line['record_type'] !== undefined) continue;
        if (object(line['payload']) !== undefined) yield line;
        else if (line['type'] === undefined && string(line['id']) !== undefined)
          yield { type: 'session_meta', payload: line };
        else if (readItem(line) !== undefined) yield { type: 'response_item', payload: line };
      }
    }
  } finally {
    await handle.close();
  }
}

/** Whether prompts are announced, and which calls have an output. */
async function lookThrough(
  options: NativeForkOptions,
): Promise<{ readonly listed: boolean; readonly answered: ReadonlySet<string> }> {
  const answered = new Set<string>();
  let listed = false;
  for await (const line of sourceLines(options)) {
    const payload = object(line['payload']) ?? {};
    if (line['type'] === 'event_msg' && payload['type'] === 'user_message') listed = true;
    const item = line['type'] === 'response_item' ? readItem(payload) : undefined;
    if (item?.kind === 'output') answered.add(item.id);
  }
  return { listed, answered };
}

/** What `validate` cannot know: that nothing of the thread is missing. */
async function check(file: string, transcript: string, written: Written): Promise<void> {
  refuseInvalid(await validate(file, basename(transcript)));
  let items = 0;
  const handle = await open(file, 'r');
  try {
    for await (const batch of readLines(handle)) {
      for (const { text, number } of batch) {
        const line = parseObject(text);
        if (number > 1 && line?.['type'] === 'session_meta') throw new Error('the fork has two heads');
        const payload = line?.['type'] === 'response_item' ? object(line['payload']) : undefined;
        if (payload !== undefined && readItem(payload) !== undefined) items += 1;
      }
    }
  } finally {
    await handle.close();
  }
  refuseMisread(items, written.messages);
}
