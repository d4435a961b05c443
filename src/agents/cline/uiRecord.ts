import type { Usage } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { count, type JsonObject, number, object, parseObject, string, words } from '../shape.ts';
import type { RecordFacts, Said } from './said.ts';

/** An element of `ui_messages.json`: what the task's view shows. */
export function isUiRecord(record: JsonObject): boolean {
  return record['type'] === 'say' || record['type'] === 'ask';
}

const TYPED: ReadonlySet<unknown> = new Set(['task', 'user_feedback', 'user_feedback_diff']);
const SPOKEN: ReadonlySet<unknown> = new Set(['text', 'completion_result', 'followup', 'plan_mode_respond']);

/** What it says; undefined for what only the view needs. The first text of a task is the task. */
export function uiRecord(record: JsonObject, place: number): Said | undefined {
  const kind = record['say'] ?? record['ask'];
  const text = words(record['text']);
  if (text === undefined) return undefined;
  if (TYPED.has(kind) || (place === 0 && kind === 'text')) return { role: 'user', content: text, prompt: text };
  if (SPOKEN.has(kind)) return spoken([{ type: 'text', text: askedText(text) }]);
  if (kind === 'reasoning') return spoken([{ type: 'reasoning', text }]);
  const id = `call_${place}`;
  if (kind === 'tool') {
    const { tool, ...input } = parseObject(text) ?? {};
    return spoken([{ type: 'tool_call', id, name: string(tool) ?? 'tool', input }]);
  }
  if (kind === 'command') return spoken([{ type: 'tool_call', id, name: 'execute_command', input: { command: text } }]);
  if (kind === 'error') return { role: 'system', content: text };
  return undefined;
}

function spoken(content: readonly Part[]): Said {
  return { role: 'assistant', content };
}

/** A question is kept as `{question, options}`. */
function askedText(text: string): string {
  return text.startsWith('{') ? (words(parseObject(text)?.['question']) ?? text) : text;
}

/** Tokens of a request; `tokensIn` excludes what came from a cache. */
export function uiUsage(record: JsonObject): Pick<RecordFacts, 'usage' | 'cost'> | undefined {
  if (record['say'] !== 'api_req_started' && record['say'] !== 'deleted_api_reqs') return undefined;
  const request = parseObject(string(record['text']) ?? '');
  if (request === undefined || number(request['tokensIn']) === undefined) return undefined;
  const usage: Usage = {
    input: count(request['tokensIn']),
    output: count(request['tokensOut']),
    cache_read: count(request['cacheReads']),
    cache_write: count(request['cacheWrites']),
  };
  const cost = number(request['cost']);
  return { usage, ...(cost === undefined ? {} : { cost }) };
}

export function uiModel(record: JsonObject): string | undefined {
  return words(object(record['modelInfo'])?.['modelId']);
}
