import {
  type Disposable,
  Range,
  Selection,
  type TextDocument,
  type TextEditor,
  TextEditorRevealType,
  window,
  workspace,
} from 'vscode';
import { normaliseText } from '../../core/index.ts';
import { placeAfter, type TextChange, textChanges } from './textChanges.ts';

/** How long somebody waits for VS Code to notice; it takes 0.1 to 0.3 s. */
const WAIT_MS = 500;
/** How long cursors are looked after, for a machine that is busy. */
const LISTEN_MS = 5000;

/** `unsaved`: somebody changed the document first. `unknown`: it was not seen to follow in time, or went another way. */
export type Followed = 'followed' | 'unsaved' | 'unknown';

/**
 * Waits until a clean document holds what was just written to its file (`after`), and puts cursors back that VS Code's
 * reload has moved: it replaces all between the first and the last difference at once. A person's own keys and clicks
 * count more.
 */
export function keepPlaces(document: TextDocument, after: Uint8Array): Promise<Followed> {
  const wanted = normaliseText(after);
  const before = document.getText();
  if (normaliseText(before) === wanted) return Promise.resolve('followed');
  const places = new Map<TextEditor, Place>();
  for (const editor of window.visibleTextEditors) {
    if (editor.document === document) places.set(editor, placeOf(editor, document));
  }
  return new Promise((resolve) => {
    const listening: Disposable[] = [];
    const end = (how: Followed): void => {
      clearTimeout(giveUp);
      for (const one of listening) one.dispose();
      resolve(how);
    };
    const giveUp = setTimeout(end, LISTEN_MS, 'unknown');
    setTimeout(resolve, WAIT_MS, 'unknown');
    listening.push(
      window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
        if (kind !== undefined && places.has(textEditor)) places.set(textEditor, placeOf(textEditor, document));
      }),
      workspace.onDidChangeTextDocument((event) => {
        if (event.document !== document) return;
        if (normaliseText(document.getText()) === wanted) {
          restore(document, before, places);
          end('followed');
        } else if (document.isDirty) end('unsaved');
      }),
      workspace.onDidCloseTextDocument((closed) => {
        if (closed === document) end('unknown');
      }),
    );
  });
}

/** Offsets, since the document is another when they are looked up. */
interface Place {
  readonly selections: readonly { readonly anchor: number; readonly active: number }[];
  /** The first line that is seen. */
  readonly top: number | undefined;
}

function placeOf(editor: TextEditor, document: TextDocument): Place {
  const [seen] = editor.visibleRanges;
  return {
    selections: editor.selections.map(({ anchor, active }) => ({
      anchor: document.offsetAt(anchor),
      active: document.offsetAt(active),
    })),
    top: seen && document.offsetAt(seen.start),
  };
}

function restore(document: TextDocument, before: string, places: ReadonlyMap<TextEditor, Place>): void {
  const changes = textChanges(before, document.getText());
  const moved = rangeOfLines(before, changes);
  const isMoved = (offset: number): boolean => offset >= moved.start && offset <= moved.end;
  const positionAfter = (offset: number) => document.positionAt(placeAfter(changes, offset));
  for (const [editor, { selections, top }] of places) {
    if (!window.visibleTextEditors.includes(editor)) continue;
    if (selections.some(({ anchor, active }) => isMoved(anchor) || isMoved(active))) {
      editor.selections = selections.map(
        ({ anchor, active }) => new Selection(positionAfter(anchor), positionAfter(active)),
      );
    }
    if (top !== undefined && isMoved(top)) {
      const line = positionAfter(top);
      editor.revealRange(new Range(line, line), TextEditorRevealType.AtTop);
    }
  }
}

/** The whole lines from the first change to the last, and the start of the next line. */
function rangeOfLines(text: string, changes: readonly TextChange[]): { readonly start: number; readonly end: number } {
  const first = changes[0]?.start ?? 0;
  const last = changes.at(-1)?.end ?? 0;
  const lineEnd = text.indexOf('\n', last);
  return { start: text.lastIndexOf('\n', first - 1) + 1, end: lineEnd === -1 ? text.length : lineEnd + 1 };
}
