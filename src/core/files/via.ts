import type { ReadCacheEntry } from '../session/snapshot.ts';
import { isPlainKey } from './paths.ts';
import type { ReadCache } from './readCache.ts';

/** So many paths of one file are remembered; the oldest are forgotten first. */
export const MAX_VIA = 8;

/**
 * The entries to record when a session has seen the file at `key` as `entry` says, by the path `via` where that led
 * through a symlink. A link that leads here now is no way to any other file that it was a way to before.
 */
export function withVia(
  cache: ReadCache,
  key: string,
  entry: ReadCacheEntry,
  via: string | undefined,
): Record<string, ReadCacheEntry> {
  // A snapshot's: more of them, or one that is no key of the folder, was not written by us, and is not even looked at.
  const recorded = (cache.get(key)?.via ?? []).slice(-MAX_VIA).filter((link) => isPlainKey(link));
  const known = recorded.filter((link) => link !== via && cache.key(link) === key);
  const all = [...known, ...(via === undefined ? [] : [via])].slice(-MAX_VIA);
  const set = new Map([[key, all.length === 0 ? entry : { ...entry, via: all }]]);
  for (const [other, { via: links, ...rest }] of via === undefined ? [] : cache.list()) {
    if (other === key || links?.includes(via as string) !== true) continue;
    const left = links.filter((link) => link !== via);
    set.set(other, left.length === 0 ? rest : { ...rest, via: left });
  }
  return Object.fromEntries(set);
}
