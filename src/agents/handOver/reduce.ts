import type { Entry } from './pairCalls.ts';

/** What is left out of a history before it is handed over; without any of these, nothing. */
export interface Reduction {
  /**
   * Outputs of tools are replaced by a line that says so, except short ones, those of the last two turns, and those of
   * pinned messages.
   */
  readonly dropToolOutputs?: boolean;
  /**
   * Only so many turns (a turn begins with a prompt), and of what is before them the first prompt, which says what it is
   * all about, the last summary, and pinned messages. At least 1.
   */
  readonly lastTurns?: number;
  /** Ids of messages that are kept whole. */
  readonly pinned?: readonly string[];
}

/** The turns whose outputs the agent most likely goes on with. */
const WHOLE_TURNS = 2;

export interface Reduced {
  readonly entries: readonly Entry[];
  /** Messages, as the history counts them. */
  readonly dropped: number;
  /** Outputs of this entry's calls are left out where they are long. */
  readonly shortens: (entry: Entry) => boolean;
}

/** Cuts between turns only; a pinned message keeps its calls with their results, and a pinned result its call. */
export function reduce(entries: readonly Entry[], reduction: Reduction): Reduced {
  const pinned = new Set(reduction.pinned);
  const turns = entries.at(-1)?.turn ?? 0;
  const first = reduction.lastTurns === undefined ? 0 : turns - Math.max(1, Math.floor(reduction.lastTurns)) + 1;
  const isPinned = (entry: Entry): boolean =>
    pinned.has(entry.of) ||
    entry.items.some((item) => item.kind === 'call' && pinned.has(item.call.result?.messageId ?? ''));
  const before = entries.filter((entry) => entry.turn < first);
  const task = before.find(({ role }) => role === 'user');
  const told = before.findLast(({ role }) => role === 'summary');
  const kept = entries.filter((entry) => entry.turn >= first || entry === task || entry === told || isPinned(entry));
  return {
    entries: kept,
    dropped: sizeOf(entries) - sizeOf(kept),
    shortens: (entry) => reduction.dropToolOutputs === true && entry.turn <= turns - WHOLE_TURNS && !isPinned(entry),
  };
}

/** With the messages of the results. */
function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((size, { items }) => {
    const results = items.flatMap((item) => (item.kind === 'call' ? (item.call.result?.messageId ?? []) : []));
    return size + 1 + new Set(results).size;
  }, 0);
}
