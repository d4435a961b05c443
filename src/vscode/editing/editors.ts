import { EndOfLine, FileType, Range, type TextDocument, Uri, WorkspaceEdit, workspace } from 'vscode';
import { mergeVersions, normaliseText, type OpenEditors } from '../../core/index.ts';
import { keepPlaces } from './keepPlaces.ts';
import { textChanges } from './textChanges.ts';

/** The document of a file that is open; undefined where none is. */
export function openDocument(path: string): TextDocument | undefined {
  const uri = Uri.file(path).toString();
  return workspace.textDocuments.find((document) => document.uri.toString() === uri);
}

/** To compare a bigger text would hold up everything else. */
const MAX_BYTES = 4 * 1024 * 1024;

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
  async afterWrite(path, before, after) {
    const document = openDocument(path);
    if (!document || document.isDirty || Math.max(before.length, after.length) > MAX_BYTES) return;
    const isBase = normaliseText(document.getText()) === normaliseText(before);
    const how = await keepPlaces(document, after);
    if (how === 'unsaved' && isBase) await mergeInto(document, before, after);
  },
};

/**
 * Somebody typed before VS Code had read the file again, which it then does not do: what was written comes into the
 * editor beside what was typed, where both fit. VS Code compares with the disk when the user saves.
 */
async function mergeInto(document: TextDocument, base: Uint8Array, ours: Uint8Array): Promise<void> {
  const theirs = document.getText();
  const merged = await mergeVersions({ base, ours, theirs: Buffer.from(theirs) });
  if (merged.kind !== 'merged' || document.isClosed || document.getText() !== theirs) return;
  await replaceText(document, normaliseText(merged.bytes));
}

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
