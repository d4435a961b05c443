import { commands, env, window } from 'vscode';
import type { App } from '../app.ts';
import { fileOf, rowOf, rowsOf } from './targets.ts';

/** Shows a session's file where files are shown: VS Code's explorer for the folder's own, else the system's. */
export async function reveal(_app: App, ...args: readonly unknown[]): Promise<void> {
  const row = rowOf(args);
  const uri = row && fileOf(row);
  if (!row || !uri) return;
  if (row.kind !== 'live') {
    await commands.executeCommand('revealInExplorer', uri);
    return;
  }
  const known = await commands.getCommands();
  // A window in a browser has no system file manager.
  if (known.includes('revealFileInOS')) await commands.executeCommand('revealFileInOS', uri);
  else await window.showTextDocument(uri, { preview: true });
}

export async function copyPath(_app: App, ...args: readonly unknown[]): Promise<void> {
  const paths = rowsOf(args).flatMap((row) => fileOf(row)?.fsPath ?? []);
  if (paths.length > 0) await env.clipboard.writeText(paths.join('\n'));
}
