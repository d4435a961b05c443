import { l10n } from 'vscode';
import { theirText } from '../chat/toolAnswers.ts';
import { now } from '../places.ts';
import { ago, fileCount } from '../words.ts';
import { changedRegion } from './changedRegion.ts';
import type { Conflict } from './conflict.ts';

/** `src/auth.ts changed since the session read it (3 lines, 2 min ago, outside the session). The edit was not made.` */
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

/** One sentence for several. */
export function conflictsText(conflicts: readonly Conflict[]): string {
  const keys = conflicts.map(({ outcome }) => outcome.key);
  const named = keys.length > 3 ? [...keys.slice(0, 3), '…'] : keys;
  return l10n.t(
    '{0} changed since the session read them ({1}). The edits were not made.',
    fileCount(conflicts.length),
    named.join(', '),
  );
}

/** In whole minutes: VS Code shows a sentence that it shows already only once, and an agent may try again at once. */
function changedText(at: number, present: number): string {
  return present - at < 60_000 ? l10n.t('just now') : ago(at, present);
}

function changeFacts({ outcome, seen }: Conflict): string[] {
  const facts: string[] = [];
  const text = theirText(outcome.theirs);
  const region = seen === undefined || text === undefined ? undefined : changedRegion(seen, text);
  if (region) facts.push(region.count === 1 ? l10n.t('1 line') : l10n.t('{0} lines', region.count));
  if (outcome.theirs.stamp) facts.push(changedText(outcome.theirs.stamp.mtimeMs, now()));
  if (outcome.theirs.unsaved === undefined) facts.push(l10n.t('outside the session'));
  return facts;
}
