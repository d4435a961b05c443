import type { Message, Problem } from '../../core/index.ts';
import type { ReaderOptions, RecordPlace, TranscriptReader } from '../agent.ts';
import { createMessageLog } from '../messageLog.ts';
import { parseLine } from '../parseLine.ts';
import { count, type JsonObject, object, time } from '../shape.ts';
import { createTouchLog } from '../touchLog.ts';
import { createUsageLog } from '../usage.ts';
import { messagesOf, type Told, type ToldCall, type ToldResult, tell } from './content.ts';
import { factsOf, folderIn } from './facts.ts';
import { PROJECT_ROOT } from './places.ts';
import { entryOf, entryOfField, type MessageRecord } from './records.ts';
import { touchFiles } from './touches.ts';

/** What a record became. */
interface Place {
  readonly messages: readonly Message[];
  /** Calls that were answered before this record, so that it can be told anew. */
  readonly told: Told;
}

/**
 * Reads a session of the Gemini CLI (FORMATS 3), `.json` and `.jsonl`, and what `/chat save` writes. It follows Gemini's
 * own loader: a record of a known id replaces the old one in place, `$rewindTo` drops it and what follows, `$set.messages`
 * tells the conversation anew. What was told before, and is told anew in fewer words, stays as it was: after a resume
 * Gemini drops thoughts, tokens and the outcome of calls.
 */
export function geminiReader(options: ReaderOptions): TranscriptReader {
  const problems: Problem[] = [];
  const history = createMessageLog([]);
  const touches = createTouchLog();
  const usage = createUsageLog();
  const fields = new Map<string, unknown>();
  /** The conversation as it stands: how many messages each record became, in the order of the history. */
  const places = new Map<string, Place>();
  /** Every record that was ever told, as it was told best. */
  const known = new Map<string, Place>();
  /** Calls of the conversation that have their results. */
  const answered = new Map<string, string>();
  const calls = new Map<string, { readonly call: ToldCall; readonly messageId: string }>();
  const done = new Set<string>();
  const seen = { prompts: new Set<string>(), answers: new Set<string>(), models: new Set<string>() };
  const tally = { reads: 0, fullReads: 0, edits: 0 };
  let context: string | undefined;
  let firstPrompt: string | undefined;
  let model: string | undefined;
  let lastTime: string | undefined;

  function push(text: string, at: RecordPlace): void {
    if (at.key !== undefined) {
      pushField(at.key, text, at);
      return;
    }
    const record = parseLine(text, at.number, problems);
    const entry = record === undefined ? undefined : entryOf(record, at.number);
    if (entry === undefined) return;
    switch (entry.kind) {
      case 'rewind':
        rewind(entry.to, at);
        return;
      case 'message':
        message(entry.message, entry.id, at);
        return;
      case 'fields':
        setFields(entry.fields);
        if (entry.messages !== undefined) tellAnew(entry.messages, at);
        return;
    }
  }

  function pushField(key: string, text: string, at: RecordPlace): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      const detail = error instanceof Error ? error.message.slice(0, 200) : '';
      problems.push({ code: 'bad-json', line: at.number, detail });
      return;
    }
    const entry = entryOfField(key, value, at.number);
    if (entry?.kind === 'fields') setFields(entry.fields);
    else if (entry?.kind === 'message') message(entry.message, entry.id, at);
    else problems.push({ code: 'bad-shape', line: at.number, detail: 'not an object' });
  }

  function setFields(set: JsonObject): void {
    for (const [name, value] of Object.entries(set)) fields.set(name, value);
  }

  function message(record: JsonObject, id: string, at: RecordPlace): void {
    const told = tell(record, id);
    if (told === undefined) return;
    const before = places.get(id);
    const place = before !== undefined && saysLess(told, before.told) ? before : placed(told, id, at);
    note(told, record, id, place);
    put(id, before, place);
  }

  /** A record as messages, less the results that were told before. */
  function placed(told: Told, id: string, at: RecordPlace): Place {
    const fresh = told.results.filter(({ callId }) => (answered.get(callId) ?? id) === id);
    const raw = at.key === undefined ? { raw: { from: at.from, to: at.to } } : {};
    const messages = messagesOf(told, id, fresh).map((one): Message => ({ ...one, ...raw }));
    return { messages, told };
  }

  function put(id: string, before: Place | undefined, place: Place): void {
    known.set(id, place);
    for (const { callId } of place.told.results) if (!answered.has(callId)) answered.set(callId, id);
    places.set(id, place);
    if (before === undefined) {
      for (const one of place.messages) history.append(one);
    } else if (before !== place) {
      const same = before.messages.length === place.messages.length;
      if (same && place.messages.every((one, index) => one.id === before.messages[index]?.id)) {
        for (const one of place.messages) history.replace(one.id, one);
      } else layOut();
    }
  }

  /** The history follows the records again; what is the same at its beginning stays. */
  function layOut(): void {
    const wanted = [...places.values()].flatMap((place) => place.messages);
    const now = history.messages();
    let same = 0;
    while (same < now.length && now[same] === wanted[same]) same += 1;
    history.truncate(same);
    for (const one of wanted.slice(same)) history.append(one);
  }

  function tellAnew(records: readonly MessageRecord[], at: RecordPlace): void {
    places.clear();
    answered.clear();
    for (const { id, message: record } of records) {
      const told = tell(record, id);
      if (told === undefined) continue;
      const before = known.get(id);
      const place = before !== undefined && saysLess(told, before.told) ? before : placed(told, id, at);
      note(told, record, id, place);
      known.set(id, place);
      places.set(id, place);
      for (const { callId } of place.told.results) if (!answered.has(callId)) answered.set(callId, id);
    }
    layOut();
  }

  function rewind(to: string, at: RecordPlace): void {
    const ids = [...places.keys()];
    const from = ids.indexOf(to);
    if (from === -1) problems.push({ code: 'missing-reference', line: at.number, detail: to });
    for (const id of ids.slice(Math.max(0, from))) {
      for (const { callId } of places.get(id)?.told.results ?? []) {
        if (answered.get(callId) === id) answered.delete(callId);
      }
      places.delete(id);
    }
    layOut();
  }

  /** Counts, and what the calls did to files: each once, however often it is told. */
  function note(told: Told, record: JsonObject, id: string, place: Place): void {
    const at = told.timestamp;
    if (at !== undefined && (lastTime === undefined || at > lastTime)) lastTime = at;
    if (told.speaker === 'user' && told.text !== '') {
      if (told.context) context ??= told.text;
      else {
        seen.prompts.add(id);
        firstPrompt ??= told.shown;
      }
    }
    if (told.speaker === 'gemini') {
      seen.answers.add(id);
      model = told.model ?? model;
      if (told.model !== undefined) seen.models.add(told.model);
      const tokens = object(record['tokens']);
      if (tokens !== undefined) setUsage(id, tokens, told.model ?? 'unknown');
    }
    const messageId = place.messages[0]?.id ?? id;
    for (const call of told.calls) {
      const first = calls.get(call.id);
      calls.set(call.id, { call: call.entry === undefined && first !== undefined ? first.call : call, messageId });
    }
    for (const result of told.results) finish(result, at);
    for (const call of told.calls) if (call.entry?.['status'] === 'success') finish(undefined, at, call.id);
  }

  function finish(result: ToldResult | undefined, at: string | undefined, id = result?.callId ?? ''): void {
    const made = calls.get(id);
    if (made === undefined || done.has(id) || result?.isError === true) return;
    done.add(id);
    const cwd = cwdNow();
    const called = { cwd, messageId: made.messageId, at: time(made.call.entry?.['timestamp']) ?? at };
    const touched = touchFiles(made.call, result, called, touches);
    tally.reads += touched.reads;
    tally.fullReads += touched.fullReads;
    tally.edits += touched.edits;
  }

  function setUsage(id: string, tokens: JsonObject, by: string): void {
    const cached = count(tokens['cached']);
    const input = Math.max(0, count(tokens['input']) - cached);
    usage.set(id, by, { input, output: count(tokens['output']) + count(tokens['thoughts']), cache_read: cached });
  }

  function cwdNow(): string | undefined {
    return options.beside?.get(PROJECT_ROOT)?.trim() || folderIn(context);
  }

  return {
    push,
    takeEvents: () => history.takeEvents(),
    takeTouches: () => touches.take(),
    messages: () => history.messages(),
    facts: () =>
      factsOf(
        options.transcript,
        {
          ...{ fields, context, firstPrompt, model, lastTime },
          root: options.beside?.get(PROJECT_ROOT),
          turns: seen.prompts.size,
          assistantMessages: seen.answers.size,
        },
        usage,
      ),
    counts: () => ({
      prompts: seen.prompts.size,
      assistantMessages: seen.answers.size,
      toolCalls: calls.size,
      ...tally,
      models: [...seen.models].sort(),
      versions: [],
      ...usage.totals(),
    }),
    problems: () => [...problems],
  };
}

/** The same words and calls, but none of the outcomes, or none of the thoughts, that were told before. */
function saysLess(now: Told, before: Told): boolean {
  if (now.speaker !== before.speaker || now.text !== before.text) return false;
  if (now.calls.map(({ id }) => id).join('\n') !== before.calls.map(({ id }) => id).join('\n')) return false;
  const outcomes = new Set(now.results.map(({ callId }) => callId));
  return before.results.every(({ callId }) => !outcomes.has(callId)) && now.results.length === 0;
}
