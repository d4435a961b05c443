import { l10n } from 'vscode';
import type { App } from '../app.ts';
import { openFailureError, writeFailureError } from '../failureWords.ts';
import { guarded } from '../guarded.ts';
import { HumanError } from '../humanError.ts';
import { statusMessage } from '../say.ts';
import type { SavedNode } from '../views/nodes.ts';
import { messageCount } from '../words.ts';
import { askName } from './askName.ts';
import { revealSession } from './revealSession.ts';
import { mustBeChangeable, mustBeWritable, oneSaved } from './targets.ts';

export async function fork(app: App, ...args: readonly unknown[]): Promise<string> {
  return forkNode(app, await oneSaved(app, args, l10n.t('The session to fork')));
}

/** Makes a fork that shares the first `messages` of its parent's (default: all); returns its name. */
export async function forkNode(app: App, { place, entry }: SavedNode, messages?: number): Promise<string> {
  mustBeWritable(app, place);
  mustBeChangeable(entry);
  const title =
    messages === undefined ? l10n.t('Fork {0}', entry.name) : l10n.t('Fork {0} at message {1}', entry.name, messages);
  const value = await place.store.freeName(l10n.t('{0} fork', entry.name));
  const name = await askName(place, { title, value });
  // What auto-save still holds belongs to the parent's history.
  if (app.active.is(place, entry.name)) await app.active.current?.journal.flush();
  const outcome = await place.store.fork(entry.name, { name, ...(messages !== undefined && { messages }) });
  switch (outcome.kind) {
    case 'forked':
      break;
    case 'no-such-message':
      throw new HumanError(l10n.t('{0} has only {1}; nothing was forked.', entry.name, messageCount(outcome.messages)));
    case 'unreadable':
      throw openFailureError(entry.name, outcome);
    case 'missing':
    case 'invalid-name':
    case 'conflict':
    case 'read-only':
    case 'io':
      throw writeFailureError(entry.name, outcome);
    case 'exists':
      throw writeFailureError(name, outcome);
  }
  void guarded(app.log, `Fork ${name}`, () => outcome.settled)();
  app.catalog.refresh();
  statusMessage(l10n.t('Forked {0} with {1}.', outcome.name, messageCount(outcome.messages)), 5000);
  await revealSession(app, place, outcome.name);
  return outcome.name;
}
