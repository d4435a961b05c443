import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { NativeProblem } from '../agent.ts';
import { readLines } from '../lines.ts';
import { type JsonObject, number, object, parseObject, string, time, words } from '../shape.ts';
import { findBase } from './find.ts';
import { readItem } from './items.ts';
import { rolloutId } from './places.ts';

const HEADER: readonly string[] = ['id', 'timestamp', 'cwd', 'originator', 'cli_version'];

/**
 * What Codex passes over without a word, or mistakes (AGENT-CLIS 2; 0.169.0):
 * `no-timestamp`: the line is dropped. `not-json`: as well. `not-listed`: without a `user_message` event `resume --last`
 * begins a new thread. `wrong-session-id`: the thread goes on under the id in its first line. `no-header`,
 * `header-field-missing`, `broken-chain` (a numbered thread whose lines are not, or one that continues a thread that is
 * missing): the thread cannot be read. `wrong-name`: it is not found. `call-without-result`: the agent says "aborted" for
 * it. `result-without-call`: the model API refuses it. `duplicate-id`: two calls of one id. `empty`: nothing was said.
 */
export async function validate(
  transcript: string,
  name: string = basename(transcript),
): Promise<readonly NativeProblem[]> {
  const problems: NativeProblem[] = [];
  const id = rolloutId(name);
  if (id === undefined) problems.push({ code: 'wrong-name', detail: name });
  const base = await findBase(transcript);
  if (base.kind === 'missing') problems.push({ code: 'broken-chain', record: 1, detail: base.nativeId });
  const check = createCheck(problems, id, base.kind !== 'none');
  const handle = await open(transcript, 'r');
  try {
    for await (const batch of readLines(handle)) for (const line of batch) check.line(line.text, line.number);
  } finally {
    await handle.close();
  }
  check.end();
  return problems;
}

function createCheck(problems: NativeProblem[], id: string | undefined, continues: boolean) {
  const calls = new Map<string, number>();
  const answered = new Set<string>();
  let ordinal: number | undefined;
  let isNumbered = false;
  let prompts = 0;
  let announced = 0;
  let items = 0;

  function line(text: string, record: number): void {
    if (text.trim() === '') return;
    const found = parseObject(text);
    if (found === undefined) {
      problems.push({ code: 'not-json', record });
      return;
    }
    if (time(found['timestamp']) === undefined) problems.push({ code: 'no-timestamp', record });
    const payload = object(found['payload']) ?? {};
    const type = string(found['type']);
    if (record === 1) header(type, payload);
    if (isNumbered) numbered(number(found['ordinal']), record);
    if (type === 'event_msg' && isPrompt(payload)) announced += 1;
    if (type === 'response_item') item(payload, record);
  }

  function header(type: string | undefined, payload: JsonObject): void {
    if (type !== 'session_meta') {
      problems.push({ code: 'no-header', record: 1 });
      return;
    }
    for (const field of HEADER)
      if (words(payload[field]) === undefined)
        problems.push({ code: 'header-field-missing', record: 1, detail: field });
    const own = string(payload['id']);
    if (own !== undefined && id !== undefined && own.toLowerCase() !== id.toLowerCase())
      problems.push({ code: 'wrong-session-id', record: 1, detail: own });
    isNumbered = payload['history_mode'] === 'paginated';
  }

  function numbered(found: number | undefined, record: number): void {
    if (found === undefined || (ordinal !== undefined && found !== ordinal + 1))
      problems.push({ code: 'broken-chain', record, detail: 'ordinal' });
    ordinal = found ?? (ordinal ?? -1) + 1;
  }

  function item(payload: JsonObject, record: number): void {
    const read = readItem(payload);
    if (read === undefined) return;
    items += 1;
    switch (read.kind) {
      case 'message':
        if (read.role === 'user') prompts += 1;
        return;
      case 'call':
        // Searches of the model's own side have no output.
        if (payload['type'] !== 'function_call' && payload['type'] !== 'custom_tool_call') {
          answered.add(read.id);
        } else if (calls.has(read.id)) problems.push({ code: 'duplicate-id', record, detail: read.id });
        calls.set(read.id, record);
        return;
      case 'output':
        if (!calls.has(read.id) && !continues) problems.push({ code: 'result-without-call', record, detail: read.id });
        answered.add(read.id);
        return;
      case 'reasoning':
        return;
    }
  }

  function end(): void {
    for (const [call, record] of calls)
      if (!answered.has(call)) problems.push({ code: 'call-without-result', record, detail: call });
    if (items === 0 && !continues) problems.push({ code: 'empty' });
    if (prompts > 0 && announced === 0) problems.push({ code: 'not-listed' });
  }
  return { line, end };
}

/** Numbered threads tell prompts as completed items. */
function isPrompt(payload: JsonObject): boolean {
  if (payload['type'] === 'user_message') return true;
  return payload['type'] === 'item_completed' && object(payload['item'])?.['type'] === 'UserMessage';
}
