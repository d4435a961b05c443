import * as fs from 'node:fs';
import { promisify } from 'node:util';

const fsync = promisify(fs.fsync);

/**
 * Writes and syncs the new content under a temporary name, with the old file's mode and owner; returns its descriptor.
 * Extended attributes and access lists are lost: Node has no call that reads them.
 */
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
      const sameOwner = giveOwner(fd, Number(like.uid), Number(like.gid));
      // Set-user-ID bits mean nothing good under another owner.
      fs.fchmodSync(fd, Number(like.mode) & (sameOwner ? 0o7777 : 0o777));
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
function giveOwner(fd: number, uid: number, gid: number): boolean {
  const stat = fs.fstatSync(fd);
  if (stat.uid === uid && stat.gid === gid) return true;
  try {
    fs.fchownSync(fd, uid, gid);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EPERM' && code !== 'ENOSYS' && code !== 'EINVAL') throw error;
    return false;
  }
}

/** A piece goes to the system's cache in less than a millisecond; waking a thread for it would cost more. */
const PIECE = 1 << 20;

async function writeAll(fd: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve));
    at += fs.writeSync(fd, bytes, at, Math.min(PIECE, bytes.length - at));
  }
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

/** Copies all bytes behind a descriptor to a new file, synced; nothing is left of a copy that fails. */
export async function copyDescriptor(from: number, to: string): Promise<void> {
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
  } catch (error) {
    fs.rmSync(to, { force: true });
    throw error;
  } finally {
    fs.closeSync(target);
  }
}
