import { commands, l10n } from 'vscode';
import type { App } from '../app.ts';
import { views } from '../ids.ts';
import { loadNode } from './load.ts';
import { oneSaved, rowOf } from './targets.ts';

/** Compares again and shows the report; a session that is not active is loaded first. */
export async function showDrift(app: App, ...args: readonly unknown[]): Promise<void> {
  const { current } = app.active;
  const row = rowOf(args);
  if (row === undefined && current && typeof args[0] !== 'string') {
    await current.recheck();
  } else {
    const node = await oneSaved(app, args, l10n.t('The session to compare with now'));
    if (current && app.active.is(node.place, node.entry.name)) await current.recheck();
    else await loadNode(app, node);
  }
  await commands.executeCommand(`${views.changes}.focus`);
}
