import type { AgentHome, NativeForkOptions, NativeWritten } from '../agent.ts';
import { type JsonObject, objects, optional, string, time, words } from '../shape.ts';
import { messagesOf, responseId, type Told, tell } from './content.ts';
import { readEntries } from './entries.ts';
import { createLoadedRecords } from './records.ts';
import { hasResponse } from './validate.ts';
import { writeSession } from './writeSession.ts';

const INTERRUPTED = 'interrupted';

/**
 * Writes the conversation of a transcript, of either form, as a session of its own: the records as they stand, each once,
 * without what a rewind took back and without results told twice. A call is cut off together with its result or not at
 * all, since Gemini records them as one; one that never got a result is answered with `interrupted`.
 */
export async function fork(where: AgentHome, options: NativeForkOptions): Promise<NativeWritten> {
  const loaded = createLoadedRecords();
  const read = await readEntries(options.raw, options.upTo, ({ entry }) => {
    if (entry !== undefined) loaded.apply(entry);
  });
  if (read === undefined) throw new Error('the transcript to fork cannot be read');
  const { records, messages } = cut(loaded.records, options.messages ?? Number.POSITIVE_INFINITY);
  if (messages === 0) throw new Error('nothing to fork: no message before this point');
  const summary = words(loaded.fields.get('summary'));
  const sameSession = loaded.fields.get('sessionId') === options.newId;
  return writeSession(
    where,
    { ...options, ...optional('title', options.title ?? summary) },
    {
      records,
      messages,
      ...optional('startTime', sameSession ? time(loaded.fields.get('startTime')) : undefined),
    },
  );
}

interface Kept {
  readonly records: readonly JsonObject[];
  readonly messages: number;
}

/** The records up to so many messages, counted as our reader does. */
function cut(loaded: ReadonlyMap<string, JsonObject>, most: number): Kept {
  const kept: { readonly id: string; readonly record: JsonObject; readonly told: Told | undefined }[] = [];
  const answered = new Set<string>();
  let messages = 0;
  for (const [id, record] of loaded) {
    const told = tell(record, id);
    const fresh = told?.results.filter(({ callId }) => !answered.has(callId)) ?? [];
    const count = told === undefined ? 0 : messagesOf(told, id, fresh).length;
    if (messages >= most && count > 0) break;
    messages += count;
    for (const { callId } of fresh) answered.add(callId);
    // Nothing but results that were told before: Gemini would send them twice.
    if (told === undefined || count > 0 || told.results.length === 0) kept.push({ id, record, told });
  }
  const records = kept.flatMap(({ id, record, told }) => repaired({ ...record, id }, id, told, answered));
  const made = kept.flatMap(({ told }) => told?.calls.filter((call) => !answered.has(call.id)) ?? []);
  return { records, messages: messages + madeMessages(kept, answered, made.length) };
}

/** Answers that were made up stand in a message of their own, or in that of the other results of the record. */
function madeMessages(
  kept: readonly { readonly told: Told | undefined }[],
  answered: Set<string>,
  made: number,
): number {
  if (made === 0) return 0;
  return kept.filter(({ told }) => {
    const open = told?.calls.some((call) => !answered.has(call.id)) === true;
    return open && told?.results.length === 0;
  }).length;
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
