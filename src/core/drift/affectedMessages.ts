import { createPacer } from '../files/pacer.ts';
import type { SessionDocument } from '../store/sessionStore.ts';

/** Messages that are held at a time. */
const SLICE = 50;

export interface AffectedMessage {
  readonly id: string;
  /** Counted from 1. */
  readonly number: number;
  /** Names of the tools that it calls, of those asked for, each once. */
  readonly tools: readonly string[];
}

/**
 * The messages of a session that call one of these tools, in order. The history is paged through, never held as a
 * whole. Aborting rejects with the signal's reason.
 */
export async function affectedMessages(
  document: SessionDocument,
  toolNames: Iterable<string>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<readonly AffectedMessage[]> {
  const wanted = new Set(toolNames);
  const affected: AffectedMessage[] = [];
  if (wanted.size === 0) return affected;
  const pause = createPacer();
  for (let from = 0; from < document.messageCount; from += SLICE) {
    options.signal?.throwIfAborted();
    const messages = await document.messages(from, Math.min(from + SLICE, document.messageCount));
    for (const [index, { id, content }] of messages.entries()) {
      if (typeof content === 'string') continue;
      const called = new Set<string>();
      for (const part of content) {
        if (part.type !== 'tool_call' || typeof part['name'] !== 'string') continue;
        if (wanted.has(part['name'])) called.add(part['name']);
      }
      if (called.size > 0) affected.push({ id, number: from + index + 1, tools: [...called] });
    }
    await pause();
  }
  return affected;
}
