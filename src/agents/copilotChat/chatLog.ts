import type { Message, SessionEvent } from '../../core/index.ts';
import { sameValue } from '../messageDiff.ts';
import type { JsonObject } from '../shape.ts';
import { requestId } from './request.ts';

/** A history in requests, any of which may be told anew, and what changed in it since it was asked last. */
export interface ChatLog {
  /** How many requests. */
  readonly length: number;
  /** True where another request stands at this place than before: all from there on get their ids anew. */
  isOther(index: number, request: JsonObject): boolean;
  /** All from this place on are about to be put again. */
  begin(index: number): void;
  /** The id of the request at a place: its own, or that of the place where it has none, or one before it has the same. */
  idFor(index: number, request: JsonObject): string;
  /** A message that says what it said before stays the same object. */
  put(index: number, messages: readonly Message[]): void;
  /** Keeps the first `length` requests. */
  cut(length: number): void;
  messages(): readonly Message[];
  takeEvents(): readonly SessionEvent[];
}

export function createChatLog(): ChatLog {
  const requests: (readonly Message[])[] = [];
  /** The ids that VS Code gave the requests, and the first place of each. */
  const natives: (string | undefined)[] = [];
  const owners = new Map<string, number>();
  const told: (readonly Message[])[] = [];
  /** Requests before this one are as they were told. */
  let changed = Number.POSITIVE_INFINITY;

  function disown(from: number): void {
    for (const [offset, id] of natives.slice(from).entries()) {
      if (id !== undefined && owners.get(id) === from + offset) owners.delete(id);
    }
  }

  function lastBefore(index: number): string | null {
    return (
      told
        .slice(0, index)
        .findLast((messages) => messages.length > 0)
        ?.at(-1)?.id ?? null
    );
  }

  return {
    get length() {
      return requests.length;
    },
    isOther: (index, request) => index < natives.length && natives[index] !== requestId(request),
    begin: disown,
    idFor(index, request) {
      const own = requestId(request);
      natives[index] = own;
      if (own === undefined) return `r${index + 1}`;
      const owner = owners.get(own);
      if (owner !== undefined && owner !== index) return `r${index + 1}`;
      owners.set(own, index);
      return own;
    },
    put(index, messages) {
      const before = requests[index] ?? [];
      requests[index] = messages.map((message, at) => {
        const known = before[at];
        return known !== undefined && sameValue(known, message) ? known : message;
      });
      changed = Math.min(changed, index);
    },
    cut(length) {
      if (length >= requests.length) return;
      disown(length);
      natives.length = length;
      requests.length = length;
      changed = Math.min(changed, length);
    },
    messages: () => requests.flat(),
    takeEvents() {
      const from = changed;
      changed = Number.POSITIVE_INFINITY;
      const before = told.slice(from).flat();
      const now = requests.slice(from).flat();
      let kept = 0;
      while (kept < before.length && before[kept]?.id === now[kept]?.id) kept += 1;
      const events: SessionEvent[] = [];
      if (kept < before.length) events.push({ type: 'rewind', after: before[kept - 1]?.id ?? lastBefore(from) });
      for (const [index, message] of now.entries()) {
        if (index >= kept || before[index] !== message) events.push({ type: 'message', message });
      }
      told.length = Math.min(told.length, from);
      for (const messages of requests.slice(told.length)) told.push(messages);
      return events;
    },
  };
}
