import { l10n, type QuickPickItem, window } from 'vscode';
import type { App } from '../app.ts';
import { type Driver, driverAfter, holderName, holderText, takeSession } from '../driving/driver.ts';
import type { SavedNode } from '../views/nodes.ts';
import { capital } from '../words.ts';

interface Choice extends QuickPickItem {
  readonly answer: 'follow' | 'take-over' | 'fork';
}

/**
 * Who is to drive a session that is about to be loaded: this window where nobody does; else a person decides. Undefined
 * where the person wants none of it.
 */
export async function askDriver(
  app: App,
  { place, entry }: Pick<SavedNode, 'place' | 'entry'>,
): Promise<Driver | 'fork' | undefined> {
  const sessionId = entry.head?.session_id;
  // A newer schema is never written.
  if (sessionId === undefined || entry.readOnly) return { kind: 'me', held: undefined };
  const outcome = await takeSession(place, sessionId);
  if (outcome.kind !== 'held') return driverAfter(outcome, app.log);
  const { holder } = outcome;
  const choices: Choice[] = [
    {
      label: l10n.t('Follow Read-Only'),
      detail: l10n.t('See live what is saved there. This window writes nothing of it.'),
      answer: 'follow',
    },
    {
      label: l10n.t('Take Over'),
      detail: l10n.t('Go on here. The other one saves what it has, stops writing, and follows.'),
      answer: 'take-over',
    },
    {
      label: l10n.t('Fork'),
      detail: l10n.t('Go on here in a session of its own, with the same history.'),
      answer: 'fork',
    },
  ];
  const picked = await window.showQuickPick(choices, {
    title: l10n.t('{0} is open in {1}', entry.name, holderName(holder)),
    placeHolder: l10n.t('{0}. What should this window do?', capital(holderText(holder))),
    // To look at the other window is a good reason to leave this one for a moment.
    ignoreFocusOut: true,
  });
  switch (picked?.answer) {
    case 'follow':
      return { kind: 'other', holder };
    case 'take-over':
      return driverAfter(await takeSession(place, sessionId, true), app.log);
    case 'fork':
      return 'fork';
    case undefined:
      return undefined;
  }
}
