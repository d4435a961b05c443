import { commands, l10n } from 'vscode';
import { commandId } from '../ids.ts';
import { showError } from '../say.ts';

/** Says that a session is not being saved, and why, with the ways out. */
export async function tellNotSaved(name: string, reason: string): Promise<void> {
  const retry = l10n.t('Retry');
  const elsewhere = l10n.t('Save Elsewhere…');
  const showLog = l10n.t('Show Log');
  const text = l10n.t(
    '{0} is not being saved: {1}. What is on disk is unchanged, and the agent’s own transcript is not touched.',
    name,
    reason,
  );
  const choice = await showError(text, retry, elsewhere, showLog);
  if (choice === retry) await commands.executeCommand(commandId('retry'));
  else if (choice === elsewhere) await commands.executeCommand(commandId('export'), name);
  else if (choice === showLog) await commands.executeCommand(commandId('showLog'));
}
