import type { ReaderOptions, TranscriptReader } from '../agent.ts';
import type { TaskAgent } from '../cline/facts.ts';
import { taskReader } from '../cline/reader.ts';
import { parseObject, words } from '../shape.ts';

interface Held {
  readonly record: string;
  readonly at: Parameters<TranscriptReader['push']>[1];
  /** Ids of the summary or the cut that took it out of the conversation. */
  readonly hiddenBy: readonly string[];
}

/**
 * Reads a task as Cline's, less the messages that a summary or a cut stands for: those whose `condenseParent` or
 * `truncationParent` is in the file. It stands behind some of them, so that all is held until something is asked.
 */
export function rooReader(agent: TaskAgent, options: ReaderOptions): TranscriptReader {
  const inner = taskReader(agent, options);
  const summaries = new Set<string>();
  let held: Held[] = [];

  function settle(): TranscriptReader {
    const waiting = held;
    held = [];
    for (const { record, at, hiddenBy } of waiting) {
      if (!hiddenBy.some((id) => summaries.has(id))) inner.push(record, at);
    }
    return inner;
  }

  return {
    push(record, at) {
      const marked = /"(?:condense|truncation)(?:Id|Parent)"/.test(record) ? parseObject(record) : undefined;
      for (const id of [words(marked?.['condenseId']), words(marked?.['truncationId'])]) {
        if (id !== undefined) summaries.add(id);
      }
      const parents = [words(marked?.['condenseParent']), words(marked?.['truncationParent'])];
      held.push({ record, at, hiddenBy: parents.filter((id) => id !== undefined) });
    },
    takeEvents: () => settle().takeEvents(),
    takeTouches: () => settle().takeTouches(),
    messages: () => settle().messages(),
    facts: () => settle().facts(),
    counts: () => settle().counts(),
    problems: () => settle().problems(),
  };
}
