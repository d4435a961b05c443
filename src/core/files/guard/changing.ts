import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import type { ReadCacheEntry } from '../../session/snapshot.ts';
import { judge } from '../freshness/judge.ts';
import { textSha256 } from '../normalise.ts';
import { createFile } from '../replace/createFile.ts';
import type { LateLooks } from '../replace/lateLooks.ts';
import { takeLock } from '../replace/lock.ts';
import { replaceFile } from '../replace/replaceFile.ts';
import type { Steps } from '../replace/replacement.ts';
import type { WorkFolders } from '../replace/workFolders.ts';
import { areEqual, sha256, toEntry, toStamp, type Version } from '../version.ts';
import { unsavedTextOf, writeUnsaved } from './editorVersion.ts';
import type { ConflictReason, OpenEditors, WriteOutcome } from './guardTypes.ts';
import { conflictOf } from './outcome.ts';
import { MAX_FILE_BYTES, type Make, notMade, refuseReadOnly, type Target, tooBig, withVersion } from './target.ts';

/** What a guard lends to its changes. */
export interface Room {
  readonly editors: OpenEditors | undefined;
  /** ms since the epoch */
  readonly now: () => number;
  readonly steps: Steps;
  readonly lateLooks: LateLooks;
  folders(): WorkFolders;
  /** Removes what other writers left in this folder. */
  tidy(folder: string): Promise<void>;
  /** The session has seen this version. */
  record(at: Target, entry: ReadCacheEntry, bytes: Uint8Array): Promise<void>;
}

/** One change of one file. */
export interface Change {
  readonly at: Target;
  readonly make: Make;
  /** The version that it may replace. */
  readonly seen: ReadCacheEntry | undefined;
  /** It gives the whole content, so that it may make a file that is not there. */
  readonly whole: boolean;
  readonly force: boolean;
  /** It was merged with what the session has not seen. */
  readonly merged: boolean;
}

/** Changes a file, or says what stands in the way. */
export async function change(room: Room, job: Change): Promise<WriteOutcome> {
  const { at, seen } = job;
  const { editors, now } = room;
  const unsaved = unsavedTextOf(editors, at.spellings);
  // A whole-file write would overwrite what only the user has seen.
  if (job.whole && !job.force && seen?.model_unread === true && (unsaved !== undefined || fs.existsSync(at.path)))
    return conflictNow(room, job, 'unread');
  if (editors !== undefined && unsaved !== undefined) {
    const displaced = (): string => room.folders().displaced;
    const { make, force } = job;
    const done = await writeUnsaved({ at, editors, unsaved, entry: seen, make, force, displaced, now: now() });
    if (done.kind === 'ended') return done.outcome;
    await room.record(at, withUnread(job, done.entry), done.bytes);
    return { ...done.outcome, ...(job.merged ? { merged: true } : {}) };
  }
  const outcome = await withVersion(at, (version) => changeFile(room, job, version));
  if (outcome.kind !== 'missing') return outcome;
  if (seen !== undefined && !job.force) return conflictOf(at.key, 'deleted', {}, seen);
  return job.whole ? create(room, job) : outcome;
}

async function create(room: Room, job: Change): Promise<WriteOutcome> {
  const { at, seen } = job;
  const made = await job.make(Buffer.alloc(0));
  if (made.kind !== 'edited') return notMade(at, made);
  if (made.bytes.length > MAX_FILE_BYTES) return tooBig(at, made.bytes.length);
  const created = await createFile(at.path, made.bytes, room.steps);
  // Somebody created it first; a session that knew the file has read another version of it.
  if (created.kind === 'exists') return conflictNow(room, job, seen === undefined ? 'unread' : 'changed');
  return written(room, job, await newVersion(made.bytes, created.stat), { created: true });
}

async function changeFile(room: Room, job: Change, version: Version): Promise<WriteOutcome> {
  const { at, seen, force } = job;
  const { now, steps } = room;
  const verdict = await judgeVersion(seen, version);
  if (verdict !== 'fresh' && !force) {
    return conflictOf(at.key, verdict, { stamp: toStamp(version, now()), bytes: version.bytes }, seen);
  }
  const made = await job.make(version.bytes);
  if (made.kind !== 'edited') return notMade(at, made);
  if (made.bytes.length > MAX_FILE_BYTES) return tooBig(at, made.bytes.length);
  if (await areEqual(made.bytes, version.bytes)) return written(room, job, version, { created: false });
  refuseReadOnly(at.path, version.stat);
  await room.tidy(nodePath.dirname(at.path));
  const { locks, displaced } = room.folders();
  const replaced = await replaceFile({
    path: at.path,
    key: at.key,
    version,
    content: made.bytes,
    displaced,
    keep: force && verdict !== 'fresh',
    now: now(),
    lock: () => takeLock(nodePath.join(locks, crypto.hash('sha256', at.key))),
    isUnsaved: () => unsavedTextOf(room.editors, at.spellings) !== undefined,
    leadsHere: at.leadsHere,
    steps,
  });
  switch (replaced.kind) {
    case 'replaced': {
      if (replaced.lingering !== undefined) room.lateLooks.expect(replaced.lingering);
      const ours = await newVersion(made.bytes, replaced.stat);
      const outcome = await written(room, job, ours, { created: false, kept: replaced.kept });
      await room.editors?.afterWrite?.(at.path, version.bytes, made.bytes);
      return outcome;
    }
    case 'changed':
      return conflictNow(room, job, 'changed');
    case 'deleted':
      return conflictOf(at.key, 'deleted', {}, seen);
    case 'unsaved':
      return conflictNow(room, job, 'unsaved');
    case 'slipped-in':
      return conflictNow(room, job, 'slipped-in', replaced.kept);
    case 'busy':
      return { kind: 'io', code: 'ELOCKED', path: at.path, message: 'another process holds the lock of this file' };
  }
}

async function written(
  { now, record }: Room,
  job: Change,
  version: Version,
  { created, kept }: { readonly created: boolean; readonly kept?: string | undefined },
): Promise<WriteOutcome> {
  const { at, merged } = job;
  const stamp = toStamp(version, now());
  await record(at, withUnread(job, toEntry(stamp, { seenAt: now() })), version.bytes);
  return {
    kind: 'written',
    key: at.key,
    stamp,
    created,
    unsaved: false,
    ...(merged ? { merged } : {}),
    ...(kept === undefined ? {} : { kept }),
  };
}

/** After a merge, and after an edit of a version that only the user knows, the model has not seen all of the file. */
function withUnread({ merged, whole, seen }: Change, entry: ReadCacheEntry): ReadCacheEntry {
  const unread = merged || (!whole && seen?.model_unread === true);
  return unread ? { ...entry, model_unread: true } : entry;
}

/** A conflict found after the file was read: `theirs` is what is there now. */
async function conflictNow(room: Room, job: Change, reason: ConflictReason, kept?: string): Promise<WriteOutcome> {
  const { at, seen } = job;
  const unsaved = unsavedTextOf(room.editors, at.spellings)?.text;
  if (unsaved !== undefined) return conflictOf(at.key, reason, { unsaved }, seen, kept);
  // What lies there now is another file, perhaps one outside.
  if (!at.leadsHere()) return conflictOf(at.key, reason, {}, seen, kept);
  const outcome = await withVersion(at, async (version): Promise<WriteOutcome> => {
    const theirs = { stamp: toStamp(version, room.now()), bytes: version.bytes };
    return conflictOf(at.key, reason, theirs, seen, kept);
  });
  return outcome.kind === 'conflict' ? outcome : conflictOf(at.key, reason, {}, seen, kept);
}

async function newVersion(bytes: Buffer, stat: fs.BigIntStats): Promise<Version> {
  return { bytes, sha256: await sha256(bytes), stat, settled: true };
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
