import type { NativeProblem } from '../agent.ts';
import { readDocument } from '../document.ts';
import { withFile } from '../files.ts';
import { type JsonObject, object, parseObject, string, words } from '../shape.ts';
import { calledIds, TOOL_RESULT } from './exportedRequest.ts';

/**
 * What VS Code needs of a file that *Chat: Import Chat…* opens, and what the agent passes over in silence: a request
 * without a `response` is in no history, and a call without a revivable result is in none either.
 */
export async function validate(transcript: string): Promise<readonly NativeProblem[]> {
  const problems: NativeProblem[] = [];
  const ids = new Set<string>();
  let responder = false;
  let number = 0;
  const read = await withFile(transcript, async (handle) => {
    const records = readDocument(handle, { lists: ['requests'] });
    for (;;) {
      const { done, value } = await records.next();
      if (done === true) return value;
      for (const { key, text } of value) {
        if (key === 'responderUsername') responder = string(parseObject(`{"v":${text}}`)?.['v']) !== undefined;
        if (key !== 'requests') continue;
        number += 1;
        const request = parseObject(text);
        if (request === undefined) problems.push({ code: 'not-json', record: number });
        else problems.push(...requestProblems(request, number, ids));
      }
    }
  });
  if (read?.whole !== true) problems.push({ code: 'not-json' });
  if (!responder) problems.push({ code: 'header-field-missing', detail: 'responderUsername' });
  if (number === 0) problems.push({ code: 'empty' });
  return problems;
}

function requestProblems(request: JsonObject, record: number, ids: Set<string>): readonly NativeProblem[] {
  const problems: NativeProblem[] = [];
  const id = words(request['requestId']);
  if (id === undefined) problems.push({ code: 'no-message-id', record });
  else if (ids.has(id)) problems.push({ code: 'duplicate-id', record, detail: id });
  else ids.add(id);
  const message = object(request['message']);
  if (string(request['message']) === undefined && !Array.isArray(message?.['parts']))
    problems.push({ code: 'header-field-missing', record, detail: 'message' });
  if (!Array.isArray(request['response'])) problems.push({ code: 'header-field-missing', record, detail: 'response' });
  const metadata = object(object(request['result'])?.['metadata']);
  const results = object(metadata?.['toolCallResults']) ?? {};
  const known = new Set(calledIds(metadata?.['toolCallRounds']));
  for (const call of known) {
    if (!Object.hasOwn(results, call) || object(results[call])?.['$mid'] !== TOOL_RESULT)
      problems.push({ code: 'call-without-result', record, detail: call });
  }
  for (const result of Object.keys(results)) {
    if (!known.has(result)) problems.push({ code: 'result-without-call', record, detail: result });
  }
  return problems;
}
