import { commands, type InputBox, l10n, ThemeIcon, window } from 'vscode';
import type { App } from '../app.ts';
import { views } from '../ids.ts';
import { SELECTION } from './targets.ts';

/** A box that is open: asked for again, it is this one. */
let open: InputBox | undefined;

/** Narrows the Sessions view as the user types, or at once to a text that a program passes. */
export async function filter({ filter }: App, ...[text]: readonly unknown[]): Promise<void> {
  // Whoever filters wants to see what is left.
  await commands.executeCommand(`${views.sessions}.focus`);
  if (typeof text === 'string' && text !== SELECTION) {
    filter.set(text);
    return;
  }
  if (open) {
    open.show();
    return;
  }
  const box = window.createInputBox();
  open = box;
  box.title = l10n.t('Filter Sessions');
  box.placeholder = l10n.t('Words, #tag or agent:name');
  box.prompt = l10n.t('Sessions that have all of it in their name, title, agent, model or tags');
  const before = filter.text;
  box.value = before;
  // To look at what is left is no end of typing. Enter keeps the filter, Escape gives back the one before.
  box.ignoreFocusOut = true;
  let kept = false;
  const clear = { iconPath: new ThemeIcon('clear-all'), tooltip: l10n.t('Clear Filter') };
  box.buttons = [clear];
  box.onDidChangeValue((value) => filter.set(value));
  box.onDidTriggerButton(() => {
    kept = true;
    filter.set('');
    box.hide();
  });
  box.onDidAccept(() => {
    kept = true;
    box.hide();
  });
  box.onDidHide(() => {
    open = undefined;
    if (!kept) filter.set(before);
    box.dispose();
  });
  box.show();
}

export async function clearFilter({ filter }: App): Promise<void> {
  filter.set('');
}
