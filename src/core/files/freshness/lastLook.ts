import type { BigIntStats } from 'node:fs';
import type { ReadCacheEntry } from '../../session/snapshot.ts';
import type { FileFreshness, Stamp } from '../stamp.ts';

export type Finding = Pick<FileFreshness, 'freshness' | 'stamp'>;

/** A state of the file in which its content was looked at last, and what was found then. */
interface Look {
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly finding: Finding;
}

/**
 * The last look at the file of each entry; the first was the session's own. An entry is never changed, only replaced:
 * a new one has been looked at by none. Numbers are compared, since to make 30,000 strings in every sweep takes longer.
 */
const looks = new WeakMap<ReadCacheEntry, Look | 'none'>();

/**
 * What the last look found, when times, size and inode are those of then: the content is the same without a look into
 * it. Undefined where the stamp of then was racy.
 */
export function lastFinding(entry: ReadCacheEntry, stat: BigIntStats): Finding | undefined {
  let look = looks.get(entry);
  if (look === undefined) {
    look = ownLook(entry);
    looks.set(entry, look);
  }
  return look !== 'none' &&
    look.mtimeNs === stat.mtimeNs &&
    look.ctimeNs === stat.ctimeNs &&
    look.ino === stat.ino &&
    look.size === stat.size
    ? look.finding
    : undefined;
}

/** Keeps what was found in a file with this stamp, for the next sweep. */
export function keepFinding(entry: ReadCacheEntry, stamp: Stamp, finding: Finding): void {
  if (stamp.racy) return;
  const { mtimeNs, ctimeNs, ino, size } = stamp;
  looks.set(entry, {
    mtimeNs: BigInt(mtimeNs),
    ctimeNs: BigInt(ctimeNs),
    ino: BigInt(ino),
    size: BigInt(size),
    finding,
  });
}

/** An entry without a content hash, or of an editor's text, says nothing of the file's state when it was read. */
function ownLook(entry: ReadCacheEntry): Look | 'none' {
  const { mtime_ns = '', ctime_ns = '', ino = '', file_size_bytes: size = -1 } = entry;
  if (entry.racy === true || entry.unsaved === true || entry.sha256 === undefined) return 'none';
  if (![mtime_ns, ctime_ns, ino].every((text) => /^-?\d{1,20}$/.test(text)) || !Number.isSafeInteger(size))
    return 'none';
  return {
    mtimeNs: BigInt(mtime_ns),
    ctimeNs: BigInt(ctime_ns),
    ino: BigInt(ino),
    size: BigInt(size),
    finding: { freshness: 'same' },
  };
}
