import { createPacer, type Message, messageText } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { imageCall, resultImages } from '../resultImages.ts';
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
  /** Id of the message that it is, or is a part of. */
  readonly of: string;
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
    const images = resultImages(parts);
    const answers = new Set(
      parts.flatMap((part) => (part.type === 'tool_result' ? (string(part['call_id']) ?? []) : [])),
    );
    for (const part of parts) {
      await pause();
      if (part.type === 'tool_call') {
        const call: Call = { id: string(part['id']) ?? '', name: string(part['name']) ?? '', input: part['input'] };
        const queue = waiting.get(call.id);
        if (queue === undefined) waiting.set(call.id, { calls: [call], next: 0 });
        else queue.calls.push(call);
        (role === 'assistant' ? own : calls).push({ kind: 'call', call });
      } else if (part.type === 'tool_result' || (role === 'tool' && typeof content === 'string')) {
        const result = resultOf(message, part, images);
        const callId = string((part as { readonly call_id?: unknown }).call_id) ?? '';
        const queue = waiting.get(callId);
        const call = queue?.calls[queue.next];
        if (queue === undefined || call === undefined) orphans.push({ kind: 'orphan', result });
        else {
          call.result = result;
          queue.next += 1;
        }
      } else if (role === 'tool' && part.type === 'text') {
        // What a tool said beside a result is nobody's words either.
        const output = string(part['text']) ?? '';
        const result = { messageId: id, output, failed: false, images: [], ...optional('timestamp', timestamp) };
        if (output.trim() !== '') orphans.push({ kind: 'orphan', result });
      } else if (part.type !== 'image' || !answers.has(imageCall(part) ?? '')) own.push({ kind: 'part', part });
    }
    const facts = { ...optional('timestamp', timestamp), ...optional('model', model) };
    if (role === 'user' && own.length > 0) turn += 1;
    const add = (as: Entry['role'], name: string, items: Item[]): void => {
      if (items.length > 0) entries.push({ id: name, of: id, role: as, turn, items, ...facts });
    };
    add(role === 'tool' ? 'user' : role, id, own);
    add('assistant', own.length > 0 ? `${id}-calls` : id, [...calls, ...orphans]);
  }
  return entries;
}

function resultOf(message: Message, part: Part, images: ReadonlyMap<string, readonly Part[]>): Result {
  const callId = string((part as { readonly call_id?: unknown }).call_id);
  const output = part.type === 'tool_result' ? part['output'] : messageText(message);
  return {
    messageId: message.id,
    output: string(output) ?? '[the output was not kept]',
    failed: part['is_error'] === true,
    images: callId === undefined ? [] : (images.get(callId) ?? []),
    ...optional('timestamp', message.timestamp),
  };
}
