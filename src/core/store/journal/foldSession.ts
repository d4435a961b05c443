import type { SnapshotBody } from '../../session/snapshot.ts';
import { SCHEMA } from '../../session/snapshot.ts';
import * as disk from '../disk/disk.ts';
import { type SessionFiles, sessionFiles } from '../disk/files.ts';
import { type Lock, temporaryFile } from '../disk/lock.ts';
import { writeFileSafely } from '../disk/writeFileSafely.ts';
import { nameProblem } from '../name.ts';
import type { SaveOutcome } from '../sessionStore.ts';
import { dropFolded, setAside } from '../setAside.ts';
import { withFolded } from '../snapshot/layout.ts';
import { pendingEvents } from '../snapshot/openDocument.ts';
import { openForWrite } from '../snapshot/openForWrite.ts';
import { writeFolded } from '../snapshot/writeSession.ts';
import { isoTime, type StoreContext, underLock } from '../storeContext.ts';
import { readJournal } from './readJournal.ts';

/** `lost-lock`: this process slept past its lock's time and another took it over; nothing was replaced. */
export type Attempt = SaveOutcome | 'lost-lock';
const MAX_TRIES = 5;

/** See SessionStore.fold. */
export async function foldSession(context: StoreContext, name: string, expected?: number): Promise<SaveOutcome> {
  return attempt(context, name, (files, lock) => foldUnderLock(context, files, lock, expected));
}

/** Runs a write under the session's lock, again where the lock was lost. */
export async function attempt(
  context: StoreContext,
  name: string,
  write: (files: SessionFiles, lock: Lock) => Promise<Attempt>,
): Promise<SaveOutcome> {
  const problem = nameProblem(name);
  if (problem) return { kind: 'invalid-name', problem };
  const files = sessionFiles(context.root, name);
  for (let tries = 1; ; tries++) {
    const outcome = await underLock(context, files, (lock) => write(files, lock));
    if (outcome !== 'lost-lock') return outcome;
    if (tries === MAX_TRIES) return { kind: 'io', code: 'ELOCKED', path: files.lock, message: 'lock taken over' };
  }
}

async function foldUnderLock(
  context: StoreContext,
  files: SessionFiles,
  lock: Lock,
  expected: number | undefined,
): Promise<Attempt> {
  if (expected !== undefined) {
    const current = await openForWrite(files);
    if ('kind' in current) return current;
    await current.snapshot.file.close();
    const theirs = current.head.revision ?? 0;
    if (theirs !== expected) return { kind: 'conflict', theirs };
  }
  const leftover = await disk.exists(files.folding);
  const outcome = await foldOnce(context, files, lock);
  if (!leftover || outcome === 'lost-lock' || outcome.kind !== 'saved') return outcome;
  return foldOnce(context, files, lock);
}

/** Folds the journal that was set aside before, or sets the current one aside and folds that. */
export async function foldOnce(context: StoreContext, files: SessionFiles, lock: Lock): Promise<Attempt> {
  const current = await openForWrite(files);
  if ('kind' in current) return current;
  const { snapshot, head } = current;
  try {
    const leftover = (await disk.exists(files.folding)) ? await readJournal(files.folding) : undefined;
    const journal = leftover ?? (await setAside(files, current));
    const pending = pendingEvents(snapshot.body, [journal]);
    if (!journal || (pending.events.length === 0 && pending.folded.length === 0)) {
      await dropFolded(files, lock, journal);
      return { kind: 'saved', revision: head.revision ?? 0, file: files.snapshot };
    }
    let revision = 0;
    const replaced = await writeFileSafely(
      files.snapshot,
      temporaryFile(files.lock, lock.token),
      { isNew: false, mayReplace: lock.isHeld },
      (file) =>
        writeFolded(file, snapshot, pending.events, (body) => {
          revision = (body.revision ?? 0) + 1;
          return seal(context, files, revision, withFolded(body, pending.folded));
        }),
    );
    if (replaced !== 'done') return 'lost-lock';
    await dropFolded(files, lock, journal);
    return { kind: 'saved', revision, file: files.snapshot };
  } finally {
    // The last close of a big file that was replaced takes milliseconds, and nothing depends on it.
    context.later(snapshot.file.close());
  }
}

/** The fields that every write sets. */
export function seal(context: StoreContext, files: SessionFiles, revision: number, body: SnapshotBody): SnapshotBody {
  return { ...body, schema: SCHEMA, name: files.name, revision, saved_at: isoTime(context) };
}
