import type { NativeProblem } from '../agent.ts';
import { withFile } from '../files.ts';
import { readLines } from '../lines.ts';
import { objects, optional, parseObject, string } from '../shape.ts';
import { isUuid } from '../uuid.ts';
import { type CopilotEvent, eventOf } from './events.ts';
import { namedId } from './places.ts';

const START = ['sessionId', 'version', 'producer', 'copilotVersion', 'startTime'];

/**
 * What the Copilot CLI (1.0.102) would pass over or change without a word: a line that is no JSON is not loaded, a result
 * without its call is dropped, a call without its result gets one that the agent makes up, and a session goes on under
 * the id of its first line, whatever its folder is called. Also what it refuses to load: no `session.start` first, one of
 * its fields missing, an event without its UUID or time, an answer without `messageId`. A parent that is missing does no
 * harm: the order of the lines decides.
 */
export async function validate(transcript: string): Promise<readonly NativeProblem[]> {
  const problems: NativeProblem[] = [];
  const calls = new Map<string, number>();
  const results = new Map<string, number>();
  const ids = new Set<string>();
  let started = false;
  let said = false;
  const see = (event: CopilotEvent, record: number): void => {
    const { type, data, id, timestamp } = event;
    if (id === undefined || !isUuid(id)) problems.push({ code: 'no-message-id', record, ...optional('detail', id) });
    else if (ids.has(id)) problems.push({ code: 'duplicate-id', record, detail: id });
    else ids.add(id);
    if (timestamp === undefined) problems.push({ code: 'no-timestamp', record });
    if (!started && type !== 'session.start') problems.push({ code: 'no-header', record });
    if (!started) problems.push(...(type === 'session.start' ? startProblems(event, transcript, record) : []));
    started = true;
    said ||= type === 'user.message' || type === 'assistant.message';
    if (type === 'assistant.message' && string(data['messageId']) === undefined) {
      problems.push({ code: 'no-message-id', record, detail: 'messageId' });
    }
    if (type === 'assistant.message') {
      for (const request of objects(data['toolRequests'])) calls.set(string(request['toolCallId']) ?? '', record);
    }
    if (type === 'tool.execution_complete') results.set(string(data['toolCallId']) ?? '', record);
  };
  const read = await withFile(transcript, async (handle) => {
    for await (const batch of readLines(handle)) {
      for (const { text, number } of batch) {
        if (text.trim() === '') continue;
        const line = parseObject(text);
        const event = line === undefined ? undefined : eventOf(line);
        if (event === undefined) problems.push({ code: 'not-json', record: number });
        else see(event, number);
      }
    }
    return true;
  });
  if (read === undefined || !said) problems.push({ code: 'empty' });
  for (const [id, record] of calls) {
    if (!results.has(id)) problems.push({ code: 'call-without-result', record, detail: id });
  }
  for (const [id, record] of results) {
    if (!calls.has(id)) problems.push({ code: 'result-without-call', record, detail: id });
  }
  return problems;
}

function startProblems({ data }: CopilotEvent, transcript: string, record: number): readonly NativeProblem[] {
  const inner = string(data['sessionId']);
  const named = namedId(transcript);
  if (inner === undefined || inner === '') return [{ code: 'no-session-id', record }];
  const missing = START.filter((field) => data[field] === undefined);
  return [
    ...(named !== undefined && inner.toLowerCase() !== named.toLowerCase()
      ? [{ code: 'wrong-session-id' as const, record, detail: inner }]
      : []),
    ...missing.map((field) => ({ code: 'header-field-missing' as const, record, detail: field })),
  ];
}
