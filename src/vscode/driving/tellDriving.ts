import { commands, l10n } from 'vscode';
import type { LeaseHolder, TrashEntry } from '../../core/index.ts';
import { commandId } from '../ids.ts';
import { showWarning } from '../say.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { holderName, holderText } from './driver.ts';

/** Says, once, that this window has stopped writing a session, with the ways back. */
export async function tellTakenOver(session: ActiveSession, by: LeaseHolder): Promise<void> {
  const back = l10n.t('Take Back');
  const fork = l10n.t('Fork');
  const choice = await showWarning(
    l10n.t(
      '{0} was taken over by {1} ({2}). This window follows it now; nothing of it is lost.',
      session.name,
      holderName(by),
      holderText(by),
    ),
    back,
    fork,
  );
  if (choice === back) await commands.executeCommand(commandId('takeOver'), session.name);
  else if (choice === fork) await commands.executeCommand(commandId('fork'), session.name);
}

/** Says that the active session was deleted elsewhere: this window writes nothing of it back. */
export async function tellGone(session: ActiveSession, trash: TrashEntry | undefined): Promise<void> {
  const { name, place } = session;
  if (!trash) {
    await showWarning(l10n.t('{0} was removed from the disk by another program. It is not active any more.', name));
    return;
  }
  const undo = l10n.t('Undo');
  const choice = await showWarning(
    l10n.t('{0} was deleted by another window or program. It is not active any more.', name),
    undo,
  );
  if (choice === undo) await commands.executeCommand(commandId('undoDelete'), [{ place, id: trash.id, name }]);
}
