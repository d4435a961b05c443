import { type Disposable, type LogOutputChannel, l10n, window } from 'vscode';
import { tell } from '../guarded.ts';
import { HumanError } from '../humanError.ts';
import type { SeenDocuments } from '../views/seenDocuments.ts';
import type { Conflict } from './conflict.ts';
import { forceWrite, mergeEdit, proposedText, readCurrent, showConflict } from './conflictActions.ts';
import { conflictsText, conflictText } from './conflictWords.ts';
import { resolveByHand } from './resolveByHand.ts';

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

/** At most four ways out, those that lose nothing first. */
async function askAbout(conflicts: readonly Conflict[], seen: SeenDocuments): Promise<void> {
  const showChanges = l10n.t('Show Diff');
  const readAgain = l10n.t('Read Again');
  const merge = l10n.t('Merge');
  const resolve = l10n.t('Resolve…');
  const overwrite = l10n.t('Overwrite');
  let open = conflicts;
  for (;;) {
    const [first] = open;
    if (!first) return;
    const single = open.length === 1 ? first : undefined;
    const canOverwrite = open.every((conflict) => proposedText(conflict) !== undefined);
    const choice = await window.showWarningMessage(
      single ? conflictText(single) : conflictsText(open),
      showChanges,
      readAgain,
      ...(open.some(isMergeable) ? [merge] : []),
      ...(single?.outcome.merge && !isMergeable(single) ? [resolve] : []),
      ...(canOverwrite ? [overwrite] : []),
    );
    if (choice !== undefined && choice !== showChanges) mustDrive(open);
    switch (choice) {
      case showChanges:
        for (const conflict of open) await showConflict(conflict, seen);
        // The diff is there to decide by: ask again.
        continue;
      case merge:
        for (const conflict of open.filter(isMergeable)) await mergeEdit(conflict);
        // Those where both changed the same lines are still to be decided.
        open = open.filter((conflict) => !isMergeable(conflict));
        continue;
      case readAgain:
        for (const conflict of open) await readCurrent(conflict);
        return;
      case resolve:
        await resolveByHand(first, seen);
        return;
      case overwrite:
        for (const conflict of open) await forceWrite(conflict);
        return;
      default:
        return;
    }
  }
}

/** While the question was open, another window may have taken the session over. */
function mustDrive(conflicts: readonly Conflict[]): void {
  const followed = conflicts.find(({ session }) => session.follows)?.session;
  if (followed)
    throw new HumanError(
      l10n.t('{0} is driven elsewhere, and this window only follows it. Take it over to go on here.', followed.name),
    );
}

function isMergeable({ outcome }: Conflict): boolean {
  return outcome.merge?.merged !== undefined;
}
