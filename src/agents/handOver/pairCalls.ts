import { createPacer, type Message, messageText } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { optional, string } from '../shape.ts';

/** What a call's tool answered, and the images that came with it. */
export interface Result {
  readonly messageId: string;
  readonly output: string;
  readonly failed: boolean;
  readonly images: readonly Part[];
  readonly timestamp?: string;
}

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  /** Absent where none was recorded. */
  result?: Result;
}

export type Item =
  | { readonly kind: 'part'; readonly part: Part }
  | { readonly kind: 'call'; readonly call: Call }
  /** A result whose call was not recorded. */
  | { readonly kind: 'orphan'; readonly result: Result };

/** A message whose calls have their results with them, wherever those stood. */
export interface Entry {
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'system' | 'summary';
  readonly timestamp?: string;
  readonly model?: string;
  /** Number of the prompt before it, which it belongs to; 0 before the first. */
  readonly turn: number;
  readonly items: Item[];
}

/** One message after the other with the results of its calls; a call's result is the first of its id that stands behind it. */
export async function pairCalls(history: readonly Message[]): Promise<readonly Entry[]> {
  const pause = createPacer();
  const entries: Entry[] = [];
  const waiting = new Map<string, { readonly calls: Call[]; next: number }>();
  let turn = 0;
  for (const message of history) {
    await pause();
    const { id, role, content, timestamp, model } = message;
    const parts: readonly Part[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    const own: Item[] = [];
    const calls: Item[] = [];
    const orphans: Item[] = [];
    for (const part of parts) {
      if (part.type === 'tool_call') {
        const call: Call = { id: string(part['id']) ?? '', name: string(part['name']) ?? '', input: part['input'] };
        const queue = waiting.get(call.id);
        if (queue === undefined) waiting.set(call.id, { calls: [call], next: 0 });
        else queue.calls.push(call);
        (role === 'assistant' ? own : calls).push({ kind: 'call', call });
      } else if (part.type === 'tool_result' || (role === 'tool' && typeof content === 'string')) {
        const result = resultOf(message, part, parts);
        const callId = string((part as { readonly call_id?: unknown }).call_id) ?? '';
        const queue = waiting.get(callId);
        const call = queue?.calls[queue.next];
        if (queue === undefined || call === undefined) orphans.push({ kind: 'orphan', result });
        else {
          call.result = result;
          queue.next += 1;
        }
      } else if (!isOfResult(part, parts)) own.push({ kind: 'part', part });
    }
    const facts = { ...optional('timestamp', timestamp), ...optional('model', model) };
    if (role === 'user' && own.length > 0) turn += 1;
    const add = (as: Entry['role'], name: string, items: Item[]): void => {
      if (items.length > 0) entries.push({ id: name, role: as, turn, items, ...facts });
    };
    add(role === 'tool' ? 'user' : role, id, own);
    add('assistant', own.length > 0 ? `${id}-calls` : id, [...calls, ...orphans]);
  }
  return entries;
}

/** An image of a tool stands behind the result and names its call. */
function isOfResult(part: Part, parts: readonly Part[]): boolean {
  const callId = part.type === 'image' ? (part as { readonly call_id?: unknown }).call_id : undefined;
  return callId !== undefined && parts.some((one) => one.type === 'tool_result' && one['call_id'] === callId);
}

function resultOf(message: Message, part: Part, parts: readonly Part[]): Result {
  const callId = (part as { readonly call_id?: unknown }).call_id;
  const output = part.type === 'tool_result' ? part['output'] : messageText(message);
  return {
    messageId: message.id,
    output: string(output) ?? '[the output was not kept]',
    failed: part['is_error'] === true,
    images: parts.filter(
      (one) =>
        one.type === 'image' && callId !== undefined && (one as { readonly call_id?: unknown }).call_id === callId,
    ),
    ...optional('timestamp', message.timestamp),
  };
}
