import { type TextDocument, workspace } from 'vscode';

/** How long a page that is open already may take to show another part, ms. */
const SHOWN_MS = 5000;

/** The first line that begins with `text`, once the document shows it. */
export function untilLine(document: TextDocument, text: string): Promise<number | undefined> {
  const find = (): number | undefined => {
    const found = document
      .getText()
      .split('\n')
      .findIndex((line) => line.startsWith(text));
    return found < 0 ? undefined : found;
  };
  const there = find();
  if (there !== undefined) return Promise.resolve(there);
  return new Promise((resolve) => {
    const end = (line: number | undefined): void => {
      clearTimeout(timer);
      listening.dispose();
      resolve(line);
    };
    const timer = setTimeout(() => end(undefined), SHOWN_MS);
    const listening = workspace.onDidChangeTextDocument((event) => {
      const line = event.document === document ? find() : undefined;
      if (line !== undefined) end(line);
    });
  });
}
