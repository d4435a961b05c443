import type { BigIntStats } from 'node:fs';
import type { ReadCacheEntry } from '../../session/snapshot.ts';
import type { ReadCache } from '../readCache.ts';
import type { FileFreshness, Stamp } from '../stamp.ts';

/** The last look at a file: the state in which it was then, and what was found. */
export interface Look {
  readonly cache: ReadCache;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  /** Given to a caller again as it is, as long as nothing has changed: 10,000 objects less in every sweep. */
  readonly file: FileFreshness;
}

/**
 * The last look at the file of each entry; the first was the session's own. An entry is never changed, only replaced:
 * a new one has been looked at by none. Numbers are compared, since to make 30,000 strings in every sweep takes longer.
 */
const looks = new WeakMap<ReadCacheEntry, Look | 'none'>();

/** Undefined where there was none, or where the stamp of then was racy. */
export function lastLook(cache: ReadCache, key: string, entry: ReadCacheEntry): Look | undefined {
  let look = looks.get(entry);
  if (look === undefined || (look !== 'none' && (look.cache !== cache || look.file.key !== key))) {
    look = ownLook(cache, key, entry);
    looks.set(entry, look);
  }
  return look === 'none' ? undefined : look;
}

/** When times, size and inode are those of the look, the content is the same without another one. */
export function isAsThen(look: Look, stat: BigIntStats): boolean {
  return (
    look.mtimeNs === stat.mtimeNs && look.ctimeNs === stat.ctimeNs && look.ino === stat.ino && look.size === stat.size
  );
}

/** Keeps what was found in a file with this stamp, for the next sweep. */
export function keepLook(cache: ReadCache, entry: ReadCacheEntry, stamp: Stamp, file: FileFreshness): void {
  if (stamp.racy) return;
  looks.set(entry, { cache, ...stateOf(stamp.mtimeNs, stamp.ctimeNs, stamp.ino, stamp.size), file });
}

/** An entry without a content hash, or of an editor's text, says nothing of the file's state when it was read. */
function ownLook(cache: ReadCache, key: string, entry: ReadCacheEntry): Look | 'none' {
  const { mtime_ns = '', ctime_ns = '', ino = '', file_size_bytes: size = -1 } = entry;
  if (entry.racy === true || entry.unsaved === true || entry.sha256 === undefined) return 'none';
  if (![mtime_ns, ctime_ns, ino].every((text) => /^-?\d{1,20}$/.test(text)) || !Number.isSafeInteger(size))
    return 'none';
  const path = cache.absolute(key);
  if (path === undefined) return 'none';
  return { cache, ...stateOf(mtime_ns, ctime_ns, ino, size), file: { key, path, freshness: 'same' } };
}

function stateOf(mtimeNs: string, ctimeNs: string, ino: string, size: number): Omit<Look, 'cache' | 'file'> {
  return { mtimeNs: BigInt(mtimeNs), ctimeNs: BigInt(ctimeNs), ino: BigInt(ino), size: BigInt(size) };
}
