import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { holds, isSameState, openFile } from '../version.ts';
import { lookAgain, type Old } from './displaced.ts';
import { displacedName, temporaryName } from './leftovers.ts';
import { isSameFile, tryLink } from './links.ts';
import type { Lock } from './lock.ts';
import type { Replaced, Replacement } from './replacement.ts';
import { writeTemporary } from './temporaryFile.ts';

/** A file that keeps changing between compare and rename is given up as changed. */
const TRIES = 5;

/**
 * Replaces a file by one rename, so that readers and crashes find either the old or the new content (PERF 4d, last
 * row): new content in a temporary file, synced; lock; hard link to the old file; compare; rename; look at the old file
 * again, twice, through a descriptor. The old file then lingers under its second name for some seconds, since a program
 * that opened it before may write later still: such bytes are recovered to the displaced versions by a next writer,
 * unless they come later than that. What can't be closed without renameat2(RENAME_EXCHANGE), which Node lacks: a
 * foreign *rename* onto the path in the microseconds between our last lstat and our rename.
 *
 * The other names of a hard-linked file keep the old content. Where the file system refuses hard links, the old file
 * is held by the descriptor alone: a slip-in is still seen and its bytes copied to `kept`, but not put back.
 */
export async function replaceFile(job: Replacement): Promise<Replaced> {
  const folder = nodePath.dirname(job.path);
  const temporary = nodePath.join(folder, temporaryName());
  const ours = await writeTemporary(temporary, job.content, job.version.stat);
  try {
    const lock = await job.lock();
    if (lock === undefined) return { kind: 'busy' };
    try {
      return await underLock(job, lock, temporary, ours);
    } finally {
      lock.release();
    }
  } finally {
    fs.closeSync(ours);
    fs.rmSync(temporary, { force: true });
  }
}

async function underLock(job: Replacement, lock: Lock, temporary: string, ours: number): Promise<Replaced> {
  for (let attempt = 1; ; attempt++) {
    const old = holdOld(job);
    if (old === undefined) return { kind: 'deleted' };
    let done = false;
    try {
      const before = fs.fstatSync(old.fd, { bigint: true });
      if (!(await holds(old.fd, job.version.bytes))) return { kind: 'changed' };
      // From here to the rename there is no await, so that the window is microseconds.
      const after = fs.fstatSync(old.fd, { bigint: true });
      if (job.isUnsaved()) return { kind: 'unsaved' };
      const atPath = fs.lstatSync(job.path, { bigint: true, throwIfNoEntry: false });
      if (atPath === undefined) return { kind: 'deleted' };
      if (!isSameState(before, after) || !isSameFile(atPath, after) || !lock.isMine()) {
        if (attempt < TRIES && lock.isMine()) continue;
        return { kind: 'changed' };
      }
      if (job.steps.beforeRename !== undefined) await job.steps.beforeRename();
      fs.renameSync(temporary, job.path);
      done = true;
      return await lookAgain(job, old, ours);
    } finally {
      fs.closeSync(old.fd);
      // After the rename the link may be the only name of their bytes: then `lookAgain` has decided what becomes of it.
      if (!done && old.link !== undefined) fs.rmSync(old.link, { force: true });
    }
  }
}

/** Gives the old file a second name and opens it; undefined when it is gone. */
function holdOld(job: Replacement): Old | undefined {
  const name = displacedName(job.version.sha256, job.path);
  const places = [nodePath.join(job.displaced, name), nodePath.join(nodePath.dirname(job.path), `.holdfast-${name}`)];
  let link: string | undefined;
  for (const place of places) {
    const linked = tryLink(job.path, place);
    if (linked === 'missing') return undefined;
    if (linked === 'refused') continue;
    link = place;
    break;
  }
  const opened = openFile(link ?? job.path);
  if (opened.kind === 'open') return { fd: opened.fd, link };
  if (link !== undefined) fs.rmSync(link, { force: true });
  return undefined;
}
