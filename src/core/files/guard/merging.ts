import type { ReadCacheEntry } from '../../session/snapshot.ts';
import type { Bases } from '../merge/bases.ts';
import { mergeVersions } from '../merge/mergeVersions.ts';
import { ioFailure, sha256 } from '../version.ts';
import { type Change, change, type Room } from './changing.ts';
import type { ConflictReason, Theirs, WriteOutcome } from './guardTypes.ts';

/** Where the version that a session has read is found again. */
export interface BaseSources {
  readonly bases?: Bases;
  /** As in `GuardOptions`. */
  readonly baseOf?: (key: string, entry: ReadCacheEntry) => Promise<Uint8Array | undefined>;
}

/** A file that changes again and again between merge and write stays a conflict after so many. */
const TRIES = 5;

/**
 * Changes a file; a conflict tells how the change would merge, where that can be known. With `merge` it is merged and
 * written over exactly the version that it was merged with. What was displaced and kept is for a person to see: then
 * the conflict stays one.
 */
export async function changeOrMerge(
  room: Room,
  sources: BaseSources,
  job: Change,
  { merge }: { readonly merge: boolean },
): Promise<WriteOutcome> {
  let outcome = await change(room, job);
  if (outcome.kind !== 'conflict' || !isMergeable(outcome.reason)) return outcome;
  const base = await findBase(sources, job);
  const made = base === undefined ? undefined : await job.make(base);
  if (base === undefined || made?.kind !== 'edited') return outcome;
  const ours = made.bytes;
  for (let attempt = 1; ; attempt++) {
    const theirs = bytesOf(outcome.theirs);
    if (theirs === undefined) return outcome;
    const merged = await mergeVersions({ base, ours, theirs });
    if (merged.kind === 'not-mergeable') return outcome;
    if (merged.kind !== 'merged') return { ...outcome, merge: { base, ours } };
    const { bytes } = merged;
    if (!merge || job.force || outcome.kept !== undefined || attempt > TRIES) {
      return { ...outcome, merge: { base, ours, merged: bytes } };
    }
    // Nothing but these bytes counts as seen: saved by an editor, they may get a BOM or other line ends.
    const seen: ReadCacheEntry = { sha256: await sha256(theirs), unsaved: true };
    const make = (): Promise<{ kind: 'edited'; bytes: Buffer }> => Promise.resolve({ kind: 'edited', bytes });
    const again = await change(room, { ...job, make, seen, merged: true });
    if (again.kind !== 'conflict') return again;
    outcome = { ...again, ...(outcome.seen === undefined ? {} : { seen: outcome.seen }) };
    if (!isMergeable(again.reason)) return outcome;
  }
}

function isMergeable(reason: ConflictReason): boolean {
  switch (reason) {
    case 'changed':
    case 'unsaved':
    case 'slipped-in':
      return true;
    // There is no base, or nothing to merge with.
    case 'unread':
    case 'unknown':
    case 'deleted':
      return false;
  }
}

async function findBase({ bases, baseOf }: BaseSources, { at, seen }: Change): Promise<Buffer | undefined> {
  if (seen === undefined) return undefined;
  try {
    const kept = seen.sha256 === undefined ? undefined : await bases?.get(seen.sha256);
    const found = kept ?? (await baseOf?.(at.key, seen));
    return found === undefined ? undefined : Buffer.from(found.buffer, found.byteOffset, found.byteLength);
  } catch (error) {
    // Without a base the conflict is one as well: a disk that fails here must not take its place.
    ioFailure(error, at.path);
    return undefined;
  }
}

/** Half a surrogate pair has no bytes. */
function bytesOf({ unsaved, bytes }: Theirs): Uint8Array | undefined {
  if (unsaved === undefined) return bytes;
  return unsaved.isWellFormed() ? Buffer.from(unsaved) : undefined;
}
