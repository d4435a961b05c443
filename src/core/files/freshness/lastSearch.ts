import type { ReadCacheEntry } from '../../session/snapshot.ts';
import type { Pacer } from '../pacer.ts';
import type { ReadCache } from '../readCache.ts';
import { type FoundFile, type Listings, stateOf } from './walkFolder.ts';

/** What the searches for the same files saw: a file that is gone is looked for at every check while it is not found. */
export interface Search {
  readonly folder: string;
  readonly entries: readonly (ReadCacheEntry | undefined)[];
  /** ms since the epoch */
  readonly begun: number;
  readonly listings: Listings;
  /** What candidates hold. */
  readonly contents: WeakMap<FoundFile, readonly string[]>;
}

/** Something written into a file that was there before shows in no folder's time: so often it is looked for all the same. */
const MAX_AGE_MS = 60_000;

const searches = new WeakMap<ReadCache, Search>();

/** The search to go on with: the last one where it was for the same files, `folder` being left out, else a new one. */
export function lastSearch(
  cache: ReadCache,
  keys: readonly string[],
  folder: string,
  now: number,
): Search & { readonly isNew: boolean } {
  const last = searches.get(cache);
  const entries = keys.map((key) => cache.get(key));
  const holds =
    last !== undefined &&
    last.folder === folder &&
    Math.abs(now - last.begun) < MAX_AGE_MS &&
    last.entries.length === entries.length &&
    entries.every((entry, index) => entry === last.entries[index]);
  if (holds) return { ...last, isNew: false };
  const search: Search = {
    folder,
    entries,
    begun: now,
    listings: new Map(),
    contents: new WeakMap(),
  };
  searches.set(cache, search);
  return { ...search, isNew: true };
}

export function forgetSearch(cache: ReadCache): void {
  searches.delete(cache);
}

/** True where files are as they were when their contents were looked at. */
export async function areAsThen(files: Iterable<FoundFile>, pause: Pacer): Promise<boolean> {
  for (const file of files) {
    const state = stateOf(file.path);
    if (state?.ino !== file.ino || state.mtimeNs !== file.mtimeNs || state.size !== file.size) return false;
    await pause();
  }
  return true;
}
