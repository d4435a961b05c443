import * as fs from 'node:fs/promises';
import { l10n, Uri, WorkspaceEdit, window, workspace } from 'vscode';
import { HumanError } from '../humanError.ts';
import { statusMessage } from '../say.ts';
import type { SeenDocuments } from '../views/seenDocuments.ts';
import { isFile, replaceText } from './editors.ts';
import { showDiff } from './showDiff.ts';

/** A version of a file that was displaced and kept. Paths are absolute. */
export interface Kept {
  readonly key: string;
  readonly kept: string;
  /** Of the file that it was a version of. */
  readonly path: string;
}

export async function showKept({ key, kept, path }: Kept, documents: SeenDocuments): Promise<void> {
  const text = await readText(kept);
  const current = Uri.file(path);
  const right = (await isFile(current)) ? current : documents.add(key, '');
  await showDiff(documents.add(key, text), right, l10n.t('{0}: kept ↔ now', key));
}

/** Puts a kept version into the file's editor, undoably, and leaves it to the user to save it. */
export async function restoreKept({ key, kept, path }: Kept): Promise<void> {
  const text = await readText(kept);
  const uri = Uri.file(path);
  if (!(await isFile(uri))) {
    const create = new WorkspaceEdit();
    create.createFile(uri, { ignoreIfExists: true });
    await workspace.applyEdit(create);
  }
  const document = await workspace.openTextDocument(uri);
  await window.showTextDocument(document, { preview: false });
  if (!(await replaceText(document, text)))
    throw new HumanError(l10n.t('{0} changed at this moment, so it was left alone. Try again.', key));
  statusMessage(l10n.t('{0} holds the kept version. Undo takes it back.', key), 8000);
}

async function readText(path: string): Promise<string> {
  const bytes = await fs.readFile(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new HumanError(l10n.t('{0} is not text, so it cannot be shown here.', path));
  }
}
