import { setImmediate } from 'node:timers/promises';
import type { AgentHome, NativeForkOptions, NativeWritten } from '../agent.ts';
import { type JsonObject, objects, optional, string, time, words } from '../shape.ts';
import { type CallIds, createCallIds } from './callIds.ts';
import { messagesOf, responseId, type Told, tell } from './content.ts';
import { readEntries } from './entries.ts';
import { createLoadedRecords, type Entry } from './records.ts';
import { hasResponse } from './validate.ts';
import { writeSession } from './writeSession.ts';

const INTERRUPTED = 'interrupted';

/**
 * Writes the conversation of a transcript, of either form, as a session of its own: the records as they stand, each once,
 * without what a rewind took back and without results told twice. A call that never got a result, or is cut off from it,
 * is answered with `interrupted`.
 */
export async function fork(where: AgentHome, options: NativeForkOptions): Promise<NativeWritten> {
  const loaded = createLoadedRecords();
  const callIds = createCallIds();
  const read = await readEntries(options.raw, options.upTo, ({ entry }) => {
    if (entry !== undefined) loaded.apply(withCallIds(entry, callIds));
  });
  if (read === undefined) throw new Error('the transcript to fork cannot be read');
  const summary = words(loaded.fields.get('summary'));
  const sameSession = loaded.fields.get('sessionId') === options.newId;
  const target = {
    ...options,
    ...optional('title', options.title ?? summary),
    ...optional('startTime', sameSession ? time(loaded.fields.get('startTime')) : undefined),
  };
  return writeSession(where, target, (written) =>
    cut(loaded.records, options.messages ?? Number.POSITIVE_INFINITY, written),
  );
}

function withCallIds(entry: Entry, callIds: CallIds): Entry {
  if (entry.kind === 'message') return { ...entry, message: callIds(entry.message, entry.id) };
  if (entry.kind !== 'fields' || entry.messages === undefined) return entry;
  return { ...entry, messages: entry.messages.map(({ id, message }) => ({ id, message: callIds(message, id) })) };
}

/** So many records are looked at between two turns of the event loop. */
const SLICE = 64;

/** The records up to so many messages, counted as our reader does. */
async function* cut(
  loaded: ReadonlyMap<string, JsonObject>,
  most: number,
  written: { messages: number },
): AsyncGenerator<JsonObject> {
  const kept: { readonly id: string; readonly record: JsonObject }[] = [];
  const answered = new Set<string>();
  let seen = 0;
  for (const [id, record] of loaded) {
    seen += 1;
    if (seen % SLICE === 0) await setImmediate();
    const whole = lookAt(record, id, answered);
    if (written.messages >= most && whole.messages > 0) break;
    // Cut off between its calls and their results.
    const isPart = written.messages + whole.messages > most;
    const { told, fresh, messages, ...looked } = isPart ? lookAt(withoutResults(record), id, answered) : whole;
    written.messages += messages;
    for (const { callId } of fresh) answered.add(callId);
    // Nothing but results that were told before: Gemini would send them twice.
    if (told === undefined || messages > 0 || told.results.length === 0) kept.push({ id, record: looked.record });
  }
  if (written.messages === 0) throw new Error('nothing to fork: no message before this point');
  for (const { id, record } of kept) {
    const told = tell(record, id);
    const open = told?.calls.some((call) => !answered.has(call.id)) === true;
    // What is made up stands with the other results of the record, or in a message of its own.
    if (open && told?.results.length === 0) written.messages += 1;
    yield* repaired({ ...record, id }, id, told, answered);
  }
}

function lookAt(record: JsonObject, id: string, answered: ReadonlySet<string>) {
  const told = tell(record, id);
  const fresh = told?.results.filter(({ callId }) => !answered.has(callId)) ?? [];
  return { record, told, fresh, messages: told === undefined ? 0 : messagesOf(told, id, fresh).length };
}

function withoutResults(record: JsonObject): JsonObject {
  const toolCalls = objects(record['toolCalls']).map(({ result: _, resultDisplay: __, ...call }) => call);
  return { ...record, toolCalls };
}

/** The record, with a result for each of its calls as Gemini sends them to the model. */
function repaired(
  record: JsonObject,
  id: string,
  told: Told | undefined,
  answered: ReadonlySet<string>,
): readonly JsonObject[] {
  if (told === undefined || told.calls.length === 0) return [record];
  const entries = objects(record['toolCalls']).map((entry) => {
    const call = told.calls.find((one) => one.entry === entry || one.id === string(entry['id']));
    if (call === undefined || hasResponse(entry)) return entry;
    const own = told.results.find(({ callId }) => callId === call.id);
    // Told by a message after it.
    if (own === undefined && answered.has(call.id)) return entry;
    const response = own === undefined || own.isError ? { error: own?.output ?? INTERRUPTED } : { output: own.output };
    const result = [{ functionResponse: { id: call.id, name: call.name, response } }];
    return { ...entry, id: call.id, result, ...(own === undefined ? { status: 'error' } : {}) };
  });
  const open = told.calls.filter((call) => call.entry === undefined && !answered.has(call.id));
  const whole = entries.length === 0 ? record : { ...record, toolCalls: entries };
  if (open.length === 0) return [whole];
  const content = open.map(({ id: call, name }) => ({
    functionResponse: { id: call, name, response: { error: INTERRUPTED } },
  }));
  return [whole, { id: responseId(id), timestamp: record['timestamp'], type: 'user', content }];
}
