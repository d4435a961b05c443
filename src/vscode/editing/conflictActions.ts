import { l10n, Uri } from 'vscode';
import type { WriteOutcome } from '../../core/index.ts';
import { theirText } from '../chat/toolAnswers.ts';
import { refusalText } from '../failureWords.ts';
import { showError, showWarning, statusMessage } from '../say.ts';
import type { SeenDocuments } from '../views/seenDocuments.ts';
import { attempt, type Conflict, markUnread } from './conflict.ts';
import { conflictText } from './conflictWords.ts';
import { showDiff } from './showDiff.ts';

/** The file as the edit would leave it on the version that stood in the way; undefined where it cannot be applied. */
export function proposedText({ outcome, proposal }: Conflict): string | undefined {
  if (proposal.kind === 'write') return proposal.content;
  const text = outcome.theirs.unsaved ?? (outcome.theirs.bytes && Buffer.from(outcome.theirs.bytes).toString());
  if (text === undefined) return undefined;
  const parts = text.split(proposal.old);
  if (parts.length < 2 || (parts.length > 2 && !proposal.all)) return undefined;
  return parts.join(proposal.new);
}

/** Whether the session has learnt of another version since: the edit was meant for the one before, and is over. */
export function isOver({ session, outcome }: Conflict): boolean {
  return session.cache.get(outcome.key)?.sha256 !== outcome.seen?.sha256;
}

/**
 * The conflict as it stands now: whoever answers may have taken their time. Undefined where nothing stands in the way any
 * more, and the edit was made.
 */
export async function asItIsNow(conflict: Conflict): Promise<Conflict | undefined> {
  const { session, path, proposal } = conflict;
  const outcome = await attempt(session, path, proposal, false);
  if (outcome.kind === 'conflict') return { ...conflict, outcome };
  if (outcome.kind === 'written') await markUnread(session, outcome.key);
  tellOutcome(
    conflict,
    outcome,
    l10n.t('{0}: nothing stood in the way any more; the edit was made.', conflict.outcome.key),
  );
  return undefined;
}

/** Whether the version that stands in the way is the one that was shown. */
export function sameTheirs({ outcome: { theirs: a } }: Conflict, { outcome: { theirs: b } }: Conflict): boolean {
  return a.stamp?.sha256 === b.stamp?.sha256 && a.unsaved === b.unsaved;
}

export async function showConflict(conflict: Conflict, documents: SeenDocuments): Promise<void> {
  const { session, outcome, seen } = conflict;
  const { key } = outcome;
  const path = session.cache.absolute(key);
  const theirs = theirText(outcome.theirs) ?? '';
  if (seen !== undefined) {
    const right = path === undefined || outcome.reason === 'deleted' ? documents.add(key, theirs) : Uri.file(path);
    await showDiff(documents.add(key, seen), right, l10n.t('{0}: what the session saw ↔ now', key));
    return;
  }
  const proposed = proposedText(conflict);
  await showDiff(
    documents.add(key, theirs),
    proposed === undefined && path !== undefined ? Uri.file(path) : documents.add(key, proposed ?? ''),
    l10n.t('{0}: now ↔ the edit that was not made', key),
  );
}

/** The session takes the current version for known; its next edit starts from there. */
export async function readCurrent({ session, path }: Conflict): Promise<void> {
  const outcome = await session.takeForKnown(path);
  if (outcome.kind !== 'read') {
    void showWarning(refusalText(outcome));
    return;
  }
  statusMessage(l10n.t('{0} was read again; parts of it may be edited now.', outcome.key), 8000);
}

/** Makes the edit on what the session read, and both sides' changes one file. */
export async function mergeEdit(conflict: Conflict): Promise<void> {
  const { session, path, proposal } = conflict;
  session.mustDrive();
  const outcome = await attempt(session, path, proposal, true);
  // The model was told that nothing was written.
  if (outcome.kind === 'written') await markUnread(session, outcome.key);
  tellOutcome(
    conflict,
    outcome,
    l10n.t('{0}: the edit was merged with what changed since the session read it.', conflict.outcome.key),
  );
}

export async function forceWrite(conflict: Conflict): Promise<void> {
  const text = proposedText(conflict);
  if (text === undefined) return;
  const { session, path } = conflict;
  session.mustDrive();
  // Around the edit stays what the model has not read; a whole file is the model's own.
  if (conflict.proposal.kind === 'edit') session.modelUnread.add(path);
  const outcome = await session.guard.write(path, text, { force: true });
  tellOutcome(conflict, outcome, l10n.t('{0} was overwritten; the version before is kept.', conflict.outcome.key));
}

function tellOutcome(conflict: Conflict, outcome: WriteOutcome, done: string): void {
  switch (outcome.kind) {
    case 'written':
      statusMessage(done, 8000);
      return;
    case 'conflict':
      void showWarning(conflictText({ ...conflict, outcome }));
      return;
    case 'no-match':
      void showWarning(
        l10n.t('{0} no longer has the text that the edit replaces. The edit was not made.', outcome.key),
      );
      return;
    case 'missing':
    case 'outside':
    case 'not-a-file':
    case 'protected':
    case 'too-big':
    case 'io':
      void showError(refusalText(outcome));
      return;
  }
}
