import { commands, l10n } from 'vscode';
import type { App } from '../app.ts';
import { guarded } from '../guarded.ts';
import { loadSession } from '../session/loadSession.ts';
import type { SavedNode } from '../views/nodes.ts';
import { announce } from './announce.ts';
import { mayWriteFor, mustBeWritable, oneSaved, rowsOf, SELECTION } from './targets.ts';

/** Makes a saved session the window's active one, and says what changed since it was saved before anything else. */
export async function load(app: App, ...args: readonly unknown[]): Promise<void> {
  // Enter on a row that is no session does what Enter does in any tree.
  const [row] = args[0] === SELECTION ? rowsOf(app, args) : [];
  if (args[0] === SELECTION && row?.kind !== 'saved') return void (await commands.executeCommand('list.select'));
  await loadNode(app, await oneSaved(app, args, l10n.t('The session to load')));
}

export async function loadNode(app: App, { place, entry }: Pick<SavedNode, 'place' | 'entry'>): Promise<void> {
  mustBeWritable(app, place);
  const session = await loadSession(place, entry.name, {
    settings: app.settings,
    log: app.log,
    mayWrite: mayWriteFor(app, place),
  });
  await app.active.activate(session);
  void guarded(app.log, `Report on ${entry.name}`, () => announce(app, session))();
}
