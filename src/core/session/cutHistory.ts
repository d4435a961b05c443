import type { Message } from './message.ts';

/** The first `count` messages: what a fork at message `count` shares with its parent. */
export function cutHistory(history: readonly Message[], count: number): readonly Message[] {
  return history.slice(0, Math.max(0, count));
}
