import * as nodePath from 'node:path';
import type { ReadCacheEntry } from '../session/snapshot.ts';
import { createLocator, type Disk, localDisk, type Place } from './locate.ts';
import { foldName, isPlainKey, keyUnder, tidyAbsolute } from './paths.ts';

/** What a session has seen of files: one entry per file, whatever its path's spelling. */
export interface ReadCache {
  /** The folder's real path; keys are relative to it. */
  readonly root: string;
  /** Finds the file that a path (absolute, or relative to the folder) leads to. Asks the disk. */
  locate(path: string): Place;
  /** The key of a path; undefined for a path that can't be one (empty, NUL, a loop of links). Asks the disk. */
  key(path: string): string | undefined;
  get(key: string): ReadCacheEntry | undefined;
  set(key: string, entry: ReadCacheEntry): void;
  delete(key: string): boolean;
  /** A copy, in the order in which the files were first seen. */
  entries(): Record<string, ReadCacheEntry>;
  /** The same as pairs, without building an object; the list that was given stays as it is when the cache changes. */
  list(): readonly (readonly [string, ReadCacheEntry])[];
  /** The number of entries. */
  readonly size: number;
  /**
   * The absolute path of a key; undefined for one that names no place in the folder and is not marked `outside`
   * (a snapshot is untrusted input). It is a spelling: a link put there since may lead elsewhere.
   */
  absolute(key: string): string | undefined;
  /** Every path by which a program that was given the folder may know the file: `absolute`, and below the folder as given. */
  spellings(key: string): readonly string[];
}

/**
 * `entries` are a snapshot's: keys spelled in another way (`./a.py`, absolute) are tidied, hostile ones
 * (`../../x`) are kept as they are and lead nowhere.
 */
export function createReadCache(
  folder: string,
  entries: Readonly<Record<string, ReadCacheEntry>> = {},
  disk: Disk = localDisk,
): ReadCache {
  const locator = createLocator(folder, disk);
  const { root } = locator;
  const map = new Map<string, ReadCacheEntry>();
  /** The map as pairs until it changes: a sweep asks for all of them every time. */
  let listed: readonly (readonly [string, ReadCacheEntry])[] | undefined;
  for (const [key, entry] of Object.entries(entries)) map.set(tidyKey(root, folder, key, entry), entry);

  const locate = (path: string): Place => {
    const place = locator.locate(path);
    if (place.kind === 'nowhere' || !place.insensitive || map.has(place.key)) return place;
    // A file that is gone, asked for in another case than the one it was read by: still that file.
    const folded = foldName(place.key);
    for (const key of map.keys()) if (foldName(key) === folded) return { ...place, key };
    return place;
  };

  const prefix = root.endsWith(nodePath.sep) ? root : root + nodePath.sep;
  const absolute = (key: string): string | undefined => {
    if (isPlainKey(key)) return prefix + key;
    return map.get(key)?.outside === true && nodePath.isAbsolute(key) ? key : undefined;
  };

  return {
    root,
    locate,
    key(path) {
      const place = locate(path);
      return place.kind === 'place' ? place.key : undefined;
    },
    get: (key) => map.get(key),
    set(key, entry) {
      map.set(key, entry);
      listed = undefined;
    },
    delete(key) {
      listed = undefined;
      return map.delete(key);
    },
    // fromEntries defines own properties, so `__proto__` is a key like any other.
    entries: () => Object.fromEntries(map),
    list() {
      listed ??= [...map];
      return listed;
    },
    get size() {
      return map.size;
    },
    absolute,
    spellings(key) {
      const path = absolute(key);
      if (path === undefined) return [];
      const given = nodePath.resolve(folder, key);
      return given === path ? [path] : [path, given];
    },
  };
}

function tidyKey(root: string, folder: string, key: string, entry: ReadCacheEntry): string {
  if (isPlainKey(key) || key === '' || key.includes('\0')) return key;
  const absolute = tidyAbsolute(nodePath.resolve(root, key));
  const tidy = keyUnder(root, absolute) ?? keyUnder(tidyAbsolute(nodePath.resolve(folder)), absolute);
  if (tidy !== undefined) return tidy;
  return entry.outside === true && nodePath.isAbsolute(key) ? absolute : key;
}
