import { l10n } from 'vscode';
import type { App } from '../app.ts';
import { writeFailureError } from '../failureWords.ts';
import type { SavedNode } from '../views/nodes.ts';
import { askName } from './askName.ts';
import { isOf, saveLive } from './save.ts';
import { mustBeChangeable, mustBeWritable, oneSaved, rowOf } from './targets.ts';

/** Gives a session a name. A live one, which has none of its own, is saved under it, unless it has been saved before. */
export async function rename(app: App, ...args: readonly unknown[]): Promise<void> {
  const row = rowOf(args);
  if (row?.kind !== 'live') return renameSaved(app, await oneSaved(app, args, l10n.t('The session to rename')));
  const { place, live } = row;
  const entry = (await place.store.list()).find((one) => isOf(one, live));
  if (entry) await renameSaved(app, { kind: 'saved', place, entry, forks: 0 });
  else await saveLive(app, row);
}

async function renameSaved(app: App, { place, entry }: SavedNode): Promise<void> {
  mustBeWritable(app, place);
  mustBeChangeable(entry);
  const title = l10n.t('Rename {0}', entry.name);
  const name = await askName(place, { title, value: entry.name, own: entry.name });
  if (name === entry.name) return;
  const active = app.active.is(place, entry.name) ? app.active.current : undefined;
  await active?.journal.flush();
  const outcome = await place.store.rename(entry.name, name);
  if (outcome.kind !== 'done') throw writeFailureError(entry.name, outcome);
  active?.rename(outcome.name);
  app.catalog.refresh();
}
