import { l10n } from 'vscode';
import { newSessionId } from '../../core/index.ts';
import type { App } from '../app.ts';
import { openFailureError, writeFailureError } from '../failureWords.ts';
import { now, random } from '../places.ts';
import { statusMessage } from '../say.ts';
import type { SavedNode } from '../views/nodes.ts';
import { messageCount } from '../words.ts';
import { askName } from './askName.ts';
import { revealSession } from './revealSession.ts';
import { saveLive } from './save.ts';
import { mustBeWritable, oneLive, oneSaved, rowOf } from './targets.ts';

/** Saves a live session under a name of its own, or a saved one a second time; neither replaces anything. */
export async function saveAs(app: App, ...args: readonly unknown[]): Promise<string> {
  const row = rowOf(args);
  const { current } = app.active;
  if (row?.kind === 'saved' || typeof args[0] === 'string')
    return copy(app, await oneSaved(app, args, l10n.t('The session to copy')));
  if (!row && current) return copy(app, await oneSaved(app, [current.name], l10n.t('The session to copy')));
  return saveLive(app, await oneLive(app, args, l10n.t('The live session to save')), true);
}

async function copy(app: App, { place, entry }: SavedNode): Promise<string> {
  mustBeWritable(app, place);
  const value = await place.store.freeName(entry.name);
  const name = await askName(place, { title: l10n.t('Save {0} As', entry.name), value });
  if (app.active.is(place, entry.name)) await app.active.current?.journal.flush();
  const loaded = await place.store.load(entry.name);
  if (loaded.kind !== 'loaded') throw openFailureError(entry.name, loaded);
  const { body, history } = loaded.session;
  const session = { body: { ...body, name, session_id: newSessionId(now, random) }, history };
  const outcome = await place.store.save(name, session, undefined);
  if (outcome.kind !== 'saved') throw writeFailureError(name, outcome);
  app.catalog.refresh();
  statusMessage(l10n.t('Saved {0}: {1}.', name, messageCount(history.length)), 5000);
  await revealSession(app, place, name);
  return name;
}
