import type { Part } from '../agent.ts';
import { type Item, readItem } from '../codex/items.ts';
import { keptPart } from '../keptPart.ts';
import { argumentsIn, type JsonObject, jsonText, list, object, optional, string, words } from '../shape.ts';
import { contentParts, dataImage, partsText } from './content.ts';
import { idAndTime, roleOf, type Said, usageOf, withoutResults } from './said.ts';

/** Blocks of a message that has the type of a Responses item, but is one of Anthropic's. */
const ANTHROPIC_BLOCKS: ReadonlySet<unknown> = new Set(['text', 'thinking', 'tool_use', 'tool_result', 'image']);

/** What a record says, whichever format it is of; undefined where it is of none. */
export function readMessage(record: JsonObject): readonly Said[] | undefined {
  const type = string(record['type']);
  const data = object(record['data']);
  if (type !== undefined && data !== undefined && roleOf(type) !== undefined) return langChain(type, data);
  if (record['role'] === undefined && type !== undefined && roleOf(type) !== undefined) return langChain(type, record);
  if (Array.isArray(record['parts'])) return gemini(record);
  const ofAnthropic = list(record['content']).some((block) => ANTHROPIC_BLOCKS.has(object(block)?.['type']));
  const item = type === undefined || ofAnthropic ? undefined : readItem(record);
  return item === undefined ? chat(record) : [responsesItem(item, record)];
}

/** OpenAI's chat messages, Anthropic's, and agentscope's. */
function chat(record: JsonObject): readonly Said[] | undefined {
  const role = roleOf(record['role']);
  if (role === undefined) return undefined;
  const said = { role, ...idAndTime(record), ...optional('model', words(record['model'])) };
  const parts = contentParts(record['content']);
  if (role === 'tool') return [{ ...said, parts: toolResult(record, parts) }];
  if (role !== 'assistant') return withoutResults({ ...said, parts });
  const thought = string(record['reasoning_content']) ?? string(record['reasoning']);
  const reasoning: readonly Part[] =
    thought === undefined || thought === '' ? [] : [{ type: 'reasoning', text: thought }];
  const old = object(record['function_call']);
  const calls = [...list(record['tool_calls']), ...(old === undefined ? [] : [{ function: old }])];
  return [{ ...said, parts: [...reasoning, ...parts, ...calls.flatMap(openAiCall)] }];
}

function openAiCall(value: unknown): readonly Part[] {
  const call = object(value);
  const made = object(call?.['function']) ?? object(call?.['custom']);
  if (call === undefined || made === undefined) return [];
  const input = made['arguments'] ?? made['input'] ?? {};
  return [toolCall(call['id'], made['name'], typeof input === 'string' ? argumentsIn(input) : input)];
}

function toolCall(id: unknown, name: unknown, input: unknown): Part {
  return { type: 'tool_call', id: string(id) ?? '', name: string(name) ?? '', input: input ?? {} };
}

function toolResult(record: JsonObject, parts: readonly Part[]): readonly Part[] {
  if (parts.some((part) => part.type === 'tool_result')) return parts;
  const callId = string(record['tool_call_id']) ?? '';
  const failed = record['status'] === 'error' || record['is_error'] === true;
  const result: Part = {
    type: 'tool_result',
    call_id: callId,
    output: partsText(parts),
    ...optional('name', words(record['name'])),
    ...(failed ? { is_error: true } : {}),
  };
  return [result, ...parts.flatMap((part) => (part.type === 'text' ? [] : [{ ...part, call_id: callId } as Part]))];
}

/** `messages_to_dict` has the fields in `data`, a LangGraph state beside `type`. */
function langChain(type: string, message: JsonObject): readonly Said[] | undefined {
  const role = roleOf(type);
  if (role === undefined) return undefined;
  const meta = object(message['response_metadata']);
  const said = {
    role,
    ...idAndTime(message),
    ...optional('model', words(meta?.['model_name']) ?? words(meta?.['model'])),
    ...optional('usage', usageOf(message['usage_metadata'])),
  };
  const parts = contentParts(message['content']);
  if (role === 'tool') return [{ ...said, parts: toolResult(message, parts) }];
  // What the provider sent as blocks is in `tool_calls` again.
  const known = new Set(parts.map((part) => (part.type === 'tool_call' ? part['id'] : undefined)));
  const calls = list(message['tool_calls']).flatMap((value): readonly Part[] => {
    const call = object(value);
    return call === undefined || known.has(call['id']) ? [] : [toolCall(call['id'], call['name'], call['args'])];
  });
  return withoutResults({ ...said, parts: [...parts, ...calls] });
}

/** Gemini's `Content`, in the names of its REST interface or of its Python library. */
function gemini(record: JsonObject): readonly Said[] | undefined {
  const role = roleOf(record['role'] ?? 'user');
  if (role === undefined) return undefined;
  const parts = list(record['parts']).flatMap((value): readonly Part[] => {
    const part = object(value);
    return part === undefined ? [] : [geminiPart(part)];
  });
  const isAnswer = role === 'tool' ? 'user' : role;
  return withoutResults({ role: isAnswer, ...idAndTime(record), parts });
}

function geminiPart(part: JsonObject): Part {
  const text = string(part['text']);
  if (text !== undefined) return { type: part['thought'] === true ? 'reasoning' : 'text', text };
  const call = object(part['functionCall']) ?? object(part['function_call']);
  if (call !== undefined) return toolCall(call['id'], call['name'], call['args']);
  const answer = object(part['functionResponse']) ?? object(part['function_response']);
  if (answer !== undefined) {
    const response = object(answer['response']);
    const output = string(response?.['output']) ?? string(response?.['result']) ?? string(response?.['error']);
    return {
      type: 'tool_result',
      call_id: string(answer['id']) ?? '',
      output: output ?? jsonText(response ?? {}),
      ...optional('name', words(answer['name'])),
      ...(response !== undefined && 'error' in response ? { is_error: true } : {}),
    };
  }
  const data = object(part['inlineData']) ?? object(part['inline_data']);
  const mime = string(data?.['mimeType']) ?? string(data?.['mime_type']);
  const image = mime === undefined ? undefined : dataImage(`data:${mime};base64,${string(data?.['data']) ?? ''}`);
  return image ?? keptPart(part);
}

function responsesItem(item: Item, record: JsonObject): Said {
  const { id, timestamp } = idAndTime(record);
  const said = { ...optional('id', id), ...optional('timestamp', timestamp), isItem: true };
  switch (item.kind) {
    case 'message':
      return { ...said, role: item.role, parts: item.parts };
    case 'reasoning':
    case 'call':
      return { ...said, role: 'assistant', parts: [item.part] };
    case 'output':
      return { ...said, role: 'tool', parts: item.parts };
  }
}
