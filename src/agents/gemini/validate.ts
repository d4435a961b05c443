import type { NativeProblem } from '../agent.ts';
import { object, optional, string } from '../shape.ts';
import { type Told, tell } from './content.ts';
import { isDocumentName, readEntries } from './entries.ts';
import type { Entry } from './records.ts';

/**
 * What Gemini (0.61) would pass over without a word. Lines that are no JSON, and messages without an id, are not loaded;
 * a transcript without `sessionId` or (`.jsonl`) `projectHash` is none; a second session id takes the place of the
 * first; of two different messages under one id the first is lost; a call without its result is sent without one. A
 * session in which nothing was said is removed at the next start, and one of kind `subagent` is in no list.
 */
export async function validate(transcript: string): Promise<readonly NativeProblem[]> {
  const problems: NativeProblem[] = [];
  const fields = new Map<string, unknown>();
  const spoken = new Map<string, Told['speaker']>();
  const calls = new Map<string, number>();
  const results = new Map<string, number>();
  let said = false;
  let first: Entry | undefined;
  const seeMessage = (id: string, message: Readonly<Record<string, unknown>>, record: number): void => {
    if (string(message['id']) === undefined) problems.push({ code: 'no-message-id', record });
    const told = tell(message, id);
    if (told === undefined) return;
    if ((spoken.get(id) ?? told.speaker) !== told.speaker) problems.push({ code: 'duplicate-id', record, detail: id });
    spoken.set(id, told.speaker);
    said ||= !told.context && (told.text.trim() !== '' || told.calls.length > 0);
    for (const call of told.calls) {
      calls.set(call.id, record);
      if (call.entry !== undefined && hasResponse(call.entry)) results.set(call.id, record);
    }
    if (told.speaker === 'user') for (const { callId } of told.results) results.set(callId, record);
  };
  const read = await readEntries(transcript, undefined, ({ number, entry, bad }) => {
    if (bad) problems.push({ code: 'not-json', record: number });
    if (entry === undefined) return;
    first ??= entry;
    if (entry.kind === 'message') seeMessage(entry.id, entry.message, number);
    if (entry.kind !== 'fields') return;
    const { sessionId } = entry.fields;
    const other = fields.get('sessionId');
    if (sessionId !== undefined && other !== undefined && sessionId !== other) {
      problems.push({ code: 'wrong-session-id', record: number, ...optional('detail', string(sessionId)) });
    }
    for (const [name, value] of Object.entries(entry.fields)) fields.set(name, value);
    for (const { id, message } of entry.messages ?? []) seeMessage(id, message, number);
  });
  if (read === undefined || first === undefined) return [...problems, { code: 'empty' }];
  if (!read.whole) problems.push({ code: 'not-json' });
  if (!string(fields.get('sessionId'))) problems.push({ code: 'no-session-id' });
  const lines = !isDocumentName(transcript);
  if (lines && first.kind !== 'fields') problems.push({ code: 'no-header', record: 1 });
  if (lines && !string(fields.get('projectHash'))) {
    problems.push({ code: 'header-field-missing', detail: 'projectHash' });
  }
  if (fields.get('kind') === 'subagent') problems.push({ code: 'not-listed', detail: 'subagent' });
  for (const [id, record] of calls) {
    if (!results.has(id)) problems.push({ code: 'call-without-result', record, detail: id });
  }
  for (const [id, record] of results) {
    if (!calls.has(id)) problems.push({ code: 'result-without-call', record, detail: id });
  }
  if (!said) problems.push({ code: 'empty' });
  return problems;
}

/** As Gemini sends it back to the model: a text, or parts with a response among them. */
export function hasResponse(entry: Readonly<Record<string, unknown>>): boolean {
  const { result } = entry;
  if (typeof result === 'string') return result !== '';
  if (!Array.isArray(result)) return object(object(result)?.['functionResponse']) !== undefined;
  return result.some((part) => object(object(part)?.['functionResponse']) !== undefined);
}
