import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import type { ReadCacheEntry } from '../../session/snapshot.ts';
import type { OpenEditors } from '../guard/guardTypes.ts';
import { createStoreCheck } from '../mappedStores.ts';
import { textSha256 } from '../normalise.ts';
import { createPacer } from '../pacer.ts';
import { keyUnder } from '../paths.ts';
import type { ReadCache } from '../readCache.ts';
import type { FileFreshness, Freshness, Stamp } from '../stamp.ts';
import { hashFile, openFile, readVersion, toStamp } from '../version.ts';
import { followLinks } from './followLinks.ts';
import { judge, judgeByTime, needsContent } from './judge.ts';
import { isAsThen, keepLook, lastLook } from './lastLook.ts';
import { lookAtEditors } from './lookAtEditors.ts';

export interface SweepOptions {
  readonly editors?: OpenEditors;
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** The read-cache was made on this machine (not by a clone): files outside the folder are looked at too. */
  readonly trusted?: boolean;
  /** ms since the epoch, as the disk's clock has it */
  readonly now?: () => number;
}

/** Bigger files are hashed side by side, off the event loop. */
const BIG_BYTES = 256 * 1024;
const BIG_AT_ONCE = 4;

/**
 * Looks at every file of a read-cache, in slices of 8 ms, in the entries' order.
 *
 * A file whose times, size and inode are those of the last look at it (the session's own read, or a sweep of the same
 * entry since) is not looked into again. That is sound where
 * - the file's times were more than a minute past at that look: later than the clock's grain, and than the kernel takes
 *   to write back a page that a program stores into through a mapping (stamps younger than that are `racy`);
 * - and the file lies on a file system of Linux that sets the times at the first store after that: ext4, XFS, Btrfs,
 *   F2FS. On all others, and on other systems, every file is hashed in every sweep.
 * Anything else is hashed, so that a file that changed is hashed until it has rested for a minute, and once more then.
 *
 * A file that was read by a symlink which leads elsewhere now is `changed`: by that path, the session would meet
 * another file. `stamp` is given where a file was read: a caller may record it for what is `same` or `touched`.
 */
export async function sweep(cache: ReadCache, options: SweepOptions = {}): Promise<readonly FileFreshness[]> {
  const { signal, editors } = options;
  const pause = createPacer();
  const look = createLook(cache, options);
  const entries = cache.list();
  const results = new Array<FileFreshness>(entries.length);
  const big = new Set<Promise<void>>();
  const linked: number[] = [];
  let reading = 0;
  const done = (): number => at - reading;
  let at = 0;
  signal?.throwIfAborted();
  for (const [key, entry] of entries) {
    const index = at++;
    if (entry.via !== undefined) linked.push(index);
    const found = look(key, entry);
    if ('freshness' in found) {
      results[index] = found;
      // Asking the clock after every file that only needed a stat would take as long as comparing it.
      if (index % 16 !== 0) continue;
    } else if (found.bytes <= BIG_BYTES) results[index] = await found.read();
    else {
      reading++;
      const task = found.read().then((file) => {
        results[index] = file;
        reading--;
      });
      // `task` is awaited below whatever happens; this only keeps the pool's size.
      const slot = task.finally(() => big.delete(slot));
      big.add(slot);
      if (big.size >= BIG_AT_ONCE) await Promise.race(big);
    }
    const waited = pause();
    if (waited === undefined) continue;
    options.onProgress?.({ done: done(), total: entries.length });
    await waited;
    if (signal?.aborted === true) {
      await Promise.allSettled(big);
      signal.throwIfAborted();
    }
  }
  await Promise.all(big);
  signal?.throwIfAborted();
  if (editors !== undefined) await lookAtEditors(cache, entries, results, editors);
  await followLinks(cache, entries, results, linked);
  options.onProgress?.({ done: done(), total: entries.length });
  return results;
}

/** A file whose content must be read before anything can be said. */
interface ToRead {
  readonly bytes: number;
  read(): Promise<FileFreshness>;
}

const STAT = { bigint: true, throwIfNoEntry: false } as const;

function createLook(
  cache: ReadCache,
  { trusted = false, now = Date.now }: SweepOptions,
): (key: string, entry: ReadCacheEntry) => FileFreshness | ToRead {
  const showsStores = createStoreCheck();
  // A folder of a key may have become a link out of the workspace since: asked once per folder and sweep.
  const realFolders = new Map<string, boolean>();
  const leadsInside = (path: string): boolean => {
    const folder = path.slice(0, Math.max(path.lastIndexOf(nodePath.sep), 1));
    let inside = realFolders.get(folder);
    if (inside === undefined) {
      inside = isInside(cache.root, folder);
      realFolders.set(folder, inside);
    }
    return inside;
  };

  return (key, entry) => {
    const last = lastLook(cache, key, entry);
    const path = last?.file.path ?? cache.absolute(key);
    if (path === undefined) return { key, path: key, freshness: 'unreadable' };
    // An outside file's key is its path.
    const inside = path !== key;
    if (!inside && !trusted) return { key, path, freshness: 'unknown' };
    let stat: fs.BigIntStats | undefined;
    try {
      stat = fs.lstatSync(path, STAT);
    } catch (error) {
      return { key, path, freshness: isGone(error) ? 'deleted' : unreadable(error) };
    }
    // The file with the recorded inode and times is the one that was read, wherever the way leads now.
    if (last !== undefined && stat?.isFile() === true && isAsThen(last, stat) && showsStores(path, stat.dev))
      return last.file;
    if (inside && !leadsInside(path)) return { key, path, freshness: 'unreadable' };
    if (stat === undefined) return { key, path, freshness: 'deleted' };
    if (!stat.isFile()) return { key, path, freshness: 'unreadable' };
    if (!needsContent(entry)) {
      const verdict = judgeByTime(entry, { size: Number(stat.size), mtimeMs: Number(stat.mtimeNs / 1_000_000n) });
      return { key, path, freshness: verdict === 'fresh' ? 'same' : verdict };
    }
    return {
      bytes: Number(stat.size),
      async read() {
        const { stamp, ...found } = await compare(path, entry, now);
        if (stamp === undefined) return { key, path, ...found };
        const file = { key, path, ...found, stamp };
        keepLook(cache, entry, stamp, file);
        return file;
      },
    };
  };
}

function isInside(root: string, folder: string): boolean {
  try {
    return keyUnder(root, fs.realpathSync.native(folder)) !== undefined;
  } catch (error) {
    // A folder that is gone leads nowhere else.
    return isGone(error);
  }
}

/** ENOTDIR: a folder on the way has become a file. */
function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

async function compare(
  path: string,
  entry: ReadCacheEntry,
  now: () => number,
): Promise<Pick<FileFreshness, 'freshness' | 'stamp'>> {
  try {
    const opened = openFile(path);
    if (opened.kind === 'missing') return { freshness: 'deleted' };
    if (opened.kind === 'not-a-file') return { freshness: 'unreadable' };
    try {
      const asText = entry.sha256 === undefined || entry.unsaved === true;
      const version = asText ? await readVersion(opened.fd) : await hashFile(opened.fd);
      const stamp = toStamp(version, now());
      const verdict = await judge(entry, {
        size: stamp.size,
        mtimeMs: stamp.mtimeMs,
        sha256: () => stamp.sha256,
        textSha256: () => textSha256('bytes' in version ? (version.bytes as Buffer) : ''),
      });
      return { freshness: verdict === 'fresh' ? sameOrTouched(entry, stamp) : verdict, stamp };
    } finally {
      fs.closeSync(opened.fd);
    }
  } catch (error) {
    return { freshness: unreadable(error) };
  }
}

/** EACCES, EIO, ELOOP, ...: the system's errors say nothing of the content. Anything else is a defect and goes on. */
function unreadable(error: unknown): 'unreadable' {
  if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
  return 'unreadable';
}

/** Equal bytes; `touched` when the file's time is another one than recorded. */
function sameOrTouched(entry: ReadCacheEntry, stamp: Stamp): Freshness {
  if (entry.mtime_ns !== undefined) return entry.mtime_ns === stamp.mtimeNs ? 'same' : 'touched';
  if (entry.file_mtime_ms !== undefined) return Math.floor(entry.file_mtime_ms) === stamp.mtimeMs ? 'same' : 'touched';
  return 'same';
}
