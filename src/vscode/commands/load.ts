import { commands, l10n } from 'vscode';
import type { App } from '../app.ts';
import { guarded } from '../guarded.ts';
import { statusMessage } from '../say.ts';
import { loadSession } from '../session/loadSession.ts';
import type { SavedNode } from '../views/nodes.ts';
import { announce } from './announce.ts';
import { askDriver } from './askDriver.ts';
import { forkNode } from './fork.ts';
import { mayWriteFor, mustBeWritable, oneSaved, rowOf, SELECTION } from './targets.ts';

/** Makes a saved session the window's active one, and says what changed since it was saved before anything else. */
export async function load(app: App, ...args: readonly unknown[]): Promise<void> {
  // Enter on a row that is no session does what Enter does in any tree.
  const row = args[0] === SELECTION ? rowOf(args) : undefined;
  if (args[0] === SELECTION && row?.kind !== 'saved') return void (await commands.executeCommand('list.select'));
  await loadNode(app, await oneSaved(app, args, l10n.t('The session to load')));
}

/** Where another one drives the session, a person decides first; without an answer everything stays as it is. */
export async function loadNode(app: App, node: Pick<SavedNode, 'place' | 'entry'>): Promise<void> {
  const { place, entry } = node;
  mustBeWritable(app, place);
  // Loaded anew: what waits is saved first, and the lease is taken again.
  if (app.active.is(place, entry.name) && !app.active.current?.follows) await app.active.close();
  const driver = await askDriver(app, node);
  if (driver === undefined) return;
  if (driver === 'fork') return loadFork(app, node);
  const session = await loadSession(place, entry.name, {
    settings: app.settings,
    log: app.log,
    mayWrite: mayWriteFor(app, place),
    driver,
  });
  await app.active.activate(session);
  if (session.follows) {
    statusMessage(l10n.t('This window follows {0}.', entry.name), 5000);
    return;
  }
  void guarded(app.log, `Report on ${entry.name}`, () => announce(app, session))();
}

async function loadFork(app: App, { place, entry }: Pick<SavedNode, 'place' | 'entry'>): Promise<void> {
  const fork = await forkNode(app, { kind: 'saved', place, entry, forks: 0 });
  const forked = (await place.store.list()).find((one) => one.name === fork);
  if (forked) await loadNode(app, { place, entry: forked });
}
