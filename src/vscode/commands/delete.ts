import { l10n } from 'vscode';
import type { App } from '../app.ts';
import type { Deletion } from '../deletions.ts';
import { writeFailureError } from '../failureWords.ts';
import { guarded } from '../guarded.ts';
import type { HumanError } from '../humanError.ts';
import { showInformation } from '../say.ts';
import { sessionCount } from '../words.ts';
import { manySaved, mustBeWritable } from './targets.ts';
import { undoDelete } from './undoDelete.ts';

/** Moves sessions to the trash, without a question: one click brings them back. */
export async function deleteSessions(app: App, ...args: readonly unknown[]): Promise<void> {
  const nodes = await manySaved(app, args, l10n.t('The sessions to delete'));
  const deleted: Deletion[] = [];
  let failure: HumanError | undefined;
  try {
    for (const { place, entry } of nodes) {
      mustBeWritable(app, place);
      if (app.active.is(place, entry.name)) await app.active.close();
      const outcome = await place.store.delete(entry.name);
      // The others are deleted all the same; one failure is told.
      if (outcome.kind !== 'deleted') failure ??= writeFailureError(entry.name, outcome);
      else deleted.push({ place, id: outcome.id, name: entry.name });
    }
  } finally {
    app.deletions.push(deleted);
    app.catalog.refresh();
    if (deleted.length > 0) offerUndo(app, deleted);
  }
  if (failure) throw failure;
}

function offerUndo(app: App, deleted: readonly Deletion[]): void {
  const undo = l10n.t('Undo');
  const [first] = deleted;
  const text =
    deleted.length === 1
      ? l10n.t('Deleted {0}.', first?.name ?? '')
      : l10n.t('Deleted {0}.', sessionCount(deleted.length));
  const offer = guarded(app.log, 'Undo delete', async () => {
    if ((await showInformation(text, undo)) === undo) await undoDelete(app, deleted);
  });
  void offer();
}
