import * as nodePath from 'node:path';
import type { ReadCacheEntry } from '../../session/snapshot.ts';
import type { Bases } from '../merge/bases.ts';
import type { ReadCache } from '../readCache.ts';
import { createLateLooks } from '../replace/lateLooks.ts';
import type { Steps } from '../replace/replacement.ts';
import { createWorkFolders } from '../replace/workFolders.ts';
import { ioFailure, toEntry, toStamp } from '../version.ts';
import { withVia } from '../via.ts';
import { applyEdit } from './applyEdit.ts';
import type { Change, Room } from './changing.ts';
import { readUnsaved, unsavedTextOf } from './editorVersion.ts';
import type { Guard, LateConflict, OpenEditors, ReadOutcome, Refusal, WriteOutcome } from './guardTypes.ts';
import { changeOrMerge } from './merging.ts';
import { findTarget, MAX_FILE_BYTES, type Target, withVersion } from './target.ts';
import { createTurns } from './turns.ts';
import { wholeContent } from './wholeContent.ts';

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
  const tellLate = (late: readonly LateConflict[]): void => {
    for (const one of late) options.onLate?.(one);
  };
  const lateLooks = createLateLooks(tellLate);

  async function record(at: Target, entry: ReadCacheEntry, bytes: Uint8Array): Promise<void> {
    // Not awaited: a version that can't be kept costs a merge, never a write.
    void options.bases?.put(entry.sha256 as string, bytes);
    const set = withVia(cache, at.key, entry, at.via);
    for (const [key, each] of Object.entries(set)) cache.set(key, each);
    await options.onStamps?.(set);
  }

  async function read(at: Target): Promise<ReadOutcome> {
    const unsaved = unsavedTextOf(editors, at.spellings);
    if (unsaved !== undefined) {
      const { bytes, stamp, entry } = await readUnsaved(at, unsaved, now());
      await record(at, entry, bytes);
      return { kind: 'read', key: at.key, bytes, stamp, unsaved: true };
    }
    return withVersion(at, async (version) => {
      const stamp = toStamp(version, now());
      await record(at, toEntry(stamp, { seenAt: now() }), version.bytes);
      return { kind: 'read', key: at.key, bytes: version.bytes, stamp, unsaved: false };
    });
  }

  const room: Room = {
    editors,
    now,
    steps,
    lateLooks,
    folders: () => work.get(),
    tidy: async (folder) => tellLate(await work.tidy(folder)),
    record,
  };

  function change(
    path: string,
    job: Pick<Change, 'make' | 'whole'>,
    { force = false, merge = false }: { readonly force?: boolean; readonly merge?: boolean } = {},
  ): Promise<WriteOutcome> {
    const inPlace = (at: Target): Promise<WriteOutcome> => {
      const full = { ...job, at, seen: cache.get(at.key), force, merged: false };
      return changeOrMerge(room, options, full, { merge });
    };
    return guarded(path, inPlace, false);
  }

  /** One call at a time per file; a system's error becomes a value. */
  async function guarded<T>(path: string, job: (at: Target) => Promise<T>, reads: boolean): Promise<T | Refusal> {
    try {
      for (;;) {
        const found = findTarget({ cache, folder, sessionsFolder }, path);
        if (found.kind === 'refused') return found.refusal;
        const at = found.target;
        // Outside, a file may only be read, and only where the session has read it before, here.
        const known = reads && options.trusted === true && cache.get(at.key)?.outside === true;
        if (found.kind === 'outside' && !known) return { kind: 'outside', path };
        let waited = false;
        const turn = inTurn(at.key, async () => (!waited || at.leadsHere() ? { done: await job(at) } : undefined));
        waited = true;
        const ended = await turn;
        if (ended !== undefined) return ended.done;
      }
    } catch (error) {
      return ioFailure(error, path);
    }
  }

  return {
    read: (path) => guarded(path, read, true),
    write(path, content, how) {
      let made: ReturnType<typeof wholeContent> | undefined;
      const make = (): ReturnType<typeof wholeContent> => {
        made ??= wholeContent(content, MAX_FILE_BYTES);
        return made;
      };
      return change(path, { make, whole: true }, how);
    },
    edit: (path, edit, how) =>
      change(path, { make: (bytes) => applyEdit(bytes, edit, MAX_FILE_BYTES), whole: false }, how),
    close: () => lateLooks.close(),
  };
}
