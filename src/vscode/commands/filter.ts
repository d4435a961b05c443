import { commands, l10n, ThemeIcon, window } from 'vscode';
import type { App } from '../app.ts';
import { views } from '../ids.ts';
import { SELECTION } from './targets.ts';

/** Narrows the Sessions view as the user types, or at once to a text that a program passes. */
export async function filter({ filter }: App, ...[text]: readonly unknown[]): Promise<void> {
  // Whoever filters wants to see what is left.
  await commands.executeCommand(`${views.sessions}.focus`);
  if (typeof text === 'string' && text !== SELECTION) {
    filter.set(text);
    return;
  }
  const box = window.createInputBox();
  box.title = l10n.t('Filter Sessions');
  box.placeholder = l10n.t('Words, #tag or agent:name');
  box.prompt = l10n.t('Sessions that have all of it in their name, title, agent, model or tags');
  box.value = filter.text;
  const clear = { iconPath: new ThemeIcon('clear-all'), tooltip: l10n.t('Clear Filter') };
  box.buttons = [clear];
  box.onDidChangeValue((value) => filter.set(value));
  box.onDidTriggerButton(() => {
    filter.set('');
    box.hide();
  });
  box.onDidAccept(() => box.hide());
  box.onDidHide(() => box.dispose());
  box.show();
}

export async function clearFilter({ filter }: App): Promise<void> {
  filter.set('');
}
