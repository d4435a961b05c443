import { FileType, Range, type TextDocument, Uri, WorkspaceEdit, workspace } from 'vscode';
import type { OpenEditors } from '../../core/index.ts';

function dirtyDocument(path: string): TextDocument | undefined {
  const uri = Uri.file(path).toString();
  return workspace.textDocuments.find((document) => document.isDirty && document.uri.toString() === uri);
}

/** The editors of this window: their unsaved text is the current version of a file. */
export const openEditors: OpenEditors = {
  unsavedText: (path) => dirtyDocument(path)?.getText(),
  async replaceUnsaved(path, expected, text) {
    const document = dirtyDocument(path);
    if (document?.getText() !== expected) return false;
    const { version } = document;
    const edit = new WorkspaceEdit();
    edit.replace(document.uri, new Range(document.positionAt(0), document.positionAt(expected.length)), text);
    // VS Code refuses an edit that was made for another version; this is asked again in case that changes.
    if (document.version !== version) return false;
    return workspace.applyEdit(edit);
  },
};

export async function isFile(uri: Uri): Promise<boolean> {
  try {
    return ((await workspace.fs.stat(uri)).type & FileType.File) !== 0;
  } catch {
    return false;
  }
}
