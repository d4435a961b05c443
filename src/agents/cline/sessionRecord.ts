import type { Part } from '../agent.ts';
import { assistantParts } from '../claudeCode/content.ts';
import { type JsonObject, list, object, optional, parseObject, string } from '../shape.ts';
import type { Said, SaidCall, SaidResult } from './said.ts';

/** The messages that an element of `messages` in `<id>.messages.json` is: one, or the results of calls and what was typed with them. */
export function sessionRecord(record: JsonObject): readonly Said[] {
  const content = record['content'];
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : list(content);
  if (record['role'] === 'assistant') return assistantRecord(blocks);
  if (record['role'] === 'system') return [{ role: 'system', content: blocks.flatMap(typedPart) }];
  const results: SaidResult[] = [];
  const given: Part[] = [];
  const typed: Part[] = [];
  for (const value of blocks) {
    const block = object(value);
    if (block?.['type'] !== 'tool_result') typed.push(...typedPart(value));
    else {
      const result = resultOf(block);
      results.push(result);
      const error = result.failed ? { is_error: true } : {};
      given.push({ type: 'tool_result', call_id: result.callId, output: result.text, ...error }, ...imagesOf(block));
    }
  }
  const said: Said[] = [];
  if (given.length > 0) said.push({ role: 'tool', content: given, results });
  if (typed.length > 0) said.push(typedMessage(typed));
  return said;
}

function assistantRecord(blocks: readonly unknown[]): readonly Said[] {
  const content = assistantParts({ content: blocks });
  const calls = content.flatMap((part): SaidCall[] =>
    part.type === 'tool_call' ? [{ id: String(part['id']), name: String(part['name']), input: part['input'] }] : [],
  );
  return content.length === 0 ? [] : [{ role: 'assistant', content, calls }];
}

function typedMessage(parts: readonly Part[]): Said {
  const [only] = parts;
  const text = parts.flatMap((part) => (part.type === 'text' ? [String(part['text'])] : [])).join('\n\n');
  return { role: 'user', content: parts.length === 1 && only?.type === 'text' ? text : parts, prompt: text };
}

/** A prompt stands in `<user_input mode="act">`; a file that was named with `@` comes with its content. */
function typedPart(value: unknown): readonly Part[] {
  const block = object(value);
  if (block === undefined) return [];
  if (block['type'] === 'file') {
    const path = string(block['path']);
    return path === undefined ? [] : [{ type: 'file', path, ...optional('content', string(block['content'])) }];
  }
  const text = block['type'] === 'text' ? (string(block['text']) ?? '') : undefined;
  if (text === undefined) return assistantParts({ content: [block] });
  const input = /^\s*<user_input(?: [^>\n]{0,200})?>([\s\S]*)<\/user_input>\s*$/.exec(text);
  return [{ type: 'text', text: input?.[1] ?? text }];
}

function resultOf(block: JsonObject): SaidResult {
  const content = block['content'];
  const callId = string(block['tool_use_id']) ?? '';
  const text = typeof content === 'string' ? content : contentText(list(content));
  const outcome = typeof content === 'string' ? parseObject(content) : undefined;
  const outcomes = list(content).map((one) => object(one));
  const failed =
    block['is_error'] === true ||
    outcome?.['success'] === false ||
    (outcomes.length > 0 && outcomes.every((one) => one?.['success'] === false));
  return { callId, text, failed };
}

/** Outcomes (`{query, result, success}`) stay the JSON that the model saw; texts become text. */
function contentText(parts: readonly unknown[]): string {
  const outcomes = parts.flatMap((part) => {
    const { query, result, success, error } = object(part) ?? {};
    if (typeof success !== 'boolean') return [];
    return [
      {
        ...optional('query', string(query)),
        result: string(result) ?? '',
        success,
        ...optional('error', string(error)),
      },
    ];
  });
  if (outcomes.length > 0) return JSON.stringify(outcomes);
  return parts.flatMap((part) => string(object(part)?.['text']) ?? string(part) ?? []).join('\n');
}

/** Images of a result, each with the id of its call. */
export function imagesOf(block: JsonObject): readonly Part[] {
  return list(block['content'])
    .filter((part) => object(part)?.['type'] === 'image')
    .flatMap((part) => assistantParts({ content: [part] }))
    .map((part) => ({ ...part, call_id: string(block['tool_use_id']) ?? '' }));
}
