import { INTERRUPTED, type Message } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { type JsonObject, list, object, string } from '../shape.ts';

/** A message of the history as a session of the SDK keeps it; undefined for one that says nothing there. */
export function writtenMessage(
  message: Message,
  names: Map<string, string>,
  options: { readonly id: string; readonly now: number; readonly model: JsonObject | undefined },
): JsonObject | undefined {
  const parts: readonly Part[] =
    typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
  const assistant = message.role === 'assistant';
  const content = parts.flatMap((part) => writtenPart(part, assistant, names));
  if (content.length === 0 || message.role === 'system') return undefined;
  const at = Date.parse(message.timestamp ?? '');
  return {
    id: options.id,
    role: assistant ? 'assistant' : 'user',
    content,
    ts: Number.isNaN(at) ? options.now : at,
    ...(assistant && options.model !== undefined ? { modelInfo: options.model } : {}),
  };
}

/** Reasoning is bound to its account and model, and stays behind. */
function writtenPart(part: Part, assistant: boolean, names: Map<string, string>): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return string(part['text'])?.trim() ? [{ type: 'text', text: part['text'] }] : [];
    case 'file':
      return typeof part['content'] === 'string'
        ? [{ type: 'file', path: part['path'], content: part['content'] }]
        : [{ type: 'text', text: `@${String(part['path'])}` }];
    case 'tool_call': {
      if (!assistant) return [];
      const [id, name] = [String(part['id']), String(part['name'])];
      names.set(id, name);
      return [{ type: 'tool_use', id, name, input: object(part['input']) ?? { input: part['input'] ?? '' } }];
    }
    case 'tool_result': {
      const id = String(part['call_id']);
      const name = names.get(id);
      if (assistant || name === undefined) return [];
      const error = part['is_error'] === true ? { is_error: true } : {};
      return [{ type: 'tool_result', tool_use_id: id, name, content: string(part['output']) ?? '', ...error }];
    }
    default:
      return [];
  }
}

/** Ids of the calls in a record of a session, or of the results. */
export function blockIds(record: JsonObject, type: 'tool_use' | 'tool_result'): readonly string[] {
  return list(record['content']).flatMap((value) => {
    const block = object(value);
    return block?.['type'] === type ? (string(block[type === 'tool_use' ? 'id' : 'tool_use_id']) ?? '') : [];
  });
}

/** Results for calls that were cut off; the model would refuse to go on without. */
export function interruption(open: ReadonlyMap<string, string>, id: string, ts: number): JsonObject {
  const content = [...open].map(([call, name]) => ({
    type: 'tool_result',
    tool_use_id: call,
    name,
    content: INTERRUPTED,
    is_error: true,
  }));
  return { id, role: 'user', content, ts };
}
