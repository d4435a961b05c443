import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { clockOf } from '../../store/disk/fileClock.ts';

/** Whoever removes is done within a few short calls; a remover's own mark that is older belongs to a dead one. */
const MARK_STALE_MS = 10_000;

/**
 * Removes a dead holder's lock; true when it did. Between a look at a lock and its removal a fresh one may have taken
 * the place, so one process at a time does both, under a mark of its own beside the lock. `isStale` is asked again
 * under the mark; `before` runs there, for what else the dead holder left. All calls are short and synchronous.
 */
export function removeStaleLock(file: string, isStale: () => boolean, before: () => void = () => {}): boolean {
  if (!isStale()) return false;
  const mark = `${file}.stale`;
  try {
    fs.closeSync(fs.openSync(mark, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Another process is about to remove it, or died at that.
    if ((ageOf(mark) ?? 0) >= MARK_STALE_MS) fs.rmSync(mark, { force: true });
    return false;
  }
  try {
    if (!isStale()) return false;
    before();
    fs.rmSync(file, { force: true });
    return true;
  } finally {
    fs.rmSync(mark, { force: true });
  }
}

/**
 * How long ago a lock was written, ms; undefined when it is gone. By the file system's clock, since its holder may be a
 * machine whose own differs: a time in its future is not the time of a lock, and as bad as one so long ago.
 */
export function ageOf(file: string): number | undefined {
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  return Math.abs((clockOf(nodePath.dirname(file)) ?? Date.now()) - stat.mtimeMs);
}
