import { applyEvents } from '../session/applyEvents.ts';
import type { SessionEvent } from '../session/event.ts';
import { countTurns } from '../session/messageText.ts';
import type { Session } from '../session/session.ts';
import type { SnapshotBody } from '../session/snapshot.ts';
import * as disk from './disk/disk.ts';
import type { SessionFiles } from './disk/files.ts';
import { type Lock, temporaryFile } from './disk/lock.ts';
import { writeFileSafely } from './disk/writeFileSafely.ts';
import { type Attempt, attempt, foldOnce, seal } from './journal/foldSession.ts';
import { readJournal } from './journal/readJournal.ts';
import type { SaveOutcome } from './sessionStore.ts';
import { dropFolded, keepDamaged, setAside } from './setAside.ts';
import { foldedJournals, withFolded } from './snapshot/layout.ts';
import { pendingEvents } from './snapshot/openDocument.ts';
import { openForWrite } from './snapshot/openForWrite.ts';
import { writeSession } from './snapshot/writeSession.ts';
import type { StoreContext } from './storeContext.ts';

/** See SessionStore.save. */
export async function saveSession(
  context: StoreContext,
  name: string,
  session: Session,
  expected: number | undefined,
): Promise<SaveOutcome> {
  return attempt(context, name, (files, lock) => saveUnderLock(context, files, lock, session, expected));
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
  if (await disk.exists(files.folding)) {
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
  const onDisk = { ...merged.body, folded_journals: foldedJournals(current.snapshot.body) };
  const revision = (current.head.revision ?? 0) + 1;
  const body = seal(context, files, revision, withTurns(withFolded(onDisk, folded), merged.history));
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

function withTurns(body: SnapshotBody, history: Session['history']): SnapshotBody {
  if (body.metadata?.turns !== undefined) return body;
  return { ...body, metadata: { ...body.metadata, turns: countTurns(history) } };
}
