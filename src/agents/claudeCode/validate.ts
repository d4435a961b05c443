import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { NativeProblem } from '../agent.ts';
import { readLines } from '../lines.ts';
import { type JsonObject, list, object, parseObject, string, time } from '../shape.ts';
import { isUuid } from '../uuid.ts';

/** Lines that hang in the tree; the agent reads all others for themselves. */
const TREE = new Set(['user', 'assistant', 'system', 'attachment', 'progress']);
const SAID = new Set(['user', 'assistant']);

/**
 * What Claude Code passes over without a word (AGENT-CLIS 3; 2.1.329):
 * `no-timestamp`: it finds no conversation of this id. `no-message-id`, `broken-chain` (a line without `parentUuid`, with one that
 * no line before it has, a second root, or keys in another order than its loader of big files looks for): only what
 * hangs together with the last line is sent. `duplicate-id`: one of the two is lost. `call-without-result`: the call is
 * left out. `result-without-call`: the model API refuses the conversation. `wrong-name`: the file is no session.
 * `wrong-session-id`: what is added goes to another file. `not-json`: the line is lost, with all that hangs in it.
 */
export async function validate(
  transcript: string,
  name: string = basename(transcript),
): Promise<readonly NativeProblem[]> {
  const problems: NativeProblem[] = [];
  const sessionId = name.replace(/\.jsonl$/, '');
  if (!name.endsWith('.jsonl') || !isUuid(sessionId)) problems.push({ code: 'wrong-name', detail: name });
  const check = createCheck(problems, sessionId);
  const handle = await open(transcript, 'r');
  try {
    for await (const batch of readLines(handle)) for (const { text, number } of batch) check.line(text, number);
  } finally {
    await handle.close();
  }
  check.end();
  return problems;
}

function createCheck(problems: NativeProblem[], sessionId: string) {
  const ids = new Set<string>();
  const calls = new Map<string, number>();
  const answered = new Set<string>();
  let roots = 0;
  let messages = 0;

  function line(text: string, record: number): void {
    if (text.trim() === '') return;
    const found = parseObject(text);
    if (found === undefined) {
      problems.push({ code: 'not-json', record });
      return;
    }
    const named = found['sessionId'];
    if (named !== undefined && named !== sessionId) problems.push({ code: 'wrong-session-id', record });
    if (!TREE.has(string(found['type']) ?? '') || found['isSidechain'] === true) return;
    link(found, text, record);
    if (time(found['timestamp']) === undefined) problems.push({ code: 'no-timestamp', record });
    const message = object(found['message']);
    if (message === undefined) return;
    messages += 1;
    for (const block of list(message['content'])) callOrResult(object(block) ?? {}, record);
  }

  function link(found: JsonObject, text: string, record: number): void {
    const id = string(found['uuid']);
    if (id === undefined) problems.push({ code: 'no-message-id', record });
    else if (ids.has(id)) problems.push({ code: 'duplicate-id', record, detail: id });
    const parent = found['parentUuid'];
    if (parent === null && found['subtype'] !== 'compact_boundary') roots += 1;
    const hangs =
      parent === null ? found['subtype'] === 'compact_boundary' || roots === 1 : ids.has(string(parent) ?? '');
    if (!hangs) problems.push({ code: 'broken-chain', record, detail: 'parentUuid' });
    // Its loader of big files looks for bytes (FORMATS 1.4).
    else if (
      SAID.has(string(found['type']) ?? '') &&
      (!/^\{"parentUuid":/.test(text) || !/"uuid":"[^"]*","timestamp":"/.test(text))
    )
      problems.push({ code: 'broken-chain', record, detail: 'order of keys' });
    if (id !== undefined) ids.add(id);
  }

  function callOrResult(block: JsonObject, record: number): void {
    if (block['type'] === 'tool_use') {
      const id = string(block['id']) ?? '';
      if (calls.has(id)) problems.push({ code: 'duplicate-id', record, detail: id });
      calls.set(id, record);
    } else if (block['type'] === 'tool_result') {
      const id = string(block['tool_use_id']) ?? '';
      if (!calls.has(id)) problems.push({ code: 'result-without-call', record, detail: id });
      answered.add(id);
    }
  }

  function end(): void {
    for (const [id, record] of calls)
      if (!answered.has(id)) problems.push({ code: 'call-without-result', record, detail: id });
    if (messages === 0) problems.push({ code: 'empty' });
  }
  return { line, end };
}
