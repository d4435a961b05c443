import { type Disposable, type LogOutputChannel, l10n, Uri, window } from 'vscode';
import type { WriteOutcome } from '../../core/index.ts';
import { theirText } from '../chat/toolAnswers.ts';
import { refusalText } from '../failureWords.ts';
import { tell } from '../guarded.ts';
import { now } from '../places.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import type { SeenDocuments } from '../views/seenDocuments.ts';
import { ago, fileCount } from '../words.ts';
import { changedRegion } from './changedRegion.ts';
import { showDiff } from './showDiff.ts';

/** What the edit that was not made wanted. */
export type Proposal =
  | { readonly kind: 'edit'; readonly old: string; readonly new: string; readonly all: boolean }
  | { readonly kind: 'write'; readonly content: string };

export interface Conflict {
  readonly session: ActiveSession;
  /** As it was given by whoever wanted to write. */
  readonly path: string;
  readonly outcome: Extract<WriteOutcome, { kind: 'conflict' }>;
  readonly proposal: Proposal;
  /** What the session believes the file holds, where known. */
  readonly seen: string | undefined;
}

/** Tells the user of edits that were not made; owns the one notification. */
export interface Conflicts extends Disposable {
  report(conflict: Conflict): void;
}

/** Conflicts within this time are one notification. */
const GATHER_MS = 300;

export function createConflicts(seen: SeenDocuments, log: LogOutputChannel): Conflicts {
  /** By file, the last one: earlier proposals for it are out of date. */
  const waiting = new Map<string, Conflict>();
  let timer: NodeJS.Timeout | undefined;

  const show = (): void => {
    timer = undefined;
    // Which of several edits failed first means nothing.
    const conflicts = [...waiting.values()].sort((a, b) => (a.outcome.key < b.outcome.key ? -1 : 1));
    waiting.clear();
    // A notification that nobody answers must not hold back the next one.
    void askAbout(conflicts, seen).catch((error: unknown) => tell(log, 'Conflict', error));
  };
  return {
    report(conflict) {
      log.warn(`${conflict.outcome.key}: ${conflict.outcome.reason}, the edit was not made`);
      waiting.set(`${conflict.session.place.path}\0${conflict.outcome.key}`, conflict);
      timer ??= setTimeout(show, GATHER_MS);
    },
    dispose: () => clearTimeout(timer),
  };
}

async function askAbout(conflicts: readonly Conflict[], seen: SeenDocuments): Promise<void> {
  const [first] = conflicts;
  if (!first) return;
  const showChanges = l10n.t('Show Diff');
  const readAgain = l10n.t('Read Again');
  const overwrite = l10n.t('Overwrite');
  const canOverwrite = conflicts.every((conflict) => proposedText(conflict) !== undefined);
  for (;;) {
    const choice = await window.showWarningMessage(
      conflicts.length === 1 ? conflictText(first) : manyText(conflicts),
      showChanges,
      readAgain,
      ...(canOverwrite ? [overwrite] : []),
    );
    if (choice === showChanges) {
      for (const conflict of conflicts) await showConflict(conflict, seen);
      // The diff is there to decide by: ask again.
      continue;
    }
    if (choice === readAgain) for (const conflict of conflicts) await readCurrent(conflict);
    else if (choice === overwrite) for (const conflict of conflicts) await forceWrite(conflict);
    return;
  }
}

/** `src/auth.ts changed since the session read it (3 lines, 2 min ago, on disk). The edit was not made.` */
export function conflictText(conflict: Conflict): string {
  const { key, reason, theirs } = conflict.outcome;
  switch (reason) {
    case 'changed':
    case 'slipped-in': {
      const facts = changeFacts(conflict);
      return facts.length > 0
        ? l10n.t('{0} changed since the session read it ({1}). The edit was not made.', key, facts.join(', '))
        : l10n.t('{0} changed since the session read it. The edit was not made.', key);
    }
    case 'unsaved':
      return theirs.unsaved === undefined
        ? l10n.t('{0} was unsaved when the session read it, and is another now. The edit was not made.', key)
        : l10n.t('{0} has unsaved changes that the session has not seen. The edit was not made.', key);
    case 'deleted':
      return l10n.t('{0} was deleted since the session read it. The edit was not made.', key);
    case 'unread':
      return l10n.t('The session has not read {0}, which exists. The edit was not made.', key);
    case 'unknown':
      return l10n.t('It is not recorded which version of {0} the session read. The edit was not made.', key);
  }
}

function changeFacts({ outcome, seen }: Conflict): string[] {
  const facts: string[] = [];
  const text = theirText(outcome.theirs);
  const region = seen === undefined || text === undefined ? undefined : changedRegion(seen, text);
  if (region) facts.push(region.count === 1 ? l10n.t('1 line') : l10n.t('{0} lines', region.count));
  if (outcome.theirs.stamp) facts.push(ago(outcome.theirs.stamp.mtimeMs, now()));
  if (outcome.theirs.unsaved === undefined) facts.push(l10n.t('outside the session'));
  return facts;
}

function manyText(conflicts: readonly Conflict[]): string {
  const keys = conflicts.map(({ outcome }) => outcome.key);
  const named = keys.length > 3 ? [...keys.slice(0, 3), '…'] : keys;
  return l10n.t(
    '{0} changed since the session read them ({1}). The edits were not made.',
    fileCount(conflicts.length),
    named.join(', '),
  );
}

/** The file as the edit would leave it on the version that stood in the way; undefined where it cannot be applied. */
function proposedText({ outcome, proposal }: Conflict): string | undefined {
  if (proposal.kind === 'write') return proposal.content;
  const text = outcome.theirs.unsaved ?? (outcome.theirs.bytes && Buffer.from(outcome.theirs.bytes).toString());
  if (text === undefined) return undefined;
  const parts = text.split(proposal.old);
  if (parts.length < 2 || (parts.length > 2 && !proposal.all)) return undefined;
  return parts.join(proposal.new);
}

async function showConflict(conflict: Conflict, documents: SeenDocuments): Promise<void> {
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
async function readCurrent({ session, path }: Conflict): Promise<void> {
  const outcome = await session.takeForKnown(path);
  if (outcome.kind !== 'read') {
    void window.showWarningMessage(refusalText(outcome));
    return;
  }
  window.setStatusBarMessage(l10n.t('{0} was read again; parts of it may be edited now.', outcome.key), 8000);
}

async function forceWrite(conflict: Conflict): Promise<void> {
  const text = proposedText(conflict);
  if (text === undefined) return;
  const { session, path } = conflict;
  // Around the edit stays what the model has not read; a whole file is the model's own.
  if (conflict.proposal.kind === 'edit') session.modelUnread.add(path);
  const outcome = await session.guard.write(path, text, { force: true });
  switch (outcome.kind) {
    case 'written':
      window.setStatusBarMessage(l10n.t('{0} was overwritten; the version before is kept.', outcome.key), 5000);
      return;
    case 'conflict':
      void window.showWarningMessage(conflictText({ ...conflict, outcome }));
      return;
    case 'no-match':
      return;
    case 'missing':
    case 'outside':
    case 'not-a-file':
    case 'protected':
    case 'too-big':
    case 'io':
      void window.showErrorMessage(refusalText(outcome));
      return;
  }
}
