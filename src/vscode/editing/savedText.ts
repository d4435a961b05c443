import { createHash } from 'node:crypto';
import { type Disposable, type TextDocument, TextDocumentChangeReason, window, workspace } from 'vscode';
import { normaliseText, type ReadCacheEntry, textSha256 } from '../../core/index.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import type { ActiveSessions } from '../session/activeSessions.ts';

/** A save that is on its way, of a file that the session has read. */
interface Save {
  readonly session: ActiveSession;
  readonly key: string;
  readonly entry: ReadCacheEntry;
  /** The text before formatters and the like, and whether it is what the session has seen. */
  readonly text: string;
  readonly isSeen: Promise<boolean>;
  /** Somebody typed while the save was on its way. */
  isTyped: boolean;
}

/**
 * What a save makes of a text that the active session has seen (a formatter, white space, a final line, a BOM, another
 * encoding) is no change that people would call one: the new version is taken for known, though the model has not read
 * it. What a person typed stays a change.
 */
export function followSaves(active: ActiveSessions): Disposable {
  const saves = new Map<TextDocument, Save>();
  const typed = (document: TextDocument): void => {
    const save = saves.get(document);
    if (save) save.isTyped = true;
  };
  const listening = [
    workspace.onWillSaveTextDocument(({ document }) => {
      const session = active.current;
      if (document.uri.scheme !== 'file' || !session?.mayWrite()) return;
      const key = session.cache.key(document.uri.fsPath);
      const entry = key === undefined ? undefined : session.cache.get(key);
      if (key === undefined || !entry) return;
      const text = document.getText();
      const isSeen = hasSeen(entry, text, document.encoding).catch((error: unknown) => {
        session.warn(error);
        return false;
      });
      saves.set(document, { session, key, entry, text, isSeen, isTyped: false });
    }),
    workspace.onDidChangeTextDocument(({ document, reason }) => {
      if (reason === TextDocumentChangeReason.Undo || reason === TextDocumentChangeReason.Redo) typed(document);
    }),
    window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
      if (kind !== undefined) typed(textEditor.document);
    }),
    workspace.onDidSaveTextDocument((document) => {
      const save = saves.get(document);
      saves.delete(document);
      if (save && !save.isTyped && active.current === save.session)
        void takeSaved(save, document, document.getText()).catch(save.session.warn);
    }),
    // A save that failed is over without a word.
    workspace.onDidCloseTextDocument((document) => void saves.delete(document)),
  ];
  return { dispose: () => listening.forEach((one) => void one.dispose()) };
}

async function takeSaved({ session, key, entry, text, isSeen }: Save, document: TextDocument, saved: string) {
  if (!(await isSeen) || document.isDirty || document.getText() !== saved) return;
  // Read or written meanwhile: its stamp is newer than what this save knows.
  if (session.cache.get(key) !== entry) return;
  const path = document.uri.fsPath;
  const wasUnread = entry.model_unread === true;
  const outcome = text === saved ? await session.guard.read(path) : await session.takeForKnown(path);
  if (outcome.kind !== 'read') return;
  const read = outcome.unsaved ? undefined : await workspace.decode(outcome.bytes, { encoding: document.encoding });
  if (read !== undefined && normaliseText(read) === normaliseText(saved)) return;
  // Somebody else was quicker: that is theirs, and the session has not seen it.
  if (!wasUnread) session.modelUnread.delete(key);
  await session.journal.append([{ type: 'read_cache', set: session.modelUnread.mark({ [key]: entry }) }]);
  session.recheckSoon();
}

/** Whether a document's text is the version that the read-cache speaks of, on disk or in an editor. */
async function hasSeen(entry: ReadCacheEntry, text: string, encoding: string): Promise<boolean> {
  if (entry.text_sha256 !== undefined && entry.text_sha256 === (await textSha256(text))) return true;
  if (entry.sha256 === undefined) return false;
  return entry.sha256 === sha256(await workspace.encode(text, { encoding }));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
