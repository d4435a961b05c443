import { type Disposable, type LogOutputChannel, l10n } from 'vscode';
import { tell } from '../guarded.ts';
import { HumanError } from '../humanError.ts';
import { showWarning } from '../say.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import type { SeenDocuments } from '../views/seenDocuments.ts';
import { listed } from '../words.ts';
import type { Conflict } from './conflict.ts';
import {
  asItIsNow,
  forceWrite,
  isOver,
  mergeEdit,
  proposedText,
  readCurrent,
  sameTheirs,
  showConflict,
} from './conflictActions.ts';
import { conflictsText, conflictText } from './conflictWords.ts';
import { resolveByHand } from './resolveByHand.ts';

/** Tells the user of edits that were not made; owns the one notification. */
export interface Conflicts extends Disposable {
  report(conflict: Conflict): void;
}

/** Conflicts within this time are one notification. */
const GATHER_MS = 300;

/** What the questions work with. */
interface Asking {
  readonly seen: SeenDocuments;
  /** Whether edits may still be made in this session's name. */
  readonly isActive: (session: ActiveSession) => boolean;
  readonly report: (conflict: Conflict) => void;
}

export function createConflicts(seen: SeenDocuments, log: LogOutputChannel, isActive: Asking['isActive']): Conflicts {
  /** By file, the last one: earlier proposals for it are out of date. */
  const waiting = new Map<string, Conflict>();
  let timer: NodeJS.Timeout | undefined;

  const show = (): void => {
    timer = undefined;
    // Which of several edits failed first means nothing.
    const conflicts = [...waiting.values()].sort((a, b) => (a.outcome.key < b.outcome.key ? -1 : 1));
    waiting.clear();
    // A notification that nobody answers must not hold back the next one.
    void askAbout(conflicts, { seen, isActive, report }).catch((error: unknown) => tell(log, 'Conflict', error));
  };
  const report = (conflict: Conflict): void => {
    log.warn(`${conflict.outcome.key}: ${conflict.outcome.reason}, the edit was not made`);
    waiting.set(`${conflict.session.place.path}\0${conflict.outcome.key}`, conflict);
    timer ??= setTimeout(show, GATHER_MS);
  };
  return { report, dispose: () => clearTimeout(timer) };
}

/** At most four ways out, those that lose nothing first. */
async function askAbout(conflicts: readonly Conflict[], { seen, isActive, report }: Asking): Promise<void> {
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
    const choice = await showWarning(
      single ? conflictText(single) : conflictsText(open),
      showChanges,
      readAgain,
      ...(open.some(isMergeable) ? [merge] : []),
      ...(single?.outcome.merge && !isMergeable(single) ? [resolve] : []),
      ...(canOverwrite ? [overwrite] : []),
    );
    if (choice === undefined) return;
    if (choice === showChanges) {
      for (const conflict of open) await showConflict(conflict, seen);
      // The diff is there to decide by: ask again.
      continue;
    }
    mustDrive(open, isActive);
    if (choice === readAgain) {
      for (const conflict of open) await readCurrent(conflict);
      return;
    }
    open = stillOpen(open);
    switch (choice) {
      case merge:
        for (const conflict of open.filter(isMergeable)) await mergeEdit(conflict);
        // Those where both changed the same lines are still to be decided.
        open = open.filter((conflict) => !isMergeable(conflict));
        continue;
      case resolve:
        for (const conflict of open) {
          const now = await asItIsNow(conflict);
          if (now?.outcome.merge) await resolveByHand(now, seen);
          else if (now) report(now);
        }
        return;
      case overwrite:
        for (const conflict of open) {
          const now = await asItIsNow(conflict);
          if (!now) continue;
          if (sameTheirs(now, conflict)) await forceWrite(conflict);
          // Nobody has decided about this version.
          else report(now);
        }
        return;
      default:
        return;
    }
  }
}

/** While the question was open, another window may have taken the session over, or this one another session. */
function mustDrive(conflicts: readonly Conflict[], isActive: Asking['isActive']): void {
  for (const { session } of conflicts) {
    session.mustDrive();
    if (!isActive(session))
      throw new HumanError(l10n.t('{0} is not active any more, so nothing was done in its name.', session.name));
  }
}

/** Without the edits that are over, of which the user is told. */
function stillOpen(conflicts: readonly Conflict[]): readonly Conflict[] {
  const over = conflicts.filter(isOver);
  if (over.length > 0)
    void showWarning(
      l10n.t(
        'The session knows another version of {0} by now than when this edit was refused, so the edit was not made.',
        listed(over.map(({ outcome }) => outcome.key)),
      ),
    );
  return conflicts.filter((conflict) => !isOver(conflict));
}

function isMergeable({ outcome }: Conflict): boolean {
  return outcome.merge?.merged !== undefined;
}
