import { applyEvents } from '../session/applyEvents.ts';
import type { SessionEvent } from '../session/event.ts';
import { foldEvents } from '../session/foldEvents.ts';
import { countTurns } from '../session/messageText.ts';
import type { Session } from '../session/session.ts';
import { SCHEMA, type SnapshotBody } from '../session/snapshot.ts';
import * as disk from './disk.ts';
import { ifThere, JOURNAL_SUFFIX, type SessionFiles, sessionFiles } from './files.ts';
import { foldedJournals, withFolded } from './layout.ts';
import { type Lock, temporaryFile } from './lock.ts';
import { nameProblem } from './name.ts';
import { pendingEvents, readSessionFiles } from './openDocument.ts';
import { type JournalContent, readJournal } from './readJournal.ts';
import type { Snapshot } from './readSnapshot.ts';
import type { SaveOutcome, WriteFailure } from './sessionStore.ts';
import { isoTime, type StoreContext, underLock } from './storeContext.ts';
import { writeFileSafely } from './writeFileSafely.ts';
import { writeFolded, writeSession } from './writeSession.ts';

/** `lost-lock`: this process slept past its lock's time and another took it over; nothing was replaced. */
type Attempt = SaveOutcome | 'lost-lock';
const MAX_TRIES = 5;

/** See SessionStore.save. */
export async function saveSession(
  context: StoreContext,
  name: string,
  session: Session,
  expected: number | undefined,
): Promise<SaveOutcome> {
  return attempt(context, name, (files, lock) => saveUnderLock(context, files, lock, session, expected));
}

/** See SessionStore.fold. */
export async function foldSession(context: StoreContext, name: string, expected?: number): Promise<SaveOutcome> {
  return attempt(context, name, (files, lock) => foldUnderLock(context, files, lock, expected));
}

async function attempt(
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

/** A session as its files stand, opened for a write. */
interface Current {
  readonly snapshot: Snapshot;
  readonly journals: readonly JournalContent[];
  /** The body with the journals' events; of its history it knows nothing. */
  readonly head: SnapshotBody;
}

/** Opens what is about to be replaced, or says why it must not be. */
export async function openForWrite(files: SessionFiles): Promise<Current | WriteFailure> {
  const read = await readSessionFiles(files);
  if ('kind' in read) {
    switch (read.kind) {
      case 'unreadable':
        return { kind: 'read-only', problems: read.problems };
      case 'missing':
      case 'invalid-name':
        return read;
      default:
        return read satisfies never;
    }
  }
  const { snapshot, journals } = read;
  if (snapshot.readOnly) {
    await snapshot.file.close();
    return { kind: 'read-only', problems: snapshot.problems };
  }
  const index = snapshot.historyStart === undefined ? undefined : await endsWhole(snapshot);
  if (index === false) {
    await snapshot.file.close();
    return { kind: 'read-only', problems: [{ code: 'truncated' }] };
  }
  const { events } = pendingEvents(snapshot.body, journals);
  const { body: head } = foldEvents(snapshot.body, Number.MAX_SAFE_INTEGER, () => undefined, events);
  return { snapshot, journals, head };
}

/** A file in our own layout ends with its last brace; one that was cut off does not. */
async function endsWhole({ file, size }: Snapshot): Promise<boolean> {
  const tail = Buffer.alloc(Math.min(64, size));
  await file.read(tail, 0, tail.length, size - tail.length);
  return tail.toString('latin1').trimEnd().endsWith('}');
}

async function saveUnderLock(
  context: StoreContext,
  files: SessionFiles,
  lock: Lock,
  session: Session,
  expected: number | undefined,
): Promise<Attempt> {
  const before = await openForWrite(files);
  if ('kind' in before) {
    if (before.kind !== 'missing' || expected !== undefined) return before;
    return writeNew(context, files, lock, session);
  }
  const { head } = before;
  await before.snapshot.file.close();
  if (expected === undefined || head.session_id !== session.body.session_id) {
    return { kind: 'exists', sessionId: head.session_id };
  }
  const theirs = head.revision ?? 0;
  if (theirs !== expected) return { kind: 'conflict', theirs };
  const unseen: SessionEvent[] = [];
  if (await isThere(files.folding)) {
    // Left by a fold that was cut off: finished first, so that the journal can be set aside as well.
    const leftover = await readJournal(files.folding);
    unseen.push(...pendingEvents(session.body, [leftover]).events);
    const folded = await foldOnce(context, files, lock);
    if (folded === 'lost-lock' || folded.kind !== 'saved') return folded;
  }
  const current = await openForWrite(files);
  if ('kind' in current) return current;
  await current.snapshot.file.close();
  const journal = await setAside(files, current);
  unseen.push(...pendingEvents(session.body, [journal]).events);
  const merged = applyEvents(session, unseen);
  const folded = pendingEvents(current.snapshot.body, [journal]).folded;
  const disk = { ...merged.body, folded_journals: foldedJournals(current.snapshot.body) };
  const revision = (current.head.revision ?? 0) + 1;
  const body = seal(context, files, revision, withTurns(withFolded(disk, folded), merged.history));
  const replaced = await writeFileSafely(
    files.snapshot,
    temporaryFile(files.lock, lock.token),
    { isNew: false, mayReplace: lock.isHeld },
    (file) => writeSession(file, { body, history: merged.history }),
  );
  if (replaced !== 'done') return 'lost-lock';
  await dropFolded(files, lock, journal);
  return { kind: 'saved', revision, file: files.snapshot };
}

async function writeNew(context: StoreContext, files: SessionFiles, lock: Lock, session: Session): Promise<Attempt> {
  // Journals without a snapshot are of a session that somebody removed by hand: kept, under another name.
  for (const file of [files.journal, files.folding]) await keepDamaged(files, lock, file);
  const fresh = { ...session.body, folded_journals: undefined };
  const body = seal(context, files, 1, withTurns(fresh, session.history));
  const replaced = await writeFileSafely(
    files.snapshot,
    temporaryFile(files.lock, lock.token),
    { isNew: true, mayReplace: lock.isHeld },
    (file) => writeSession(file, { body, history: session.history }),
  );
  switch (replaced) {
    case 'done':
      return { kind: 'saved', revision: 1, file: files.snapshot };
    case 'exists':
      return { kind: 'exists', sessionId: undefined };
    case 'lost-lock':
      return 'lost-lock';
    default:
      return replaced satisfies never;
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
  const leftover = await isThere(files.folding);
  const outcome = await foldOnce(context, files, lock);
  if (!leftover || outcome === 'lost-lock' || outcome.kind !== 'saved') return outcome;
  return foldOnce(context, files, lock);
}

/** Folds the journal that was set aside before, or sets the current one aside and folds that. */
async function foldOnce(context: StoreContext, files: SessionFiles, lock: Lock): Promise<Attempt> {
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
    await snapshot.file.close();
  }
}

function seal(context: StoreContext, files: SessionFiles, revision: number, body: SnapshotBody): SnapshotBody {
  return { ...body, schema: SCHEMA, name: files.name, revision, saved_at: isoTime(context) };
}

function withTurns(body: SnapshotBody, history: Session['history']): SnapshotBody {
  if (body.metadata?.turns !== undefined) return body;
  return { ...body, metadata: { ...body.metadata, turns: countTurns(history) } };
}

/** Renames the journal, so that appenders start a new one, and reads it. A journal of another session stays. */
async function setAside(files: SessionFiles, { snapshot, journals }: Current): Promise<JournalContent | undefined> {
  const journal = journals.at(-1);
  if (!journal || pendingEvents(snapshot.body, [journal]).folded.length + journal.events.length === 0) return undefined;
  const { header } = journal;
  if (header && ![header.session_id, header.base_session_id].includes(snapshot.body.session_id)) return undefined;
  await ifThere(disk.rename(files.journal, files.folding));
  // Under the lock nobody folds, but others may have appended since it was read.
  const stat = await disk.lstat(files.folding);
  return stat?.size === journal.bytes ? journal : readJournal(files.folding);
}

/** Removes a journal that is part of the snapshot now; one with damaged lines is kept under another name. */
async function dropFolded(files: SessionFiles, lock: Lock, journal: JournalContent | undefined): Promise<void> {
  if (!journal) return;
  if (journal.damaged) await keepDamaged(files, lock, files.folding);
  else await ifThere(disk.unlink(files.folding));
}

/** Gives a journal a name under which nobody reads it and nothing is lost: `<name>.kept-<token><what it was>`. */
async function keepDamaged(files: SessionFiles, lock: Lock, file: string): Promise<void> {
  const stem = files.journal.slice(0, -JOURNAL_SUFFIX.length);
  const kept = `${stem}.kept-${lock.token}${file.slice(stem.length)}`;
  await ifThere(disk.rename(file, kept));
}

async function isThere(file: string): Promise<boolean> {
  return disk.exists(file);
}
