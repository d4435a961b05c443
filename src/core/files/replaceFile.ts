import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { promisify } from 'node:util';
import { displacedName, keptPath, temporaryName } from './leftovers.ts';
import type { Lock } from './lock.ts';
import { holds, isSameState, openFile, type Version } from './version.ts';

const sleep = promisify(setTimeout);
const fsync = promisify(fs.fsync);
const write = promisify(fs.write);

/** Seams for fault injection in tests; never set elsewhere. */
export interface Steps {
  /** After the last compare, before the rename: the window that only the look at the displaced file closes. */
  beforeRename?(): Promise<void> | void;
  /** After a slip-in was seen, before the foreign version is put back. */
  beforePutBack?(): Promise<void> | void;
}

export interface Replacement {
  /** Real path of an existing file. */
  readonly path: string;
  /** What was read from it, and found to be what the session has seen (or is forced). */
  readonly version: Version;
  readonly content: Buffer;
  /** Folder for displaced versions, existing; on the same device if possible. */
  readonly displaced: string;
  /** Keep the displaced version even when all went well. */
  readonly keep: boolean;
  readonly now: number;
  /** True when an editor has got unsaved text of this file since it was read. */
  readonly isUnsaved: () => boolean;
  readonly lock: () => Promise<Lock | undefined>;
  readonly steps: Steps;
}

export type Replaced =
  | { readonly kind: 'replaced'; readonly stat: fs.BigIntStats; readonly kept?: string }
  | { readonly kind: 'changed' | 'deleted' | 'unsaved' | 'busy' }
  /**
   * Somebody wrote into the old file between the last compare and the rename. Their version is on disk again, unless
   * yet another one has replaced ours meanwhile: then theirs is at `kept`. If something was written into our version
   * before it was taken back, that is at `kept`.
   */
  | { readonly kind: 'slipped-in'; readonly kept?: string };

/** A process that was writing when we renamed is done or seen after so long (PERF 4d: 0 lost of 1800). */
const SECOND_LOOK_MS = 0.2;
/** A file that keeps changing between compare and rename is given up as changed. */
const TRIES = 5;

/**
 * Replaces a file by one rename, so that readers and crashes find either the old or the new content (PERF 4d, last
 * row): new content in a temporary file, synced; lock; hard link to the old file; compare; rename; look at the old file
 * again, twice, through a descriptor. What can't be closed without renameat2(RENAME_EXCHANGE), which Node lacks: a
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

interface Old {
  readonly fd: number;
  /** A second name of the old file; undefined where hard links are refused. */
  readonly link: string | undefined;
}

/** Gives the old file a second name and opens it; undefined when it is gone. */
function holdOld(job: Replacement): Old | undefined {
  const name = displacedName(job.version.sha256);
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

/** Hard links are refused across devices, by some file systems, and by Linux for files of others. */
export function tryLink(from: string, to: string): 'linked' | 'missing' | 'exists' | 'refused' {
  try {
    fs.linkSync(from, to);
    return 'linked';
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENOENT':
        return 'missing';
      case 'EEXIST':
        return 'exists';
      case 'EXDEV':
      case 'EPERM':
      case 'EACCES':
      case 'ENOTSUP':
      case 'EOPNOTSUPP':
      case 'ENOSYS':
      case 'EMLINK':
        return 'refused';
      default:
        throw error;
    }
  }
}

async function lookAgain(job: Replacement, old: Old, ours: number): Promise<Replaced> {
  const renamedAt = performance.now();
  const untouched = await holds(old.fd, job.version.bytes);
  const stat = fs.fstatSync(ours, { bigint: true });
  if (untouched) {
    await syncFolder(nodePath.dirname(job.path));
    while (performance.now() - renamedAt < SECOND_LOOK_MS) await new Promise((resolve) => setImmediate(resolve));
    if (await holds(old.fd, job.version.bytes)) {
      if (!job.keep) {
        if (old.link !== undefined) fs.rmSync(old.link, { force: true });
        return { kind: 'replaced', stat };
      }
      return { kind: 'replaced', stat, kept: await keepOld(job, old) };
    }
  }
  return putBack(job, old, ours);
}

/** Our write becomes undone: the foreign version gets its name back, if nobody has built on ours meanwhile. */
async function putBack(job: Replacement, old: Old, ours: number): Promise<Replaced> {
  if (job.steps.beforePutBack !== undefined) await job.steps.beforePutBack();
  if (old.link === undefined) return { kind: 'slipped-in', kept: await keepOld(job, old) };
  const ourLink = keptPath(job.displaced, job.path, job.now);
  if (tryLink(job.path, ourLink) !== 'linked') return { kind: 'slipped-in', kept: await keepOld(job, old) };
  const linked = fs.lstatSync(ourLink, { bigint: true });
  if (!isSameFile(linked, fs.fstatSync(ours, { bigint: true })) || !(await holds(ours, job.content))) {
    fs.rmSync(ourLink, { force: true });
    return { kind: 'slipped-in', kept: await keepOld(job, old) };
  }
  fs.renameSync(old.link, job.path);
  // The same two looks at our version, which is now the displaced one.
  const first = await holds(ours, job.content);
  await syncFolder(nodePath.dirname(job.path));
  await sleep(1);
  if (first && (await holds(ours, job.content))) {
    fs.rmSync(ourLink, { force: true });
    return { kind: 'slipped-in' };
  }
  return { kind: 'slipped-in', kept: ourLink };
}

/** Gives the displaced version a name that stays. */
async function keepOld(job: Replacement, old: Old): Promise<string> {
  const kept = keptPath(job.displaced, job.path, job.now);
  if (old.link !== undefined && nodePath.dirname(old.link) === job.displaced) {
    fs.renameSync(old.link, kept);
    return kept;
  }
  // Held by the descriptor, or by a link on another device.
  await copyDescriptor(old.fd, kept);
  if (old.link !== undefined) fs.rmSync(old.link, { force: true });
  return kept;
}

async function copyDescriptor(from: number, to: string): Promise<void> {
  const target = fs.openSync(to, 'wx', 0o600);
  try {
    const piece = Buffer.allocUnsafe(1 << 20);
    for (let at = 0; ; ) {
      const got = fs.readSync(from, piece, 0, piece.length, at);
      if (got === 0) break;
      await writeAll(target, piece.subarray(0, got));
      at += got;
    }
    await fsync(target);
  } finally {
    fs.closeSync(target);
  }
}

/** Writes and syncs the new content under a temporary name, with the old file's mode and owner; returns its descriptor. */
export async function writeTemporary(
  temporary: string,
  content: Buffer,
  like: Pick<fs.BigIntStats, 'mode' | 'uid' | 'gid'> | undefined,
): Promise<number> {
  // 0600 until the content is whole; a new file gets what the user's umask gives.
  const fd = fs.openSync(temporary, 'wx+', like === undefined ? 0o666 : 0o600);
  try {
    await writeAll(fd, content);
    if (like !== undefined) {
      giveOwner(fd, Number(like.uid), Number(like.gid));
      fs.fchmodSync(fd, Number(like.mode) & 0o7777);
    }
    await fsync(fd);
    return fd;
  } catch (error) {
    fs.closeSync(fd);
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

/** Only root may give files away; anybody else's stay his own. */
function giveOwner(fd: number, uid: number, gid: number): void {
  const stat = fs.fstatSync(fd);
  if (stat.uid === uid && stat.gid === gid) return;
  try {
    fs.fchownSync(fd, uid, gid);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EPERM' && code !== 'ENOSYS' && code !== 'EINVAL') throw error;
  }
}

async function writeAll(fd: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await write(fd, bytes, at, bytes.length - at)).bytesWritten;
}

/** Makes a rename or a new name survive a power cut. Windows can't sync folders, some network disks won't. */
export async function syncFolder(folder: string): Promise<void> {
  let fd: number | undefined;
  try {
    fd = fs.openSync(folder, 'r');
    await fsync(fd);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'EBADF'].includes(code)) throw error;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

function isSameFile(a: fs.BigIntStats, b: fs.BigIntStats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}
