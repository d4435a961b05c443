import { l10n } from 'vscode';
import type { App } from '../app.ts';
import { writeFailureError } from '../failureWords.ts';
import { askName } from './askName.ts';
import { mustBeWritable, oneSaved } from './targets.ts';

export async function rename(app: App, ...args: readonly unknown[]): Promise<void> {
  const { place, entry } = await oneSaved(app, args, l10n.t('The session to rename'));
  mustBeWritable(app, place);
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
