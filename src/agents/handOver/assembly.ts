import { createHash } from 'node:crypto';
import type { Message } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { optional, string } from '../shape.ts';
import type { NativeCall } from './neutralCall.ts';
import type { Entry } from './pairCalls.ts';

/** What stands in a result's place. */
interface ResultFacts {
  readonly output: string;
  readonly failed: boolean;
  readonly images: readonly Part[];
  readonly messageId: string | undefined;
  readonly timestamp: string | undefined;
}

/**
 * Puts messages together so that user and assistant alternate, each call has its result behind its message, and all
 * ids are unique. Does not know what calls mean.
 */
export interface Assembly {
  begin(entry: Pick<Entry, 'id' | 'role' | 'timestamp' | 'model'>): void;
  text(text: string): void;
  image(image: Part): void;
  call(id: string, native: NativeCall, result: ResultFacts): void;
  end(): void;
  /** All messages; `note` stands before everything. */
  finish(note: string | undefined): readonly Message[];
}

/** What all model APIs take as a call's id. */
const CALL_ID = /^[A-Za-z0-9_-]{1,64}$/;
const BEGINNING = '[The beginning of this conversation was not kept.]';

interface Draft {
  readonly message: Pick<Message, 'id' | 'role' | 'timestamp' | 'model'>;
  readonly parts: Part[];
}

export function createAssembly(): Assembly {
  const drafts: Draft[] = [];
  /** Ids that are taken, each with the last number that was put behind it. */
  const messageIds = new Map<string, number>();
  const callIds = new Set<string>();
  let open: Draft | undefined;
  let calls: { readonly part: Part; readonly result: ResultFacts }[] = [];

  function unique(id: string): string {
    const last = messageIds.get(id);
    let number = last ?? 1;
    let free = id;
    while (messageIds.has(free)) {
      number += 1;
      free = `${id}-${number}`;
    }
    if (last !== undefined) messageIds.set(id, number);
    messageIds.set(free, 1);
    return free;
  }

  function callId(id: string): string {
    let free = id;
    for (let number = 1; !CALL_ID.test(free) || callIds.has(free); number += 1) {
      free = `call_${createHash('sha256').update(`${id} ${callIds.size} ${number}`).digest('hex').slice(0, 24)}`;
    }
    callIds.add(free);
    return free;
  }

  function add(draft: Draft): void {
    const last = drafts.at(-1);
    const { role } = draft.message;
    if (last !== undefined && last.message.role === role && (role === 'user' || role === 'assistant')) {
      for (const part of draft.parts) last.parts.push(part);
    } else drafts.push({ ...draft, message: { ...draft.message, id: unique(draft.message.id) } });
  }

  function end(): void {
    if (open === undefined) return;
    const { message } = open;
    const parts = [...open.parts, ...calls.map(({ part }) => part)];
    open = undefined;
    if (parts.length === 0) return;
    add({ message, parts });
    const [first] = calls;
    if (first === undefined) return;
    const answers = calls.flatMap(({ part, result }): Part[] => {
      const id = string(part['id']) ?? '';
      return [
        { type: 'tool_result', call_id: id, output: result.output, ...(result.failed ? { is_error: true } : {}) },
        ...result.images.map((image) => imageOf(image, id)),
      ];
    });
    const timestamp = first.result.timestamp ?? message.timestamp;
    const id = first.result.messageId ?? `${message.id}-interrupted`;
    add({ message: { id, role: 'tool', ...optional('timestamp', timestamp) }, parts: answers });
  }

  return {
    begin({ id, role, timestamp, model }) {
      const facts = { id, ...optional('timestamp', timestamp), ...optional('model', model) };
      open = { message: { ...facts, role: role === 'summary' ? 'user' : role }, parts: [] };
      calls = [];
    },
    text(text) {
      if (text.trim() !== '') open?.parts.push({ type: 'text', text: text.toWellFormed() });
    },
    image: (image) => void open?.parts.push(imageOf(image)),
    call(id, { name, input }, result) {
      calls.push({ part: { type: 'tool_call', id: callId(id), name, input }, result });
    },
    end,
    finish(note) {
      const first = drafts.find(({ message }) => message.role !== 'system');
      const said = note ?? (first?.message.role === 'assistant' ? BEGINNING : undefined);
      if (first !== undefined && said !== undefined) {
        const parts: Part[] = [{ type: 'text', text: said }];
        if (first.message.role === 'user') first.parts.unshift(...parts);
        else {
          const message = {
            id: unique('hand-over'),
            role: 'user' as const,
            ...optional('timestamp', first.message.timestamp),
          };
          drafts.splice(drafts.indexOf(first), 0, { message, parts });
        }
      }
      return drafts.map(({ message, parts }) => ({ ...message, content: parts }) as Message);
    },
  };
}

function imageOf(image: Part, callId?: string): Part {
  const { media_type, data } = image as { readonly media_type?: unknown; readonly data?: unknown };
  return { type: 'image', media_type, data, ...optional('call_id', callId) } as Part;
}
