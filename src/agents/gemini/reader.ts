import type { Problem } from '../../core/index.ts';
import type { ReaderOptions, RecordPlace, TranscriptReader } from '../agent.ts';
import { parseLine, parseValue } from '../parseLine.ts';
import type { JsonObject } from '../shape.ts';
import { createTouchLog } from '../touchLog.ts';
import { createCallIds } from './callIds.ts';
import { type Told, tell } from './content.ts';
import { createConversation, type Place } from './conversation.ts';
import { factsOf } from './facts.ts';
import { PROJECT_ROOT } from './places.ts';
import { entryOf, entryOfField, type MessageRecord } from './records.ts';
import { createTally } from './tally.ts';

/**
 * Reads a session of the Gemini CLI (FORMATS 3), `.json` and `.jsonl`, and what `/chat save` writes. It follows Gemini's
 * own loader: a record of a known id replaces the old one in place, `$rewindTo` drops it and what follows, `$set.messages`
 * tells the conversation anew. What was told before, and is told anew in fewer words, stays as it was: after a resume
 * Gemini drops thoughts, tokens and the outcome of calls.
 */
export function geminiReader(options: ReaderOptions): TranscriptReader {
  const problems: Problem[] = [];
  const talk = createConversation();
  const touches = createTouchLog();
  const root = options.beside?.get(PROJECT_ROOT)?.trim();
  const tally = createTally(touches, root);
  const fields = new Map<string, unknown>();
  const callIds = createCallIds();
  /** Every record that was ever told, as it was told best. */
  const known = new Map<string, Place>();

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

  function tellAnew(records: readonly MessageRecord[], at: RecordPlace): void {
    talk.anew(() => {
      for (const { id, message: record } of records) take(record, id, at, known.get(id));
    });
  }

  function pushField(key: string, text: string, at: RecordPlace): void {
    const value = parseValue(text, at.number, problems);
    if (value === undefined) return;
    const entry = entryOfField(key, value, at.number);
    if (entry?.kind === 'fields') setFields(entry.fields);
    else if (entry?.kind === 'message') message(entry.message, entry.id, at);
    else problems.push({ code: 'bad-shape', line: at.number, detail: 'not an object' });
  }

  function setFields(set: JsonObject): void {
    for (const [name, value] of Object.entries(set)) fields.set(name, value);
  }

  function message(record: JsonObject, id: string, at: RecordPlace): void {
    take(record, id, at, talk.place(id));
  }

  /** `before` is what the record was told as before; it stays where that said more. */
  function take(record: JsonObject, id: string, at: RecordPlace, before: Place | undefined): void {
    const told = tell(callIds(record, id), id);
    if (told === undefined) return;
    const raw = at.key === undefined ? { raw: { from: at.from, to: at.to } } : {};
    const stays = before !== undefined && saysLess(told, before.told);
    const place = stays ? talk.keep(id, before) : talk.tell(id, told, raw);
    known.set(id, place);
    tally.note(told, record, id, place.messages[0]?.id ?? id);
  }

  function rewind(to: string, at: RecordPlace): void {
    if (talk.place(to) === undefined) problems.push({ code: 'missing-reference', line: at.number, detail: to });
    talk.dropFrom(to);
  }

  return {
    push,
    takeEvents: talk.takeEvents,
    takeTouches: () => touches.take(),
    messages: talk.messages,
    facts: () => factsOf(options.transcript, { ...tally.recorded(), fields, root, turns: talk.turns }, tally.usage),
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
