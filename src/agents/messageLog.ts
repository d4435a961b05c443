import type { Message, SessionEvent } from '../core/index.ts';

/** A history that grows, and what changed in it since it was asked last. */
export interface MessageLog {
  readonly length: number;
  last(): Message | undefined;
  append(message: Message): void;
  /** Puts another object in the place of the last message. */
  replaceLast(message: Message): void;
  /** Puts a message that is told anew in the place of the first one of its id. False, and nothing done, where there is none. */
  replace(id: string, message: Message): boolean;
  truncate(length: number): void;
  messages(): readonly Message[];
  takeEvents(): readonly SessionEvent[];
}

export function createMessageLog(base: readonly Message[]): MessageLog {
  const history: Message[] = [...base];
  let emitted = 0;
  let kept = 0;
  /** Places below `kept` of messages that are others than were told. */
  const replaced = new Set<number>();
  /** The first place of each id; most transcripts never tell a message anew, and need none. */
  let places: Map<string, number> | undefined;

  function placeOf(id: string): number | undefined {
    if (places === undefined) {
      places = new Map();
      for (const [index, message] of history.entries()) if (!places.has(message.id)) places.set(message.id, index);
    }
    return places.get(id);
  }

  function put(index: number, message: Message): void {
    history[index] = message;
    if (index < kept) replaced.add(index);
  }

  return {
    get length() {
      return history.length;
    },
    last: () => history.at(-1),
    append(message) {
      if (places !== undefined && !places.has(message.id)) places.set(message.id, history.length);
      history.push(message);
    },
    replaceLast(message) {
      const old = history.at(-1);
      if (old?.id !== message.id) places = undefined;
      put(history.length - 1, message);
    },
    replace(id, message) {
      const place = placeOf(id);
      if (place === undefined) return false;
      put(place, message);
      return true;
    },
    truncate(length) {
      for (const [offset, message] of history.slice(length).entries()) {
        if (places?.get(message.id) === length + offset) places.delete(message.id);
      }
      history.length = Math.min(history.length, length);
      if (history.length >= kept) return;
      kept = history.length;
      for (const index of replaced) if (index >= kept) replaced.delete(index);
    },
    messages: () => [...history],
    takeEvents() {
      const events: SessionEvent[] = [];
      if (kept < emitted) events.push({ type: 'rewind', after: history[kept - 1]?.id ?? null });
      // After a rewind, too: what is left may go on in its last message.
      for (const index of [...replaced].sort((a, b) => a - b)) {
        const message = history[index];
        if (message !== undefined) events.push({ type: 'message', message });
      }
      for (const message of history.slice(kept)) events.push({ type: 'message', message });
      emitted = history.length;
      kept = history.length;
      replaced.clear();
      return events;
    },
  };
}
