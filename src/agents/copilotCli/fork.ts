import { open } from 'node:fs/promises';
import type { AgentHome, NativeForkOptions, NativeWritten } from '../agent.ts';
import { readLines } from '../lines.ts';
import { type JsonObject, object, objects, optional, parseObject, string } from '../shape.ts';
import { isUuid } from '../uuid.ts';
import { messageOf } from './content.ts';
import { type CopilotEvent, eventOf, isOfSubAgent } from './events.ts';
import { derivedUuid, startData, writeSession } from './writeSession.ts';

/**
 * Writes the events up to byte `upTo` as a session of their own, all but those that a rewind took back: one `session.start` with the new id and
 * folder, every event chained to the one before, a call that is open at the end answered with `interrupted`.
 */
export async function fork(where: AgentHome, options: NativeForkOptions): Promise<NativeWritten> {
  return writeSession(where, options, (folder, written) => forkedLines(options, folder, written));
}

async function* forkedLines(
  options: NativeForkOptions,
  folder: string,
  written: { messages: number },
): AsyncGenerator<JsonObject> {
  const { newId, now } = options;
  const { standing, answered } = await survey(options);
  /** Calls without a result, and the call whose sub-agent made them: they are answered before anybody speaks again. */
  const left = new Map<string, string | undefined>();
  const called = new Set<string>();
  const ids = new Set<string>();
  let reasoning: string | undefined;
  let parentId: string | null = null;
  let timestamp = new Date(now).toISOString();
  const chained = (type: string, data: JsonObject, id: string, more: JsonObject = {}): JsonObject => {
    const line = { ...more, type, data, id, timestamp, parentId };
    parentId = id;
    ids.add(id);
    return line;
  };
  const start = (kept: JsonObject, id?: string): JsonObject =>
    chained('session.start', startData(newId, folder, now, kept), id ?? derivedUuid(newId, 'start'));

  const interrupted = (): readonly JsonObject[] => {
    const lines = [...left].map(([callId, parentToolCallId]) => {
      if (parentToolCallId === undefined) written.messages += 1;
      const failed = { success: false, error: { message: 'interrupted' } };
      const data = { toolCallId: callId, ...failed, ...optional('parentToolCallId', parentToolCallId) };
      return chained('tool.execution_complete', data, derivedUuid(newId, `call ${callId}`));
    });
    left.clear();
    return lines;
  };

  for await (const { line, event, number } of eventLines(options)) {
    if (!standing.has(number)) continue;
    if (event.type === 'user.message' || event.type === 'assistant.message') yield* interrupted();
    timestamp = event.timestamp ?? timestamp;
    const own = event.id !== undefined && isUuid(event.id) && !ids.has(event.id);
    const id = own ? (event.id as string) : derivedUuid(newId, `L${number}`);
    if (event.type === 'session.start') {
      // A second one would be another session's.
      if (parentId === null) yield start(event.data, id);
      continue;
    }
    if (parentId === null) yield start({});
    for (const callId of callsOf(event)) {
      called.add(callId);
      if (!answered.has(callId)) left.set(callId, string(event.data['parentToolCallId']));
    }
    // A result of no call: the agent would drop it.
    if (event.type === 'tool.execution_complete' && !called.has(resultOf(event))) continue;
    if (event.type === 'assistant.reasoning') reasoning = string(event.data['content']);
    const message = isOfSubAgent(event) ? undefined : messageOf(event, id, reasoning);
    if (event.type === 'assistant.message') reasoning = undefined;
    if (message !== undefined || isSummary(event)) written.messages += 1;
    const { id: _id, timestamp: _timestamp, parentId: _parentId, type: _type, data: _data, ...more } = line;
    yield chained(event.type, inFolder(event, folder, derivedUuid(newId, `message L${number}`)), id, more);
  }
  if (written.messages === 0) throw new Error('nothing to fork: no message before this point');
  yield* interrupted();
}

function isSummary({ type, data }: CopilotEvent): boolean {
  return type === 'session.compaction_complete' && (string(data['summaryContent']) ?? '').trim() !== '';
}

/** Lines of events that no rewind took back, and the calls that they answer: a result may come after the next words of the user. */
async function survey(
  options: NativeForkOptions,
): Promise<{ readonly standing: ReadonlySet<number>; readonly answered: ReadonlySet<string> }> {
  let events: { readonly number: number; readonly event: CopilotEvent }[] = [];
  for await (const { event, number } of eventLines(options)) {
    const target = event.type === 'session.snapshot_rewind' ? string(event.data['upToEventId']) : undefined;
    const from = target === undefined ? -1 : events.findIndex((one) => one.event.id === target);
    if (from === -1) events.push({ number, event });
    else events = events.slice(0, from);
  }
  const results = events.filter(({ event }) => event.type === 'tool.execution_complete');
  return {
    standing: new Set(events.map(({ number }) => number)),
    answered: new Set(results.map(({ event }) => resultOf(event))),
  };
}

function resultOf({ data }: CopilotEvent): string {
  return string(data['toolCallId']) ?? '';
}

function callsOf({ type, data }: CopilotEvent): readonly string[] {
  if (type !== 'assistant.message') return [];
  return objects(data['toolRequests']).flatMap((request) => string(request['toolCallId']) ?? []);
}

/** Events that name the folder name the new one; an answer has the `messageId` without which nothing is loaded. */
function inFolder({ type, data }: CopilotEvent, folder: string, messageId: string): JsonObject {
  if (type === 'session.resume' && object(data['context']) !== undefined) return { ...data, context: { cwd: folder } };
  if (type === 'session.context_changed') return { ...data, cwd: folder };
  if (type === 'assistant.message' && string(data['messageId']) === undefined) return { ...data, messageId };
  return data;
}

async function* eventLines(
  options: NativeForkOptions,
): AsyncGenerator<{ readonly line: JsonObject; readonly event: CopilotEvent; readonly number: number }> {
  const handle = await open(options.raw, 'r');
  try {
    for await (const batch of readLines(handle, options.upTo === undefined ? {} : { to: options.upTo })) {
      for (const { text, number } of batch) {
        const line = parseObject(text);
        const event = line === undefined ? undefined : eventOf(line);
        if (line !== undefined && event !== undefined) yield { line, event, number };
      }
    }
  } finally {
    await handle.close();
  }
}
