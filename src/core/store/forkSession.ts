import fs from 'node:fs';
import type { SessionEvent } from '../session/event.ts';
import type { SnapshotBody } from '../session/snapshot.ts';
import * as disk from './disk/disk.ts';
import { codeOf, type SessionFiles, sessionFiles } from './disk/files.ts';
import { type Lock, temporaryFile } from './disk/lock.ts';
import { nameAsNew, syncFolder } from './disk/writeFileSafely.ts';
import { createJournal } from './journal/createJournal.ts';
import { foldSession } from './journal/foldSession.ts';
import { eventLine, headerLine } from './journal/journalLine.ts';
import { nameProblem } from './name.ts';
import { newSessionId } from './sessionId.ts';
import type { ForkOutcome } from './sessionStore.ts';
import { openDocument, pendingEvents } from './snapshot/openDocument.ts';
import { openForWrite } from './snapshot/openForWrite.ts';
import { isoTime, type StoreContext, underLocks } from './storeContext.ts';

type Forked = Extract<ForkOutcome, { readonly kind: 'forked' }>;
type Unsettled = Exclude<ForkOutcome, Forked> | Omit<Forked, 'settled'>;

/**
 * Forks in a time that does not depend on the history: the fork's file is a second name of its parent's, which is
 * never changed in place, and the fork's journal says what differs. `settled` folds both into a file of its own.
 */
export async function forkSession(
  context: StoreContext,
  name: string,
  options: { readonly name: string; readonly messages?: number },
): Promise<ForkOutcome> {
  const problem = nameProblem(name) ?? nameProblem(options.name);
  if (problem) return { kind: 'invalid-name', problem };
  const parent = sessionFiles(context.root, name);
  const fork = sessionFiles(context.root, options.name);
  const outcome = await underLocks(context, [parent, fork], async (lockOf): Promise<Unsettled> => {
    const current = await openForWrite(parent);
    if ('kind' in current) return current;
    const { snapshot, journals, head } = current;
    await snapshot.file.close();
    const { events } = pendingEvents(snapshot.body, journals);
    const counted =
      snapshot.historyStart !== undefined && !events.some(movesMessages) ? snapshot.body.message_count : undefined;
    const count = counted ?? (await countMessages(parent));
    const keep = options.messages ?? count;
    if (!Number.isInteger(keep) || keep < 0 || keep > count) return { kind: 'no-such-message', messages: count };
    if (await disk.lstat(fork.snapshot)) return { kind: 'exists', sessionId: undefined };

    const sessionId = newSessionId(context.now, context.random);
    const lines = [
      headerLine({
        type: 'journal',
        journal_id: context.random(),
        session_id: sessionId,
        base_session_id: snapshot.body.session_id,
        base_revision: snapshot.body.revision ?? 0,
      }),
      ...[
        ...events,
        ...forkEvents(context, head, { sessionId, name: options.name, keep, isWhole: keep === count }),
      ].map(eventLine),
    ];
    const lock = lockOf(fork);
    await createJournal(fork.journal, temporaryFile(fork.lock, lock.token), lines.join(''));
    if (!(await shareSnapshot(parent, fork, lock))) {
      await disk.unlink(fork.journal);
      return { kind: 'exists', sessionId: undefined };
    }
    await syncFolder(context.root);
    return { kind: 'forked', name: options.name, sessionId, messages: keep };
  });
  if (outcome.kind !== 'forked') return outcome;
  // A fold that the system refuses leaves the fork as it is: whole, and durable.
  return { ...outcome, settled: foldSession(context, options.name).then(() => undefined) };
}

function movesMessages({ type }: SessionEvent): boolean {
  return type === 'message' || type === 'rewind' || type === 'cut';
}

async function countMessages(files: SessionFiles): Promise<number> {
  const opened = await openDocument(files);
  if (opened.kind !== 'open') throw new Error(`${files.snapshot} became ${opened.kind} under its lock`);
  await opened.document.close();
  return opened.document.messageCount;
}

function forkEvents(
  context: StoreContext,
  head: SnapshotBody,
  fork: { readonly sessionId: string; readonly name: string; readonly keep: number; readonly isWhole: boolean },
): readonly SessionEvent[] {
  const now = isoTime(context);
  const { turns: _, ...metadata } = head.metadata ?? {};
  const set = {
    session_id: fork.sessionId,
    name: fork.name,
    revision: 0,
    created_at: now,
    saved_at: now,
    parent: { session_id: head.session_id, message: fork.keep },
    // How many prompts a part holds is not known without reading it.
    ...(fork.isWhole ? {} : { metadata }),
  };
  // What was put on the parent's row is not the fork's.
  return [
    { type: 'head', set, remove: ['pinned', 'archived'] },
    ...(fork.isWhole ? [] : [{ type: 'cut', keep: fork.keep } as const]),
  ];
}

/** False where the name is taken. Where the disk has no hard links, the bytes are copied (shared, where it can). */
async function shareSnapshot(parent: SessionFiles, fork: SessionFiles, lock: Lock): Promise<boolean> {
  try {
    await disk.link(parent.snapshot, fork.snapshot);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code ?? '')) throw error;
  }
  const temporary = temporaryFile(fork.lock, lock.token);
  await fs.promises.copyFile(parent.snapshot, temporary, fs.constants.COPYFILE_FICLONE);
  const handle = await disk.open(temporary, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  return nameAsNew(temporary, fork.snapshot);
}
