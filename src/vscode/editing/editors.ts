import { EndOfLine, FileType, Range, type TextDocument, Uri, WorkspaceEdit, workspace } from 'vscode';
import type { OpenEditors } from '../../core/index.ts';
import { keepPlaces } from './keepPlaces.ts';
import { textChanges } from './textChanges.ts';

/** The document of a file that is open; undefined where none is. */
export function openDocument(path: string): TextDocument | undefined {
  const uri = Uri.file(path).toString();
  return workspace.textDocuments.find((document) => document.uri.toString() === uri);
}

function dirtyDocument(path: string): TextDocument | undefined {
  const document = openDocument(path);
  return document?.isDirty ? document : undefined;
}

/** The editors of this window: their unsaved text is the current version of a file. */
export const openEditors: OpenEditors = {
  unsavedText: (path) => dirtyDocument(path)?.getText(),
  async replaceUnsaved(path, expected, text) {
    const document = dirtyDocument(path);
    return document?.getText() === expected && replaceText(document, text);
  },
  /**
   * VS Code itself reads a clean document again when its file changes: undoably, and whatever encoding, size or
   * formatter it has. To edit it here and save it would write the file a second time, in place, and fail where a save
   * changes the text. What VS Code loses by that is the place of cursors between two changes: it is kept here.
   */
  async afterWrite(path, _before, after) {
    const document = openDocument(path);
    if (document && !document.isDirty) await keepPlaces(document, after);
  },
};

/** Makes a document hold `text`, undoably and by the least edits, so that cursors stay. False where it changed meanwhile. */
export async function replaceText(document: TextDocument, text: string): Promise<boolean> {
  const { version } = document;
  const before = document.getText();
  const wanted = text.replaceAll(/\r\n|\r|\n/g, document.eol === EndOfLine.CRLF ? '\r\n' : '\n');
  const edit = new WorkspaceEdit();
  for (const change of textChanges(before, wanted)) {
    const range = new Range(document.positionAt(change.start), document.positionAt(change.end));
    edit.replace(document.uri, range, change.text);
  }
  if (edit.size === 0) return true;
  // VS Code refuses an edit that was made for another version; this is asked again in case that changes.
  return document.version === version && workspace.applyEdit(edit);
}

export async function isFile(uri: Uri): Promise<boolean> {
  try {
    return ((await workspace.fs.stat(uri)).type & FileType.File) !== 0;
  } catch {
    return false;
  }
}
