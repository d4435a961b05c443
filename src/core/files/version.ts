import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import type { ReadCacheEntry } from '../session/snapshot.ts';
import { timeToRest } from './mappedStores.ts';
import { createPacer } from './pacer.ts';
import type { Stamp } from './stamp.ts';

const readAsync = promisify(fs.read);
/** Up to here a piece is read and hashed in one go: about 5 ms. */
const PIECE = 1 << 20;
/** A file that changes during every one of so many reads is taken as it was last read, and marked racy. */
const READS = 5;

/** A version of a file: its bytes, and the state of the file after they were read. */
export interface Version {
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly stat: fs.BigIntStats;
  /** False when the file changed during every read. */
  readonly settled: boolean;
}

export type OpenResult =
  | { readonly kind: 'open'; readonly fd: number; readonly stat: fs.BigIntStats }
  | { readonly kind: 'missing' }
  | { readonly kind: 'not-a-file' };

/**
 * Opens a real path for reading. Never hangs on a FIFO (non-blocking) and never follows a link that was put there
 * after the path was resolved. Throws the system's error where the file is there and can't be opened.
 */
export function openFile(path: string): OpenResult {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = fs.constants;
  let fd: number;
  try {
    fd = fs.openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    // A link, a socket, a device without a driver; on Windows a folder.
    if (code === 'ELOOP' || code === 'ENXIO' || code === 'ENODEV' || code === 'EISDIR') return { kind: 'not-a-file' };
    throw error;
  }
  try {
    const stat = fs.fstatSync(fd, { bigint: true });
    if (stat.isFile()) return { kind: 'open', fd, stat };
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
  fs.closeSync(fd);
  return { kind: 'not-a-file' };
}

/** Reads one version: the same state before and after, on the same descriptor. */
export async function readVersion(fd: number): Promise<Version> {
  for (let read = 1; ; read++) {
    const before = fs.fstatSync(fd, { bigint: true });
    const bytes = await readBytes(fd, Number(before.size));
    const stat = fs.fstatSync(fd, { bigint: true });
    const settled = isSameState(before, stat) && bytes.length === Number(stat.size);
    if (settled || read === READS) return { bytes, sha256: await sha256(bytes), stat, settled };
  }
}

/** True when the content behind `fd` is `bytes` now. */
export async function holds(fd: number, bytes: Uint8Array): Promise<boolean> {
  if (fs.fstatSync(fd, { bigint: true }).size !== BigInt(bytes.length)) return false;
  // One byte more than expected, so that growth between stat and read is seen.
  const piece = Buffer.allocUnsafe(Math.min(PIECE, bytes.length + 1));
  for (let at = 0; ; ) {
    const got =
      bytes.length < PIECE
        ? fs.readSync(fd, piece, 0, piece.length, at)
        : (await readAsync(fd, piece, 0, piece.length, at)).bytesRead;
    if (got === 0) return at === bytes.length;
    if (!piece.subarray(0, got).equals(bytes.subarray(at, at + got))) return false;
    at += got;
  }
}

/** `a.equals(b)`, in pieces with a pause between. */
export async function areEqual(a: Buffer, b: Buffer): Promise<boolean> {
  if (a.length !== b.length) return false;
  const pause = createPacer();
  for (let from = 0; from < a.length; from += PIECE) {
    if (!a.subarray(from, from + PIECE).equals(b.subarray(from, from + PIECE))) return false;
    await pause();
  }
  return true;
}

async function readBytes(fd: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  while (at < length) {
    const size = Math.min(PIECE, length - at);
    // A small file is read faster than a thread is woken.
    const got =
      length <= PIECE ? fs.readSync(fd, bytes, at, size, at) : (await readAsync(fd, bytes, at, size, at)).bytesRead;
    if (got === 0) break;
    at += got;
  }
  return bytes.subarray(0, at);
}

/** SHA-256 (hex); more than a piece is hashed in pieces with a pause between, so that no size blocks. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  if (bytes.length <= PIECE) return crypto.hash('sha256', bytes);
  const hash = crypto.createHash('sha256');
  for (let from = 0; from < bytes.length; from += PIECE) {
    hash.update(bytes.subarray(from, from + PIECE));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return hash.digest('hex');
}

/** Hashes a file of any size without holding it. `settled` as in `Version`. */
export async function hashFile(fd: number): Promise<{ sha256: string; stat: fs.BigIntStats; settled: boolean }> {
  const piece = Buffer.allocUnsafe(Math.min(PIECE, Number(fs.fstatSync(fd).size) + 1));
  for (let read = 1; ; read++) {
    const before = fs.fstatSync(fd, { bigint: true });
    const hash = crypto.createHash('sha256');
    let at = 0;
    for (;;) {
      const got =
        before.size < PIECE
          ? fs.readSync(fd, piece, 0, piece.length, at)
          : (await readAsync(fd, piece, 0, piece.length, at)).bytesRead;
      if (got === 0) break;
      hash.update(piece.subarray(0, got));
      at += got;
      // A file that grows while it is read is read to where it was.
      if (at > Number(before.size)) break;
    }
    const stat = fs.fstatSync(fd, { bigint: true });
    const settled = isSameState(before, stat) && at === Number(stat.size);
    if (settled || read === READS) return { sha256: hash.digest('hex'), stat, settled };
  }
}

/** Size and mtime only: a hard link made by a backup (or by the guard) changes ctime and no byte. */
export function isSameState(a: fs.BigIntStats, b: fs.BigIntStats): boolean {
  return a.mtimeNs === b.mtimeNs && a.size === b.size;
}

/** `now` is ms since the epoch, taken after the read. */
export function toStamp(version: Omit<Version, 'bytes'>, now: number): Stamp {
  const { stat } = version;
  return {
    sha256: version.sha256,
    size: Number(stat.size),
    mtimeMs: Number(stat.mtimeNs / 1_000_000n),
    mtimeNs: String(stat.mtimeNs),
    ctimeNs: String(stat.ctimeNs),
    ino: String(stat.ino),
    racy: !version.settled || isRacy(stat, now),
  };
}

/**
 * True when the file changed so shortly before the read that a later change may leave the same times: the kernel's
 * clock ticks every 1 to 10 ms, some disks keep whole seconds, and a store through a mapping changes no time until its
 * page was written back. A time in the future is racy too: it proves nothing.
 */
export function isRacy(stat: Pick<fs.BigIntStats, 'mtimeNs' | 'ctimeNs'>, now: number): boolean {
  const isYoung = (timeNs: bigint): boolean => now - Number(timeNs / 1_000_000n) < timeToRest();
  return isYoung(stat.mtimeNs) || isYoung(stat.ctimeNs);
}

export type StampOutcome =
  | { readonly kind: 'stamped'; readonly stamp: Stamp }
  | { readonly kind: 'missing' }
  | { readonly kind: 'not-a-file' }
  | { readonly kind: 'io'; readonly code: string; readonly path: string; readonly message: string };

/** The stamp of the file at an absolute path, now. Links are not followed. */
export async function stampFile(path: string, now: () => number = Date.now): Promise<StampOutcome> {
  try {
    const opened = openFile(path);
    if (opened.kind !== 'open') return opened;
    try {
      return { kind: 'stamped', stamp: toStamp(await hashFile(opened.fd), now()) };
    } finally {
      fs.closeSync(opened.fd);
    }
  } catch (error) {
    return ioFailure(error, path);
  }
}

/** The system's error as a value; anything else is a defect and goes on. */
export function ioFailure(error: unknown, path: string): Extract<StampOutcome, { kind: 'io' }> {
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) throw error;
  return { kind: 'io', code, path, message };
}

/** What the read-cache keeps of a stamp. `seenAt` is ms since the epoch. */
export function toEntry(
  stamp: Stamp,
  more: { readonly seenAt?: number; readonly message?: number | undefined } = {},
): ReadCacheEntry {
  return {
    file_mtime_ms: stamp.mtimeMs,
    file_size_bytes: stamp.size,
    sha256: stamp.sha256,
    mtime_ns: stamp.mtimeNs,
    ctime_ns: stamp.ctimeNs,
    ino: stamp.ino,
    ...(stamp.racy ? { racy: true } : {}),
    ...(more.seenAt === undefined ? {} : { seen_at: new Date(more.seenAt).toISOString() }),
    ...(more.message === undefined ? {} : { message: more.message }),
  };
}
