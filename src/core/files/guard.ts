import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import type { ReadCacheEntry } from '../session/snapshot.ts';
import { applyEdit } from './applyEdit.ts';
import { createFile } from './createFile.ts';
import { readUnsaved, unsavedTextOf, writeUnsaved } from './editorVersion.ts';
import type { Guard, OpenEditors, ReadOutcome, Refusal, Theirs, WriteOutcome } from './guardTypes.ts';
import { judge } from './judge.ts';
import { removeLeftovers } from './leftovers.ts';
import { takeLock } from './lock.ts';
import { textSha256 } from './normalise.ts';
import { isInGit, keyUnder } from './paths.ts';
import type { ReadCache } from './readCache.ts';
import { replaceFile, type Steps } from './replaceFile.ts';
import type { Make, Target } from './target.ts';
import { createTurns } from './turns.ts';
import { ioFailure, openFile, readVersion, sha256, toEntry, toStamp, type Version } from './version.ts';
import { makeWorkFolders, type WorkFolders } from './workFolders.ts';

/** A bigger file is not read into memory, nor written. */
export const MAX_FILE_BYTES = 50 * 1024 * 1024;

export interface GuardOptions {
  /** The workspace folder: nothing outside it is written. */
  readonly folder: string;
  /** Where locks and displaced versions are kept; absolute, or relative to `folder`. Never written by a session. */
  readonly sessionsFolder: string;
  readonly cache: ReadCache;
  readonly editors?: OpenEditors;
  /** ms since the epoch */
  readonly now: () => number;
  /** Persists new stamps; awaited before an outcome is returned. What it rejects with, the call rejects with. */
  readonly onStamps?: (set: Record<string, ReadCacheEntry>) => Promise<void>;
  /** The read-cache was made on this machine (not by a clone): files outside that it names may be read. */
  readonly trusted?: boolean;
}

/** The door through which a session reads and writes files; `steps` is for fault injection in tests. */
export function createGuard(options: GuardOptions, steps: Steps = {}): Guard {
  const { cache, editors, now } = options;
  const sessionsFolder = nodePath.resolve(options.folder, options.sessionsFolder);
  const inTurn = createTurns();
  const tidied = new Set<string>();

  async function record(key: string, entry: ReadCacheEntry): Promise<void> {
    cache.set(key, entry);
    await options.onStamps?.({ [key]: entry });
  }

  function target(
    path: string,
  ): Target | (Refusal & { kind: 'io' | 'protected' }) | { kind: 'beyond'; target: Target } {
    const place = cache.locate(path);
    if (place.kind === 'nowhere') return { kind: 'io', code: place.code, path, message: place.message };
    const { key } = place;
    const spellings = [nodePath.resolve(options.folder, path), nodePath.resolve(options.folder, key)];
    const found = { key, path: place.path, spellings };
    if (isInGit(key) || keyUnder(realFolder(cache, sessionsFolder), place.path) !== undefined) {
      return { kind: 'protected', key };
    }
    return place.outside ? { kind: 'beyond', target: found } : found;
  }

  async function read(at: Target): Promise<ReadOutcome> {
    const unsaved = unsavedTextOf(editors, at);
    if (unsaved !== undefined) {
      const seen = await readUnsaved(at, unsaved, now());
      await record(at.key, seen.entry);
      return { kind: 'read', key: at.key, bytes: seen.bytes, stamp: seen.stamp, unsaved: true };
    }
    const opened = openTarget(at);
    if (opened.kind !== 'open') return opened;
    try {
      const version = await readVersion(opened.fd);
      const stamp = toStamp(version, now());
      await record(at.key, toEntry(stamp, { seenAt: now() }));
      return { kind: 'read', key: at.key, bytes: version.bytes, stamp, unsaved: false };
    } finally {
      fs.closeSync(opened.fd);
    }
  }

  async function change(at: Target, make: Make, force: boolean, creates: boolean): Promise<WriteOutcome> {
    const unsaved = unsavedTextOf(editors, at);
    if (editors !== undefined && unsaved !== undefined) {
      const displaced = (): string => workFolders().displaced;
      const entry = cache.get(at.key);
      const written = await writeUnsaved({ at, editors, unsaved, entry, make, force, displaced, now: now() });
      if (written.entry !== undefined) await record(at.key, written.entry);
      return written.outcome;
    }
    const opened = openTarget(at);
    if (opened.kind === 'missing') return creates ? create(at, make, force) : missing(at);
    if (opened.kind !== 'open') return opened;
    try {
      return await changeFile(at, await readVersion(opened.fd), make, force);
    } finally {
      fs.closeSync(opened.fd);
    }
  }

  function missing(at: Target): WriteOutcome {
    const entry = cache.get(at.key);
    if (entry === undefined) return { kind: 'missing', key: at.key };
    return { kind: 'conflict', key: at.key, reason: 'deleted', theirs: {}, ...seenOf(entry) };
  }

  async function create(at: Target, make: Make, force: boolean): Promise<WriteOutcome> {
    const entry = cache.get(at.key);
    if (entry !== undefined && !force) return missing(at);
    const made = await make(Buffer.alloc(0));
    if (made.kind === 'no-match') return { ...made, key: at.key };
    if (made.bytes.length > MAX_FILE_BYTES) return tooBig(at, made.bytes.length);
    const created = await createFile(at.path, made.bytes, steps);
    if (created.kind === 'exists') return conflictNow(at, entry === undefined ? 'unread' : 'changed');
    return written(at, made.bytes, created.stat, true);
  }

  async function changeFile(at: Target, version: Version, make: Make, force: boolean): Promise<WriteOutcome> {
    const entry = cache.get(at.key);
    const verdict = await judgeVersion(entry, version);
    if (verdict !== 'fresh' && !force) return conflict(at, verdict, version);
    const made = await make(version.bytes);
    if (made.kind === 'no-match') return { ...made, key: at.key };
    if (made.bytes.length > MAX_FILE_BYTES) return tooBig(at, made.bytes.length);
    if (made.bytes.equals(version.bytes)) {
      const stamp = toStamp(version, now());
      await record(at.key, toEntry(stamp, { seenAt: now() }));
      return { kind: 'written', key: at.key, stamp, created: false, unsaved: false };
    }
    refuseReadOnly(at.path, version.stat);
    const folders = workFolders();
    await tidyOnce(nodePath.dirname(at.path), folders);
    await tidyOnce(folders.displaced, folders);
    const lockFile = nodePath.join(folders.locks, crypto.hash('sha256', at.key));
    const replaced = await replaceFile({
      path: at.path,
      version,
      content: made.bytes,
      displaced: folders.displaced,
      keep: force && verdict !== 'fresh',
      now: now(),
      lock: () => takeLock(lockFile),
      isUnsaved: () => unsavedTextOf(editors, at) !== undefined,
      steps,
    });
    switch (replaced.kind) {
      case 'replaced':
        return written(at, made.bytes, replaced.stat, false, replaced.kept);
      case 'changed':
        return conflictNow(at, 'changed');
      case 'deleted':
        return missing(at);
      case 'unsaved':
        return { kind: 'conflict', key: at.key, reason: 'unsaved', theirs: theirsIn(at), ...seenOf(entry) };
      case 'slipped-in':
        return conflictNow(at, 'slipped-in', replaced.kept);
      case 'busy':
        return { kind: 'io', code: 'ELOCKED', path: at.path, message: 'another process holds the lock of this file' };
    }
  }

  async function written(
    at: Target,
    bytes: Buffer,
    stat: fs.BigIntStats,
    created: boolean,
    kept?: string,
  ): Promise<WriteOutcome> {
    const stamp = toStamp({ sha256: await sha256(bytes), stat, settled: true }, now());
    await record(at.key, toEntry(stamp, { seenAt: now() }));
    return { kind: 'written', key: at.key, stamp, created, unsaved: false, ...(kept === undefined ? {} : { kept }) };
  }

  function conflict(at: Target, reason: ConflictNow, version: Version, kept?: string): WriteOutcome {
    const entry = cache.get(at.key);
    return {
      kind: 'conflict',
      key: at.key,
      reason,
      theirs: { stamp: toStamp(version, now()), bytes: version.bytes },
      ...seenOf(entry),
      ...(kept === undefined ? {} : { kept }),
    };
  }

  /** A conflict found after the file was read: `theirs` is what is there now. */
  async function conflictNow(at: Target, reason: ConflictNow, kept?: string): Promise<WriteOutcome> {
    const opened = openTarget(at);
    if (opened.kind === 'open') {
      try {
        return conflict(at, reason, await readVersion(opened.fd), kept);
      } finally {
        fs.closeSync(opened.fd);
      }
    }
    return {
      kind: 'conflict',
      key: at.key,
      reason,
      theirs: {},
      ...seenOf(cache.get(at.key)),
      ...(kept === undefined ? {} : { kept }),
    };
  }

  function theirsIn(at: Target): Theirs {
    const unsaved = unsavedTextOf(editors, at)?.text;
    return unsaved === undefined ? {} : { unsaved };
  }

  let folders: WorkFolders | undefined;
  function workFolders(): WorkFolders {
    // Asked anew where they were removed meanwhile (git clean, a person).
    if (folders === undefined || !fs.existsSync(folders.locks) || !fs.existsSync(folders.displaced)) {
      folders = makeWorkFolders(sessionsFolder);
    }
    return folders;
  }

  async function tidyOnce(folder: string, { displaced }: WorkFolders): Promise<void> {
    if (tidied.has(folder)) return;
    tidied.add(folder);
    await removeLeftovers(folder, displaced);
  }

  /** One call at a time per file; a system's error becomes a value. */
  async function guarded<T>(
    path: string,
    job: (at: Target) => Promise<T | Refusal>,
    outside: boolean,
  ): Promise<T | Refusal> {
    try {
      const found = target(path);
      if ('kind' in found && found.kind !== 'beyond') return found;
      if ('kind' in found && !outside) return { kind: 'outside', path };
      const at = 'kind' in found ? found.target : found;
      // A file outside may be read only where the session has read it before, here.
      if ('kind' in found && !(options.trusted === true && cache.get(at.key)?.outside === true)) {
        return { kind: 'outside', path };
      }
      return await inTurn(at.key, () => job(at));
    } catch (error) {
      return ioFailure(error, path);
    }
  }

  return {
    read: (path) => guarded<ReadOutcome>(path, read, true),
    write: (path, content, { force = false } = {}) => {
      // A copy: the caller may reuse his buffer while this waits for its turn.
      const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
      return guarded<WriteOutcome>(
        path,
        (at) => change(at, () => Promise.resolve({ kind: 'edited', bytes }), force, true),
        false,
      );
    },
    edit: (path, edit) =>
      guarded<WriteOutcome>(path, (at) => change(at, (bytes) => applyEdit(bytes, edit), false, false), false),
  };
}

type ConflictNow = 'changed' | 'unread' | 'unknown' | 'slipped-in';

async function judgeVersion(
  entry: ReadCacheEntry | undefined,
  version: Version,
): Promise<'fresh' | 'changed' | 'unknown' | 'unread'> {
  if (entry === undefined) return 'unread';
  return judge(entry, {
    size: Number(version.stat.size),
    mtimeMs: Number(version.stat.mtimeNs / 1_000_000n),
    sha256: () => version.sha256,
    textSha256: () => textSha256(version.bytes),
  });
}

function openTarget(at: Target): { kind: 'open'; fd: number } | (Refusal & { key: string }) {
  const opened = openFile(at.path);
  if (opened.kind !== 'open') return { kind: opened.kind, key: at.key };
  const bytes = Number(opened.stat.size);
  if (bytes <= MAX_FILE_BYTES) return opened;
  fs.closeSync(opened.fd);
  return tooBig(at, bytes);
}

function tooBig(at: Target, bytes: number): Refusal & { key: string } {
  return { kind: 'too-big', key: at.key, bytes, limit: MAX_FILE_BYTES };
}

/** A rename would replace a read-only file; whoever made it so meant it, so that even root asks first. */
function refuseReadOnly(path: string, stat: fs.BigIntStats): void {
  if ((stat.mode & 0o222n) === 0n) {
    throw Object.assign(new Error(`EACCES: read-only file, open '${path}'`), { code: 'EACCES', syscall: 'open' });
  }
  fs.accessSync(path, fs.constants.W_OK);
}

function seenOf(entry: ReadCacheEntry | undefined): { seen?: { sha256?: string; seenAt?: string } } {
  if (entry === undefined) return {};
  return {
    seen: {
      ...(entry.sha256 === undefined ? {} : { sha256: entry.sha256 }),
      ...(entry.seen_at === undefined ? {} : { seenAt: entry.seen_at }),
    },
  };
}

function realFolder(cache: ReadCache, folder: string): string {
  const place = cache.locate(folder);
  return place.kind === 'place' ? place.path : folder;
}
