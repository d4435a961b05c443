import type { Message } from '../../core/index.ts';
import type { AgentHome, NativeWriteOptions, NativeWritten, Part } from '../agent.ts';
import { type JsonObject, optional, string } from '../shape.ts';
import { isPassedOver, messagesOf, tell, WROTE } from './content.ts';
import { writeSession } from './writeSession.ts';

/** Writes messages as a session: texts, images, and calls together with their results. Reasoning is left out. */
export async function write(where: AgentHome, options: NativeWriteOptions): Promise<NativeWritten> {
  return writeSession(where, options, (written) => recordsOf(options, written));
}

interface Outcome {
  readonly output: string;
  readonly isError: boolean;
  readonly images: readonly JsonObject[];
}

function* recordsOf(options: NativeWriteOptions, written: { messages: number }): Generator<JsonObject> {
  const outcomes = outcomesOf(options.history);
  const called = new Set<string>();
  const used = new Set<string>();
  const now = new Date(options.now).toISOString();
  for (const message of options.history) {
    const parts: readonly Part[] =
      typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
    const made = recordOf(message, parts, outcomes, called, options);
    if (made === undefined) continue;
    let id = message.id;
    for (let more = 2; used.has(id); more += 1) id = `${message.id}-${more}`;
    used.add(id);
    const record = { id, timestamp: message.timestamp ?? now, ...made };
    const told = tell(record, id);
    written.messages += told === undefined ? 0 : messagesOf(told, id, told.results).length;
    yield record;
  }
  if (written.messages === 0) throw new Error('nothing to write: no message that Gemini would take');
}

function recordOf(
  message: Message,
  parts: readonly Part[],
  outcomes: ReadonlyMap<string, Outcome>,
  called: Set<string>,
  options: NativeWriteOptions,
): JsonObject | undefined {
  switch (message.role) {
    case 'system':
      return undefined;
    case 'assistant': {
      const content = parts.flatMap(contentOf);
      const toolCalls = parts.flatMap((part) => (part.type === 'tool_call' ? [callOf(part, outcomes, message)] : []));
      for (const call of toolCalls) called.add(call.id);
      if (content.length + toolCalls.length === 0) return undefined;
      const said = content.length === 0 ? '' : content;
      return {
        type: 'gemini',
        content: said,
        ...optional('model', options.model),
        ...(toolCalls.length > 0 ? { toolCalls } : {}),
      };
    }
    case 'tool': {
      // Results of calls stand with their calls; what belongs to none is told as a text.
      const others = parts.filter((part) => !called.has(string(part['call_id']) ?? ''));
      const content = others.flatMap((part) =>
        part.type === 'tool_result' ? [{ text: outputOf(part) }] : contentOf(part),
      );
      return content.length === 0 ? undefined : { type: 'user', content };
    }
    case 'user':
    case 'summary': {
      const content = parts.flatMap(contentOf);
      if (content.length === 0) return undefined;
      const text = content.map((part) => string(part['text']) ?? '').join('');
      return { type: 'user', content: isPassedOver(text) ? [{ text: WROTE }, ...content] : content };
    }
  }
}

function callOf(part: Part, outcomes: ReadonlyMap<string, Outcome>, message: Message) {
  const id = string(part['id']) ?? '';
  const name = string(part['name']) ?? '';
  const outcome = outcomes.get(id) ?? { output: 'interrupted', isError: true, images: [] };
  const response = outcome.isError ? { error: outcome.output } : { output: outcome.output };
  return {
    id,
    name,
    args: part['input'],
    result: [{ functionResponse: { id, name, response } }, ...outcome.images],
    status: outcome.isError ? 'error' : 'success',
    ...optional('timestamp', message.timestamp),
  };
}

/** By the ids of their calls; images of a result come as parts behind it. */
function outcomesOf(history: readonly Message[]): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const { role, content } of history) {
    if (role !== 'tool' || typeof content === 'string') continue;
    for (const part of content) {
      const id = string((part as Part)['call_id']);
      if (id === undefined) continue;
      const known = outcomes.get(id);
      if (part.type === 'tool_result' && known === undefined) {
        outcomes.set(id, { output: outputOf(part), isError: part['is_error'] === true, images: [] });
      } else if (part.type === 'image' && known !== undefined) {
        outcomes.set(id, { ...known, images: [...known.images, ...contentOf(part)] });
      }
    }
  }
  return outcomes;
}

function outputOf(part: Part): string {
  return string(part['output']) ?? '';
}

function contentOf(part: Part): readonly JsonObject[] {
  if (part.type === 'text') return part['text'] === '' ? [] : [{ text: part['text'] }];
  if (part.type === 'file') return [{ text: `@${string(part['path']) ?? ''}` }];
  const data = part.type === 'image' ? string(part['data']) : undefined;
  return data === undefined ? [] : [{ inlineData: { mimeType: part['media_type'], data } }];
}
