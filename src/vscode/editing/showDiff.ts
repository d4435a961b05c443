import { commands, type Uri } from 'vscode';

export async function showDiff(left: Uri, right: Uri, title: string, preserveFocus = false): Promise<void> {
  await commands.executeCommand('vscode.diff', left, right, title, { preview: true, preserveFocus });
}
