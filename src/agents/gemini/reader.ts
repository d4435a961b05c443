import type { Message, Problem } from '../../core/index.ts';
import type { ReaderOptions, RecordPlace, TranscriptReader } from '../agent.ts';
import { createMessageLog } from '../messageLog.ts';
import { parseLine } from '../parseLine.ts';
import type { JsonObject } from '../shape.ts';
import { createTouchLog } from '../touchLog.ts';
import { isPrompt, messagesOf, type Told, tell } from './content.ts';
import { factsOf } from './facts.ts';
import { PROJECT_ROOT } from './places.ts';
import { entryOf, entryOfField, type MessageRecord } from './records.ts';
import { createTally } from './tally.ts';

/** What a record became. */
interface Place {
  readonly messages: readonly Message[];
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
  const root = options.beside?.get(PROJECT_ROOT)?.trim();
  const tally = createTally(touches, root);
  const fields = new Map<string, unknown>();
  /** The conversation as it stands: how many messages each record became, in the order of the history. */
  const places = new Map<string, Place>();
  /** Every record that was ever told, as it was told best. */
  const known = new Map<string, Place>();
  /** Calls of the conversation that have their results. */
  const answered = new Map<string, string>();

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
    tally.note(told, record, id, place.messages[0]?.id ?? id);
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
      tally.note(told, record, id, place.messages[0]?.id ?? id);
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

  return {
    push,
    takeEvents: () => history.takeEvents(),
    takeTouches: () => touches.take(),
    messages: () => history.messages(),
    facts() {
      const turns = [...places.values()].filter(({ told }) => isPrompt(told)).length;
      return factsOf(options.transcript, { ...tally.recorded(), fields, root, turns }, tally.usage);
    },
    counts: () => tally.counts(),
    problems: () => [...problems],
  };
}

/** The same words and calls, but no outcome of them, and no more than was told before. */
function saysLess(now: Told, before: Told): boolean {
  if (now.speaker !== before.speaker || now.text !== before.text || now.results.length > 0) return false;
  if (now.parts.length > before.parts.length) return false;
  return now.calls.map(({ id }) => id).join('\n') === before.calls.map(({ id }) => id).join('\n');
}
