import type { Message, SessionEvent } from '../../core/index.ts';
import type { JsonObject } from '../shape.ts';
import { type ChatRequest, requestId } from './request.ts';

/** A history in requests, any of which may be told anew, and what changed in it since it was asked last. */
export interface ChatLog {
  /** How many requests. */
  readonly length: number;
  /** The id of the request at a place: its own, or that of the place where it has none or it is another's. */
  idFor(index: number, request: JsonObject): string;
  /** A message that says what it said before stays the same object. */
  put(index: number, request: ChatRequest): void;
  /** Keeps the first `length` requests. */
  cut(length: number): void;
  messages(): readonly Message[];
  takeEvents(): readonly SessionEvent[];
}

interface Kept {
  readonly messages: readonly Message[];
  readonly marks: readonly string[];
}

export function createChatLog(): ChatLog {
  const requests: Kept[] = [];
  const owners = new Map<string, number>();
  let told: readonly Message[] = [];

  function messages(): readonly Message[] {
    return requests.flatMap((request) => request.messages);
  }

  return {
    get length() {
      return requests.length;
    },
    idFor(index, request) {
      const own = requestId(request);
      const owner = own === undefined ? undefined : owners.get(own);
      if (own === undefined || (owner !== undefined && owner !== index)) return `r${index + 1}`;
      owners.set(own, index);
      return own;
    },
    put(index, { messages: read, marks }) {
      const before = requests[index];
      const same = (at: number): boolean =>
        before?.marks[at] === marks[at] && before?.messages[at]?.id === read[at]?.id;
      requests[index] = {
        messages: read.map((message, at) => (same(at) ? (before?.messages[at] ?? message) : message)),
        marks,
      };
    },
    cut(length) {
      if (length >= requests.length) return;
      requests.length = length;
      for (const [id, index] of owners) if (index >= length) owners.delete(id);
    },
    messages,
    takeEvents() {
      const now = messages();
      let kept = 0;
      while (kept < told.length && told[kept]?.id === now[kept]?.id) kept += 1;
      const events: SessionEvent[] = [];
      if (kept < told.length) events.push({ type: 'rewind', after: told[kept - 1]?.id ?? null });
      for (const [index, message] of now.entries()) {
        if (index >= kept || told[index] !== message) events.push({ type: 'message', message });
      }
      told = now;
      return events;
    },
  };
}
