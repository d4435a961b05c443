import { type Disposable, window } from 'vscode';

/**
 * What the window says, in VS Code's own places. Texts hold names of files, sessions and tools, which came from outside:
 * VS Code would draw `$(icon)` in a name as an icon, and make a link of `[text](command:…)`, which runs the command.
 */

/** For places that draw icons: status bar, quick picks. A space before the bracket makes a name plain. */
export function withoutIcons(text: string): string {
  return text.replaceAll('$(', '$ (');
}

/** For notifications, which know links and nothing else of Markdown. */
export function withoutLinks(text: string): string {
  return text.replaceAll('](', '] (');
}

/** A word in the status bar, for `ms`. */
export function statusMessage(text: string, ms: number): Disposable {
  return window.setStatusBarMessage(withoutIcons(text), ms);
}

/** A notification; resolves with the button that was pressed, undefined where it was closed. */
export async function showInformation(text: string, ...buttons: readonly string[]): Promise<string | undefined> {
  return window.showInformationMessage(withoutLinks(text), ...buttons);
}

/** As `showInformation`. */
export async function showWarning(text: string, ...buttons: readonly string[]): Promise<string | undefined> {
  return window.showWarningMessage(withoutLinks(text), ...buttons);
}

/** As `showInformation`. */
export async function showError(text: string, ...buttons: readonly string[]): Promise<string | undefined> {
  return window.showErrorMessage(withoutLinks(text), ...buttons);
}
