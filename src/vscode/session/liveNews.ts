/**
 * Which live sessions have something new, by their keys; pure, without VS Code. Times of changes are those of the agents'
 * files, ms since the epoch; they are only compared with each other, since a clock may be set back.
 */
export interface LiveNews {
  /** True for a change that was not dealt with, and for what is to be looked at again by now. */
  isNew(key: string, changedAt: number): boolean;
  dealtWith(key: string, changedAt: number): void;
  /** The session is new again in so many ms, though its agent may write nothing more. */
  again(key: string, inMs: number): void;
  /** Whether anything is to be looked at again. */
  readonly waits: boolean;
}

/** Of sessions that are seen for the first time those are new that changed at most `recentMs` before the start, or since. */
export function createLiveNews(clock: {
  readonly recentMs: number;
  /** ms since the epoch */
  readonly now: () => number;
  /** ms, never set back */
  readonly elapsed: () => number;
}): LiveNews {
  const { recentMs, now, elapsed } = clock;
  const since = now() - recentMs;
  const seen = new Map<string, number>();
  const dueAt = new Map<string, number>();
  return {
    isNew(key, changedAt) {
      const due = dueAt.get(key);
      if (due !== undefined && elapsed() >= due) return true;
      const before = seen.get(key);
      if (before !== undefined) return changedAt !== before;
      if (changedAt > Math.min(since, now() - recentMs)) return true;
      seen.set(key, changedAt);
      return false;
    },
    dealtWith(key, changedAt) {
      seen.set(key, changedAt);
      dueAt.delete(key);
    },
    again(key, inMs) {
      dueAt.set(key, elapsed() + inMs);
    },
    get waits() {
      return dueAt.size > 0;
    },
  };
}
