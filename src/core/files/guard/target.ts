import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { isInGit, keyUnder } from '../paths.ts';
import type { ReadCache } from '../readCache.ts';
import { openFile, readVersion, type Version } from '../version.ts';
import type { Edited } from './applyEdit.ts';
import type { Refusal, WriteOutcome } from './guardTypes.ts';

/** A bigger file is not read into memory, nor written. */
export const MAX_FILE_BYTES = 50 * 1024 * 1024;

/** A file that a session may read or write. */
export interface Target {
  readonly key: string;
  readonly path: string;
  /** Absolute paths by which an editor may have opened it. */
  readonly spellings: readonly string[];
  /** The path that was asked for, where a symlink is on the way (`Place`). */
  readonly via: string | undefined;
  /** Asks the disk whether the path that was asked for still leads here: a folder may have become a link meanwhile. */
  leadsHere(): boolean;
}

/** What a caller wants the file to hold, made from its current bytes. */
export type Make = (current: Buffer) => Promise<Edited>;

/** Where a path leads, and whether a session may go there. `sessionsFolder` is absolute. */
export function findTarget(
  {
    cache,
    folder,
    sessionsFolder,
  }: { readonly cache: ReadCache; readonly folder: string; readonly sessionsFolder: string },
  path: string,
):
  | { readonly kind: 'inside' | 'outside'; readonly target: Target }
  | { readonly kind: 'refused'; readonly refusal: Refusal } {
  const place = cache.locate(path);
  if (place.kind === 'nowhere') {
    return { kind: 'refused', refusal: { kind: 'io', code: place.code, path, message: place.message } };
  }
  const { key } = place;
  const sessions = cache.locate(sessionsFolder);
  const realSessions = sessions.kind === 'place' ? sessions.path : sessionsFolder;
  if (isInGit(key) || keyUnder(realSessions, place.path) !== undefined) {
    return { kind: 'refused', refusal: { kind: 'protected', key } };
  }
  const spellings = [...cache.spellings(key), nodePath.resolve(folder, path)];
  const leadsHere = (): boolean => {
    const now = cache.locate(path);
    return now.kind === 'place' && now.path === place.path;
  };
  const target = { key, path: place.path, spellings, via: place.via, leadsHere };
  return { kind: place.outside ? 'outside' : 'inside', target };
}

/** Reads the current version and hands it over while its file is open. */
export async function withVersion<T>(
  at: Target,
  use: (version: Version) => Promise<T>,
): Promise<T | Exclude<Refusal, { path: string }>> {
  const opened = openFile(at.path);
  if (opened.kind !== 'open') return { kind: opened.kind, key: at.key };
  try {
    const bytes = Number(opened.stat.size);
    if (bytes > MAX_FILE_BYTES) return tooBig(at, bytes);
    return await use(await readVersion(opened.fd));
  } finally {
    fs.closeSync(opened.fd);
  }
}

export function tooBig(at: Target, bytes: number): Extract<Refusal, { kind: 'too-big' }> {
  return { kind: 'too-big', key: at.key, bytes, limit: MAX_FILE_BYTES };
}

/** Why there is no new content. */
export function notMade(at: Target, made: Exclude<Edited, { kind: 'edited' }>): WriteOutcome {
  return made.kind === 'no-match' ? { ...made, key: at.key } : tooBig(at, made.bytes);
}

/** A rename would replace a read-only file; whoever made it so meant it, so that even root is refused. */
export function refuseReadOnly(path: string, stat: fs.BigIntStats): void {
  if ((stat.mode & 0o222n) === 0n) {
    throw Object.assign(new Error(`EACCES: read-only file, open '${path}'`), { code: 'EACCES', syscall: 'open' });
  }
  fs.accessSync(path, fs.constants.W_OK);
}
