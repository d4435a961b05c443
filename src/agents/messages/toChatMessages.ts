import { type Message, messageText } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { jsonText, string } from '../shape.ts';

/** One message of OpenAI's chat completions, which LangGraph and most libraries take. */
export type ChatMessage =
  | { readonly role: 'system' | 'user'; readonly content: string | readonly object[] }
  | { readonly role: 'assistant'; readonly content: string | null; readonly tool_calls?: readonly object[] }
  | { readonly role: 'tool'; readonly tool_call_id: string; readonly content: string };

/**
 * A history that `handOver` made ready, as chat messages. Each result is a message; only the user's side can show
 * images, so those of results come in a message of the user behind them.
 */
export function toChatMessages(history: readonly Message[]): readonly ChatMessage[] {
  return history.flatMap(chatMessages);
}

function chatMessages(message: Message): readonly ChatMessage[] {
  const { role, content } = message;
  const parts: readonly Part[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  switch (role) {
    case 'system':
    case 'summary':
      return [{ role: 'system', content: messageText(message) }];
    case 'assistant':
      return [assistantMessage(parts)];
    case 'user':
      return [{ role: 'user', content: userContent(parts) }];
    case 'tool': {
      const images = parts.filter(({ type }) => type === 'image').map(imageBlock);
      const shown: readonly ChatMessage[] = images.length === 0 ? [] : [{ role: 'user', content: images }];
      return [...parts.flatMap(toolMessage), ...shown];
    }
  }
}

function assistantMessage(parts: readonly Part[]): ChatMessage {
  const text = textOf(parts);
  const calls = parts.flatMap((part) =>
    part.type === 'tool_call'
      ? [{ id: part['id'], type: 'function', function: { name: part['name'], arguments: argumentsOf(part['input']) } }]
      : [],
  );
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

/** A text of JSON; what is a text already is what the model wrote. */
function argumentsOf(input: unknown): string {
  return string(input) ?? (jsonText(input ?? {}) || '{}');
}

function userContent(parts: readonly Part[]): string | readonly object[] {
  if (!parts.some(({ type }) => type === 'image')) return textOf(parts);
  return parts.flatMap((part) => {
    if (part.type === 'image') return [imageBlock(part)];
    return part.type === 'text' ? [{ type: 'text', text: part['text'] }] : [];
  });
}

function imageBlock(part: Part): object {
  return { type: 'image_url', image_url: { url: `data:${part['media_type']};base64,${part['data']}` } };
}

function toolMessage(part: Part): readonly ChatMessage[] {
  if (part.type !== 'tool_result') return [];
  return [{ role: 'tool', tool_call_id: String(part['call_id']), content: string(part['output']) ?? '' }];
}

function textOf(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.type === 'text' ? (string(part['text']) ?? []) : [])).join('\n');
}
