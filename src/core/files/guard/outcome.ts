import type { ReadCacheEntry } from '../../session/snapshot.ts';
import type { ConflictReason, Theirs, WriteOutcome } from './guardTypes.ts';

/** A conflict as a value: what stood in the way, and what the session believes. */
export function conflictOf(
  key: string,
  reason: ConflictReason,
  theirs: Theirs,
  entry: ReadCacheEntry | undefined,
  kept?: string,
): WriteOutcome {
  return {
    kind: 'conflict',
    key,
    reason,
    theirs,
    ...(entry === undefined ? {} : { seen: seenOf(entry) }),
    ...(kept === undefined ? {} : { kept }),
  };
}

function seenOf(entry: ReadCacheEntry): { sha256?: string; seenAt?: string } {
  return {
    ...(entry.sha256 === undefined ? {} : { sha256: entry.sha256 }),
    ...(entry.seen_at === undefined ? {} : { seenAt: entry.seen_at }),
  };
}
