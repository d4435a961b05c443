import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { createPacer } from '../pacer.ts';
import { makeWorkFolder } from '../replace/makeWorkFolder.ts';
import { openFile, readVersion, sha256 as sha256Of } from '../version.ts';

/** The versions that sessions have read, kept under their SHA-256 (hex of the raw bytes) as bases for merges and diffs. */
export interface Bases {
  /**
   * Best effort, never rejects: a version that finds no room, or is too big, is not kept. `bytes` are copied before it
   * returns.
   */
  put(sha256: string, bytes: Uint8Array): Promise<void>;
  /** Undefined when it is not kept (any more); the content is checked against its name. */
  get(sha256: string): Promise<Buffer | undefined>;
}

export interface BasesOptions {
  /** Absolute path of the sessions' folder; the versions lie in its `bases/`. */
  readonly sessionsFolder: string;
  /**
   * Bytes of all versions together, each rounded up to a disk's block of 4 KiB; the ones that were not used for longest
   * go first. Default: 64 MiB.
   */
  readonly maxBytes?: number;
  /** A bigger version is not kept. Default: 2 MiB. */
  readonly maxFileBytes?: number;
  /** ms since the epoch; `Date.now` unless a test says otherwise. */
  readonly now?: () => number;
}

/** What is used again within this time is not marked as used again. */
const TOUCH_MS = 10 * 60_000;
/** Names of versions known to be there are forgotten beyond so many. */
const MAX_KNOWN = 10_000;
/** What a crashed writer left under a temporary name is dropped after so long. */
const ABANDONED_MS = 60_000;
const BLOCK = 4096;

/** Several processes may use one folder: what another one adds or drops is seen at the next look, or counted as missing. */
export function createBases(options: BasesOptions): Bases {
  const { sessionsFolder, maxBytes = 64 << 20, maxFileBytes = 2 << 20, now = Date.now } = options;
  const folder = nodePath.join(sessionsFolder, 'bases');
  /** Versions still to be written. */
  const waiting = new Map<string, Buffer>();
  let waitingBytes = 0;
  /** When a version was last seen in its place, ms since the epoch. */
  const known = new Map<string, number>();
  let writing: Promise<void> = Promise.resolve();
  /** Bytes in the folder, as far as we know, and how many of them we wrote since the last look. */
  let total = Number.POSITIVE_INFINITY;
  let written = 0;

  async function write(sha256: string, bytes: Buffer): Promise<void> {
    const path = nodePath.join(folder, sha256);
    if (!isFolder(folder)) makeWorkFolder(sessionsFolder, 'bases');
    const there = fs.lstatSync(path, { throwIfNoEntry: false });
    if (there?.isFile() === true && there.size === bytes.length) return markUsed(path, there.mtimeMs, now());
    const size = blocks(bytes.length);
    if (total + size > maxBytes || written > maxBytes / 8) {
      total = await prune({ folder, maxBytes, more: size, now: now() });
      written = 0;
      known.clear();
    }
    const temporary = `${path}.${crypto.randomUUID()}.tmp`;
    try {
      await fs.promises.writeFile(temporary, bytes, { mode: 0o600 });
      await fs.promises.rename(temporary, path);
    } catch (error) {
      await fs.promises.rm(temporary, { force: true });
      throw error;
    }
    total += size;
    written += size;
  }

  async function writeAndForget(sha256: string, bytes: Buffer): Promise<void> {
    try {
      await write(sha256, bytes);
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(sha256, now());
    } catch (error) {
      // A full disk, a link in the folder's place: without a base there is no merge, and nothing else is lost.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    } finally {
      waiting.delete(sha256);
      waitingBytes -= bytes.length;
    }
  }

  return {
    put(sha256, bytes) {
      if (bytes.length > maxFileBytes || waitingBytes + bytes.length > maxBytes || !isName(sha256)) return writing;
      if (waiting.has(sha256) || (known.get(sha256) ?? 0) > now() - TOUCH_MS) return writing;
      const copy = Buffer.from(bytes);
      waiting.set(sha256, copy);
      waitingBytes += copy.length;
      const job = (): Promise<void> => writeAndForget(sha256, copy);
      writing = writing.then(job, job);
      return writing;
    },
    async get(sha256) {
      const early = waiting.get(sha256);
      if (early !== undefined) return early;
      if (!isName(sha256)) return undefined;
      const found = await readChecked({ folder, sha256, maxFileBytes, now: now() });
      if (found === undefined) known.delete(sha256);
      return found;
    },
  };
}

function isName(sha256: string): boolean {
  return /^[0-9a-f]{64}$/.test(sha256);
}

function blocks(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / BLOCK)) * BLOCK;
}

/** Not a link, which may have come with a clone. */
function isFolder(path: string): boolean {
  return fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** A version that is not what its name says is removed. */
async function readChecked(job: {
  readonly folder: string;
  readonly sha256: string;
  readonly maxFileBytes: number;
  readonly now: number;
}): Promise<Buffer | undefined> {
  try {
    if (!isFolder(job.folder)) return undefined;
    const path = nodePath.join(job.folder, job.sha256);
    const bytes = await readSmall(path, job.maxFileBytes);
    if (bytes !== undefined && (await sha256Of(bytes)) === job.sha256) {
      markUsed(path, fs.lstatSync(path).mtimeMs, job.now);
      return bytes;
    }
    fs.rmSync(path, { force: true });
  } catch (error) {
    // Unreadable, or dropped by another process meanwhile: not kept.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  return undefined;
}

async function readSmall(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const opened = openFile(path);
  if (opened.kind !== 'open') return undefined;
  try {
    return opened.stat.size > maxBytes ? undefined : (await readVersion(opened.fd)).bytes;
  } finally {
    fs.closeSync(opened.fd);
  }
}

/** The time of a version says when it was used, more or less. */
function markUsed(path: string, usedAt: number, now: number): void {
  if (Math.abs(now - usedAt) > TOUCH_MS) fs.utimesSync(path, now / 1000, now / 1000);
}

/** Removes the versions that were not used for longest until `more` bytes fit with some to spare; what remains, in bytes. */
async function prune(job: {
  readonly folder: string;
  readonly maxBytes: number;
  readonly more: number;
  readonly now: number;
}): Promise<number> {
  const { folder, maxBytes, more, now } = job;
  const pause = createPacer();
  const found: { readonly path: string; readonly size: number; readonly usedAt: number }[] = [];
  let total = 0;
  for (const name of await fs.promises.readdir(folder)) {
    const path = nodePath.join(folder, name);
    const stat = fs.lstatSync(path, { throwIfNoEntry: false });
    await pause();
    if (stat?.isFile() !== true) continue;
    if (name.endsWith('.tmp') && now - stat.mtimeMs > ABANDONED_MS) fs.rmSync(path, { force: true });
    if (!isName(name)) continue;
    found.push({ path, size: blocks(stat.size), usedAt: stat.mtimeMs });
    total += blocks(stat.size);
  }
  if (total + more <= maxBytes) return total;
  found.sort((a, b) => a.usedAt - b.usedAt);
  for (const { path, size } of found) {
    if (total + more <= maxBytes * 0.75) break;
    fs.rmSync(path, { force: true });
    total -= size;
    await pause();
  }
  return total;
}
