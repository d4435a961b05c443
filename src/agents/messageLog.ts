import type { Message, SessionEvent } from '../core/index.ts';

/** A linear history that grows, and what changed in it since it was asked last. */
export interface MessageLog {
  readonly length: number;
  last(): Message | undefined;
  append(message: Message): void;
  /** Puts another object in the place of the last message. */
  replaceLast(message: Message): void;
  truncate(length: number): void;
  messages(): readonly Message[];
  takeEvents(): readonly SessionEvent[];
}

export function createMessageLog(base: readonly Message[]): MessageLog {
  const history: Message[] = [...base];
  let emitted = 0;
  let kept = 0;
  let replaced = false;
  return {
    get length() {
      return history.length;
    },
    last: () => history.at(-1),
    append(message) {
      history.push(message);
    },
    replaceLast(message) {
      history[history.length - 1] = message;
      if (history.length <= kept) replaced = true;
    },
    truncate(length) {
      history.length = Math.min(history.length, length);
      if (history.length < kept) {
        kept = history.length;
        replaced = false;
      }
    },
    messages: () => [...history],
    takeEvents() {
      const events: SessionEvent[] = [];
      if (kept < emitted) events.push({ type: 'rewind', after: history[kept - 1]?.id ?? null });
      // After a rewind, too: what is left may go on in its last message.
      const extended = replaced ? history[kept - 1] : undefined;
      if (extended !== undefined) events.push({ type: 'message', message: extended });
      for (const message of history.slice(kept)) events.push({ type: 'message', message });
      emitted = history.length;
      kept = history.length;
      replaced = false;
      return events;
    },
  };
}
