import * as fs from 'node:fs';

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
    const stat = fs.lstatSync(mark, { throwIfNoEntry: false });
    if (stat !== undefined && Date.now() - stat.mtimeMs >= MARK_STALE_MS) fs.rmSync(mark, { force: true });
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
