import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { holds, isSameState, openFile } from '../version.ts';
import { copyOld, type Old } from './displaced.ts';
import { loadExchange } from './exchange.ts';
import { rememberKey } from './keys.ts';
import { isSameFile, tryLink } from './links.ts';
import type { Lock } from './lock.ts';
import { lookAgain } from './lookAgain.ts';
import { displacedName, KEPT_ANYWAY, temporaryName } from './names.ts';
import { putForeignBack } from './putBack.ts';
import type { Prepared, Replaced, Replacement } from './replacement.ts';
import { writeTemporary } from './temporaryFile.ts';

/** A file that keeps changing between compare and rename is given up as changed. */
const TRIES = 5;

/**
 * Replaces a file in one step, so that readers and crashes find either the old or the new content (PERF 4d, last row):
 * new content in a temporary file, synced; lock; hard link to the old file; compare; exchange of the two names; look at
 * what was displaced. That may be another file than the compared one (somebody's rename was faster): it goes back. Or
 * it was written into: it goes back too; that is looked for twice, through a descriptor. Then the old file lingers
 * under its second name for up to a minute, since a program that opened it before may write later still
 * (`lateLooks.ts`).
 *
 * Where the system can't exchange names (Windows, some network disks), a rename takes its place. Then a foreign
 * *rename* onto the path in the microseconds between our last lstat and our rename is lost. To move the old file away
 * first and then to link the new one would lose nothing, but leaves moments without the file, in which every reader
 * fails and an appender begins a new one: that is worse for everybody than those microseconds.
 *
 * The other names of a hard-linked file keep the old content. Where the file system refuses hard links too, the old
 * file is held by the descriptor alone: a slip-in is still seen and its bytes copied to `kept`, but not put back.
 */
export async function replaceFile(job: Replacement): Promise<Replaced> {
  const folder = nodePath.dirname(job.path);
  const exchange = await (job.steps.exchange ?? loadExchange)();
  if (!job.leadsHere()) return { kind: 'changed' };
  let temporary = nodePath.join(folder, temporaryName());
  const ours = await writeTemporary(temporary, job.content, job.version.stat);
  try {
    const lock = await job.lock();
    if (lock === undefined) return { kind: 'busy' };
    try {
      if (exchange !== undefined) temporary = renameForExchange(job, temporary, ours);
      return await underLock({ ...job, temporary, ours, exchange }, lock);
    } finally {
      lock.release();
    }
  } finally {
    removeOurs(temporary, ours);
    fs.closeSync(ours);
  }
}

/** What is found there after a crash may be the displaced version: the name tells it from the new one. */
function renameForExchange(job: Replacement, temporary: string, ours: number): string {
  const { ino } = fs.fstatSync(ours, { bigint: true });
  const name = nodePath.join(nodePath.dirname(temporary), `.holdfast-${displacedName(nameOf(job), `new-${ino}`)}`);
  fs.renameSync(temporary, name);
  return name;
}

/** A crash leaves nobody who knows that the version was to be kept: so its name says that. */
function nameOf(job: Replacement): { sha256: string; id: string; path: string } {
  const sha256 = job.keep ? KEPT_ANYWAY : job.version.sha256;
  return { sha256, id: rememberKey(job.displaced, job.key), path: job.path };
}

/** Under the temporary name there may be a displaced version by now. */
function removeOurs(temporary: string, ours: number): void {
  const stat = fs.lstatSync(temporary, { bigint: true, throwIfNoEntry: false });
  if (stat !== undefined && isSameFile(stat, fs.fstatSync(ours, { bigint: true })))
    fs.rmSync(temporary, { force: true });
}

async function underLock(job: Prepared, lock: Lock): Promise<Replaced> {
  for (let attempt = 1; ; attempt++) {
    const old = holdOld(job);
    if (old === undefined) return { kind: 'deleted' };
    let done = false;
    let copy: string | undefined;
    try {
      // What is to be kept, and has no second name, would have none at all if the disk were full afterwards.
      if (job.keep && old.link === undefined) copy = await copyOld(job, old.fd);
      const before = fs.fstatSync(old.fd, { bigint: true });
      if (!(await holds(old.fd, job.version.bytes))) return { kind: 'changed' };
      // From here to the new name there is no await, and nothing between the last look at the path and that.
      const after = fs.fstatSync(old.fd, { bigint: true });
      if (job.isUnsaved()) return { kind: 'unsaved' };
      if (!lock.isMine() || !job.leadsHere()) return { kind: 'changed' };
      const atPath = fs.lstatSync(job.path, { bigint: true, throwIfNoEntry: false });
      if (atPath === undefined) return { kind: 'deleted' };
      if (!isSameState(before, after) || !isSameFile(atPath, after)) {
        if (attempt < TRIES) continue;
        return { kind: 'changed' };
      }
      if (job.steps.beforeRename !== undefined) await job.steps.beforeRename();
      const { exchange } = job;
      const exchanged = exchange?.(job.path, job.temporary) === true;
      if (!exchanged) {
        if (fs.lstatSync(job.path, { throwIfNoEntry: false }) === undefined) return { kind: 'deleted' };
        fs.renameSync(job.temporary, job.path);
      }
      done = true;
      if (job.steps.afterRename !== undefined) await job.steps.afterRename();
      if (!exchanged) return await lookAgain({ ...job, exchange: undefined }, { ...old, copy });
      if (!isSameFile(fs.lstatSync(job.temporary, { bigint: true }), after)) {
        done = false;
        return await putForeignBack(job, exchange);
      }
      // Without a hard link, this is the only name of the old file.
      if (old.link === undefined) return await lookAgain(job, { fd: old.fd, link: job.temporary, copy });
      fs.rmSync(job.temporary);
      return await lookAgain(job, old);
    } finally {
      fs.closeSync(old.fd);
      // After the rename the link may be the only name of their bytes: then `lookAgain` has decided what becomes of it.
      if (!done && old.link !== undefined) fs.rmSync(old.link, { force: true });
      if (!done && copy !== undefined) fs.rmSync(copy, { force: true });
    }
  }
}

/** Gives the old file a second name and opens it; undefined when it is gone. */
function holdOld(job: Replacement): Old | undefined {
  const name = displacedName(nameOf(job), 'old');
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
