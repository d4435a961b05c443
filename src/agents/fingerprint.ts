import type { FileHandle } from 'node:fs/promises';

const HEAD_BYTES = 4096;
const TAIL_BYTES = 256;

/** What tells a file that only grew from one that was replaced: its inode, its first bytes, the last that were read. */
export interface Fingerprint {
  readonly ino: number;
  /** base64 */
  readonly head: string;
  /** base64 */
  readonly tail: string;
}

/** Of the first `bytes` of the file. */
export async function takeFingerprint(handle: FileHandle, bytes: number): Promise<Fingerprint> {
  const [{ ino }, head, tail] = await Promise.all([
    handle.stat(),
    part(handle, 0, Math.min(bytes, HEAD_BYTES)),
    part(handle, Math.max(0, bytes - TAIL_BYTES), bytes),
  ]);
  return { ino, head, tail };
}

export async function isStillThere(handle: FileHandle, before: Fingerprint, bytes: number): Promise<boolean> {
  const now = await takeFingerprint(handle, bytes);
  return now.ino === before.ino && now.head === before.head && now.tail === before.tail;
}

async function part(handle: FileHandle, from: number, to: number): Promise<string> {
  const buffer = Buffer.alloc(to - from);
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
  return buffer.toString('base64', 0, bytesRead);
}
