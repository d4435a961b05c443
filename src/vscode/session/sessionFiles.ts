import { seenVersions } from '../../agents/index.ts';
import {
  createBases,
  createGuard,
  createReadCache,
  type Guard,
  type LateConflict,
  type ReadCache,
  type ReadOutcome,
  type SessionEvent,
  type SnapshotBody,
} from '../../core/index.ts';
import { adoptReadCache } from '../driving/adoptReadCache.ts';
import { openEditors } from '../editing/editors.ts';
import { now, type Place } from '../places.ts';
import { applyReadCache } from './applyReadCache.ts';
import { ModelUnread } from './modelUnread.ts';

export interface SessionFilesOptions {
  readonly place: Place;
  /** What is known of the session now. */
  readonly body: () => SnapshotBody;
  /** Keeps what happened; the session has read or written files by it. */
  readonly keep: (event: SessionEvent) => Promise<void>;
  readonly onLate: (late: LateConflict) => void;
}

/**
 * What one loaded session has seen of files, and its door to them. Owns the read-cache and the guard; who may read and
 * write in the session's name, and when, is not known here.
 */
export class SessionFiles {
  readonly cache: ReadCache;
  readonly guard: Guard;
  readonly modelUnread: ModelUnread;
  readonly #place: Place;

  constructor({ place, body, keep, onLate }: SessionFilesOptions) {
    this.#place = place;
    this.cache = createReadCache(place.path, body().read_cache);
    this.modelUnread = new ModelUnread(this.cache);
    this.guard = createGuard({
      folder: place.path,
      sessionsFolder: place.sessionsFolder,
      cache: this.cache,
      editors: openEditors,
      now,
      bases: createBases({ sessionsFolder: place.store.root }),
      baseOf: (key, entry) => seenVersions(place.store, body()).bytes(key, entry),
      onLate,
      onStamps: (set) => keep({ type: 'read_cache', set: this.modelUnread.mark(set) }),
    });
  }

  /** What the agent read and wrote since counts from now on. True where that is anything. */
  apply(events: readonly SessionEvent[]): boolean {
    return applyReadCache(this.cache, events, (key) => this.modelUnread.delete(key));
  }

  /** What another one has written of the session's read-cache. True where anything is different now. */
  adopt(before: SnapshotBody, after: SnapshotBody): boolean {
    const changed = adoptReadCache(this.#place.path, this.cache, before.read_cache, after.read_cache);
    if (changed) this.modelUnread.readMarks();
    return changed;
  }

  /**
   * Reads for the model, which has seen this version from then on; of a version that is new to it, only where it is
   * shown the whole.
   */
  async read(path: string, showsPart: (bytes: Uint8Array) => boolean): Promise<ReadOutcome> {
    const key = this.cache.key(path);
    const before = key === undefined ? undefined : this.cache.get(key)?.sha256;
    const unread = this.modelUnread.delete(path);
    const outcome = await this.guard.read(path);
    if (outcome.kind !== 'read') {
      if (unread) this.modelUnread.add(path);
      return outcome;
    }
    const isNew = unread || before !== outcome.stamp.sha256;
    return isNew && showsPart(outcome.bytes) ? this.takeForKnown(path) : outcome;
  }

  /** Takes the version that is there now for known, though the model has not seen all of it. */
  async takeForKnown(path: string): Promise<ReadOutcome> {
    this.modelUnread.add(path);
    return this.guard.read(path);
  }
}
