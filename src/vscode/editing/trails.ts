import {
  type Disposable,
  type TextDocument,
  TextDocumentChangeReason,
  TextEditorSelectionChangeKind,
  window,
  workspace,
} from 'vscode';
import type { ReadCacheEntry } from '../../core/index.ts';
import { now } from '../places.ts';

/** When a document changed, ms since the epoch. */
interface Trail {
  /** Since it was saved last. */
  changes: number[];
  dirtySince: number | undefined;
  /** When a person's keys, or undo, were at work in it last. */
  typedAt: number;
}

/** So many changes in the time of a save are a person's, or a program's at work: the older ones do not matter. */
const MOST_CHANGES = 200;

/** Remembers when the open documents changed, and whether a person's keys did it; knows no text. */
export class Trails implements Disposable {
  readonly #trails = new WeakMap<TextDocument, Trail>();
  readonly #since = now();
  readonly #listening = [
    workspace.onDidChangeTextDocument(({ document, contentChanges, reason }) => {
      if (document.uri.scheme !== 'file') return;
      const trail = this.#of(document);
      const at = now();
      if (contentChanges.length > 0) {
        trail.changes.push(at);
        if (trail.changes.length > MOST_CHANGES) trail.changes.shift();
      }
      if (document.isDirty) trail.dirtySince ??= at;
      // Saved, or undone. (A first change is told of while the document still counts as clean, as a reload is.)
      else if (contentChanges.length === 0) trail.dirtySince = undefined;
      if (reason === TextDocumentChangeReason.Undo || reason === TextDocumentChangeReason.Redo) trail.typedAt = at;
    }),
    window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
      // What a formatter does to a cursor is of another kind.
      if (kind === TextEditorSelectionChangeKind.Keyboard) this.#of(textEditor.document).typedAt = now();
    }),
    workspace.onDidSaveTextDocument((document) => {
      this.#of(document).changes = [];
    }),
  ];

  isTypedSince(document: TextDocument, at: number): boolean {
    return this.#of(document).typedAt >= at;
  }

  /** True when the document changed since the session saw it, all of that began after `from`, and no person did it. */
  isBurst(document: TextDocument, entry: ReadCacheEntry, from: number): boolean {
    const { changes, dirtySince, typedAt } = this.#of(document);
    const seenAt = Date.parse(entry.seen_at ?? '');
    // A version that an editor held is known by when it was seen; an older one was seen before anybody looked.
    if (entry.unsaved === true && !(seenAt >= this.#since)) return false;
    const began = entry.unsaved === true ? changes.find((at) => at > seenAt) : dirtySince;
    return began !== undefined && began >= from && typedAt < began;
  }

  dispose(): void {
    for (const one of this.#listening) one.dispose();
  }

  #of(document: TextDocument): Trail {
    let trail = this.#trails.get(document);
    if (!trail) {
      trail = { changes: [], dirtySince: undefined, typedAt: 0 };
      this.#trails.set(document, trail);
    }
    return trail;
  }
}
