import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import type { ReadCacheEntry } from '../../session/snapshot.ts';
import { judge } from '../freshness/judge.ts';
import type { Bases } from '../merge/bases.ts';
import { textSha256 } from '../normalise.ts';
import type { ReadCache } from '../readCache.ts';
import { createFile } from '../replace/createFile.ts';
import { takeLock } from '../replace/lock.ts';
import { replaceFile } from '../replace/replaceFile.ts';
import type { Steps } from '../replace/replacement.ts';
import { createWorkFolders } from '../replace/workFolders.ts';
import { areEqual, ioFailure, readVersion, sha256, toEntry, toStamp, type Version } from '../version.ts';
import { applyEdit } from './applyEdit.ts';
import { readUnsaved, unsavedTextOf, writeUnsaved } from './editorVersion.ts';
import type {
  ConflictReason,
  Guard,
  LateConflict,
  OpenEditors,
  ReadOutcome,
  Refusal,
  WriteOutcome,
} from './guardTypes.ts';
import { conflictOf } from './outcome.ts';
import { findTarget, MAX_FILE_BYTES, type Make, openTarget, refuseReadOnly, type Target, tooBig } from './target.ts';
import { createTurns } from './turns.ts';

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
  /** The bytes of a version that the session has read, as they were or as an agent recorded their text (no BOM, LF); for merges. */
  readonly baseOf?: (key: string, entry: ReadCacheEntry) => Promise<Uint8Array | undefined>;
  /** Where the versions that this guard reads and writes are kept for later merges. */
  readonly bases?: Bases;
  /** Told of what was written into a displaced version after its write had succeeded. */
  readonly onLate?: (late: LateConflict) => void;
  /** The read-cache was made on this machine (not by a clone): files outside that it names may be read. */
  readonly trusted?: boolean;
}

/** The door through which a session reads and writes files; `steps` is for fault injection in tests. */
export function createGuard(options: GuardOptions, steps: Steps = {}): Guard {
  const { cache, editors, folder, now } = options;
  const sessionsFolder = nodePath.resolve(folder, options.sessionsFolder);
  const work = createWorkFolders(sessionsFolder);
  const inTurn = createTurns();

  async function record(key: string, entry: ReadCacheEntry): Promise<void> {
    cache.set(key, entry);
    await options.onStamps?.({ [key]: entry });
  }

  async function read(at: Target): Promise<ReadOutcome> {
    const unsaved = unsavedTextOf(editors, at.spellings);
    if (unsaved !== undefined) {
      const { bytes, stamp, entry } = await readUnsaved(at, unsaved, now());
      await record(at.key, entry);
      return { kind: 'read', key: at.key, bytes, stamp, unsaved: true };
    }
    return withVersion(at, async (version) => {
      const stamp = toStamp(version, now());
      await record(at.key, toEntry(stamp, { seenAt: now() }));
      return { kind: 'read', key: at.key, bytes: version.bytes, stamp, unsaved: false };
    });
  }

  async function change(at: Target, make: Make, force: boolean, creates: boolean): Promise<WriteOutcome> {
    const entry = cache.get(at.key);
    const unsaved = unsavedTextOf(editors, at.spellings);
    // A whole-file write would overwrite what only the user has seen.
    if (creates && !force && entry?.model_unread === true && (unsaved !== undefined || fs.existsSync(at.path)))
      return conflictNow(at, 'unread');
    if (editors !== undefined && unsaved !== undefined) {
      const displaced = (): string => work.get().displaced;
      const written = await writeUnsaved({ at, editors, unsaved, entry, make, force, displaced, now: now() });
      if (written.entry !== undefined) await record(at.key, written.entry);
      return written.outcome;
    }
    const outcome = await withVersion(at, (version) => changeFile(at, version, make, force));
    if (outcome.kind !== 'missing') return outcome;
    if (entry !== undefined && !force) return conflictOf(at.key, 'deleted', {}, entry);
    return creates ? create(at, make) : outcome;
  }

  async function create(at: Target, make: Make): Promise<WriteOutcome> {
    const made = await make(Buffer.alloc(0));
    if (made.kind === 'no-match') return { ...made, key: at.key };
    if (made.bytes.length > MAX_FILE_BYTES) return tooBig(at, made.bytes.length);
    const created = await createFile(at.path, made.bytes, steps);
    // Somebody created it first; a session that knew the file has read another version of it.
    if (created.kind === 'exists') return conflictNow(at, cache.get(at.key) === undefined ? 'unread' : 'changed');
    return written(at, await newVersion(made.bytes, created.stat), true);
  }

  async function changeFile(at: Target, version: Version, make: Make, force: boolean): Promise<WriteOutcome> {
    const entry = cache.get(at.key);
    const verdict = await judgeVersion(entry, version);
    if (verdict !== 'fresh' && !force) {
      return conflictOf(at.key, verdict, { stamp: toStamp(version, now()), bytes: version.bytes }, entry);
    }
    const made = await make(version.bytes);
    if (made.kind === 'no-match') return { ...made, key: at.key };
    if (made.bytes.length > MAX_FILE_BYTES) return tooBig(at, made.bytes.length);
    if (await areEqual(made.bytes, version.bytes)) return written(at, version, false);
    refuseReadOnly(at.path, version.stat);
    await work.tidy(nodePath.dirname(at.path));
    const { locks, displaced } = work.get();
    const replaced = await replaceFile({
      path: at.path,
      version,
      content: made.bytes,
      displaced,
      keep: force && verdict !== 'fresh',
      now: now(),
      lock: () => takeLock(nodePath.join(locks, crypto.hash('sha256', at.key))),
      isUnsaved: () => unsavedTextOf(editors, at.spellings) !== undefined,
      steps,
    });
    switch (replaced.kind) {
      case 'replaced':
        return written(at, await newVersion(made.bytes, replaced.stat), false, replaced.kept);
      case 'changed':
        return conflictNow(at, 'changed');
      case 'deleted':
        return conflictOf(at.key, 'deleted', {}, entry);
      case 'unsaved':
        return conflictNow(at, 'unsaved');
      case 'slipped-in':
        return conflictNow(at, 'slipped-in', replaced.kept);
      case 'busy':
        return { kind: 'io', code: 'ELOCKED', path: at.path, message: 'another process holds the lock of this file' };
    }
  }

  async function written(
    at: Target,
    version: Omit<Version, 'bytes'>,
    created: boolean,
    kept?: string,
  ): Promise<WriteOutcome> {
    const stamp = toStamp(version, now());
    await record(at.key, toEntry(stamp, { seenAt: now() }));
    return { kind: 'written', key: at.key, stamp, created, unsaved: false, ...(kept === undefined ? {} : { kept }) };
  }

  /** A conflict found after the file was read: `theirs` is what is there now. */
  async function conflictNow(at: Target, reason: ConflictReason, kept?: string): Promise<WriteOutcome> {
    const entry = cache.get(at.key);
    const unsaved = unsavedTextOf(editors, at.spellings)?.text;
    if (unsaved !== undefined) return conflictOf(at.key, reason, { unsaved }, entry, kept);
    const outcome = await withVersion(at, async (version): Promise<WriteOutcome> => {
      return conflictOf(at.key, reason, { stamp: toStamp(version, now()), bytes: version.bytes }, entry, kept);
    });
    return outcome.kind === 'conflict' ? outcome : conflictOf(at.key, reason, {}, entry, kept);
  }

  /** One call at a time per file; a system's error becomes a value. */
  async function guarded<T>(path: string, job: (at: Target) => Promise<T>, reads: boolean): Promise<T | Refusal> {
    try {
      const found = findTarget({ cache, folder, sessionsFolder }, path);
      if (found.kind === 'refused') return found.refusal;
      const at = found.target;
      // Outside, a file may only be read, and only where the session has read it before, here.
      const known = reads && options.trusted === true && cache.get(at.key)?.outside === true;
      if (found.kind === 'outside' && !known) return { kind: 'outside', path };
      return await inTurn(at.key, () => job(at));
    } catch (error) {
      return ioFailure(error, path);
    }
  }

  return {
    read: (path) => guarded(path, read, true),
    write(path, content, { force = false } = {}) {
      const bytes =
        typeof content === 'string'
          ? Buffer.from(content)
          : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
      const make: Make = () => Promise.resolve({ kind: 'edited', bytes });
      return guarded(path, (at) => change(at, make, force, true), false);
    },
    edit: (path, edit) => guarded(path, (at) => change(at, (bytes) => applyEdit(bytes, edit), false, false), false),
    close: () => undefined,
  };
}

async function withVersion<T>(
  at: Target,
  use: (version: Version) => Promise<T>,
): Promise<T | Exclude<Refusal, { path: string }>> {
  const opened = openTarget(at);
  if (opened.kind !== 'open') return opened;
  try {
    return await use(await readVersion(opened.fd));
  } finally {
    fs.closeSync(opened.fd);
  }
}

async function newVersion(bytes: Buffer, stat: fs.BigIntStats): Promise<Omit<Version, 'bytes'>> {
  return { sha256: await sha256(bytes), stat, settled: true };
}

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
