import { createPacer } from '../../files/pacer.ts';
import type { SessionDocument } from '../../store/sessionStore.ts';
import type { ToolChange } from '../report.ts';

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

/** The changes of tools with the messages that call them, for a report that was made without the history. */
export function withCallers(
  changes: readonly ToolChange[],
  affected: readonly AffectedMessage[],
): readonly ToolChange[] {
  const callers = new Map<string, string[]>();
  for (const { id, tools } of affected) {
    for (const tool of tools) {
      const ids = callers.get(tool);
      if (ids === undefined) callers.set(tool, [id]);
      else ids.push(id);
    }
  }
  return changes.map((change) =>
    change.change === 'added' ? change : { ...change, usedBy: callers.get(change.tool) ?? [] },
  );
}
