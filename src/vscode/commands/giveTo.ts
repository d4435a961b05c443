import { commands, env, l10n, Uri } from 'vscode';
import { type Agent, type Given, type GiveOptions, giveSession } from '../../agents/index.ts';
import type { App } from '../app.ts';
import { notGivenText } from '../giving/giftWords.ts';
import { HumanError } from '../humanError.ts';
import { longWork } from '../longWork.ts';
import { startInTerminal } from '../resuming/startInTerminal.ts';
import { showInformation, statusMessage } from '../say.ts';
import type { SavedNode } from '../views/nodes.ts';
import { mustBeWritable } from './targets.ts';

/** Writes a session for an agent and starts it there; where only a person can, says how. */
export async function giveTo(app: App, { place, entry }: SavedNode, options: GiveOptions): Promise<void> {
  mustBeWritable(app, place);
  const { name } = entry;
  const { to } = options;
  const given = await longWork(l10n.t('Giving {0} to {1}', name, to.label), () => giveSession(options), {
    cancellable: false,
  });
  if (given.kind !== 'given') throw new HumanError(notGivenText(name, to, given));
  app.catalog.refresh();
  if (!to.native?.resumeCommand) return tellByHand(name, to, given);
  await startInTerminal(place, name, to, given.nativeId, { before: given.before, ...given.resumeWith });
  statusMessage(l10n.t('{0} was given to {1}, which is started in the terminal.', name, to.label), 5000);
}

/** What only a person can do, and what they need for it. */
async function tellByHand(name: string, to: Agent, { transcript }: Extract<Given, { kind: 'given' }>): Promise<void> {
  const copy = l10n.t('Copy Path');
  const importChat = l10n.t('Import Chat');
  const isChat = to.id === 'copilot-chat';
  const choice = await showInformation(
    isChat
      ? l10n.t('{0} was written for the Chat view: {1}. Import Chat opens it there.', name, transcript)
      : l10n.t('{0} was written for {1}: {2}. Open it there.', name, to.label, transcript),
    ...(isChat ? [importChat] : []),
    copy,
  );
  if (choice === copy || choice === importChat) await env.clipboard.writeText(transcript);
  // VS Code's own command opens this very file, without asking for one.
  if (choice === importChat)
    await commands.executeCommand('workbench.action.chat.import', {
      inputPath: Uri.file(transcript),
      target: 'chatViewPane',
    });
}
