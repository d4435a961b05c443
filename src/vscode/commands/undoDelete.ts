import { l10n } from 'vscode';
import type { App } from '../app.ts';
import type { Deletion } from '../deletions.ts';
import { writeFailureError } from '../failureWords.ts';
import { HumanError } from '../humanError.ts';
import { statusMessage } from '../say.ts';
import { sessionCount } from '../words.ts';
import { revealSession } from './revealSession.ts';
import { mustBeWritable, rowsOf } from './targets.ts';

/** Brings back rows of the trash, or what the last delete of this window took. */
export async function undoDelete(app: App, ...args: readonly unknown[]): Promise<void> {
  const deleted = whatToRestore(app, args);
  const restored: { readonly name: string; readonly was: string }[] = [];
  try {
    for (const { place, id, name: was } of deleted) {
      mustBeWritable(app, place);
      const outcome = await place.store.restore(id);
      if (outcome.kind !== 'done') throw writeFailureError(was, outcome);
      app.deletions.remove(id);
      restored.push({ name: outcome.name, was });
    }
  } finally {
    app.catalog.refresh();
  }
  const [only] = restored;
  if (!only) return;
  const text =
    restored.length > 1
      ? l10n.t('Restored {0}.', sessionCount(restored.length))
      : only.name === only.was
        ? l10n.t('Restored {0}.', only.name)
        : l10n.t('Restored {0} as {1}, since another session has its name.', only.was, only.name);
  statusMessage(text, 5000);
  const [first] = deleted;
  if (first) await revealSession(app, first.place, only.name);
}

function whatToRestore(app: App, args: readonly unknown[]): readonly Deletion[] {
  if (isDeletions(args[0])) return args[0];
  const rows = rowsOf(args).filter((row) => row.kind === 'trash');
  if (rows.length > 0) return rows.map(({ place, entry }) => ({ place, id: entry.id, name: entry.name }));
  const last = app.deletions.pop();
  if (!last)
    throw new HumanError(
      l10n.t('Nothing was deleted in this window. Older deletions are in the Trash of the Sessions view.'),
    );
  return last;
}

/** The act that the notification of `delete` belongs to. */
function isDeletions(value: unknown): value is readonly Deletion[] {
  return (
    Array.isArray(value) &&
    value.every((one) => typeof one === 'object' && one !== null && 'id' in one && 'place' in one)
  );
}
