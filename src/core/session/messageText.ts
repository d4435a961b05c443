import type { Message } from './message.ts';

/** The first text of a message, or '' where it has none (calls, results, images). */
export function messageText(message: Message): string {
  if (typeof message.content === 'string') return message.content;
  for (const part of message.content) {
    if (part.type === 'text' && typeof part['text'] === 'string') return part['text'];
  }
  return '';
}

/** How many prompts a history holds: messages of the user that carry more than tool results. */
export function countTurns(history: readonly Message[]): number {
  return history.filter(isTurn).length;
}

function isTurn({ role, content }: Message): boolean {
  if (role !== 'user') return false;
  return typeof content === 'string' || content.some((part) => part.type !== 'tool_result');
}
