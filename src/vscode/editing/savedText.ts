import { readFile } from 'node:fs/promises';
import { type Disposable, type TextDocument, TextDocumentSaveReason, workspace } from 'vscode';
import { seenVersions } from '../../agents/index.ts';
import {
  createBases,
  normaliseText,
  type ReadCacheEntry,
  sha256,
  stampFile,
  textSha256,
  toEntry,
} from '../../core/index.ts';
import { now } from '../places.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import type { ActiveSessions } from '../session/activeSessions.ts';
import { Trails } from './trails.ts';

/** A save that is on its way, of a file that the session has read. */
interface Save {
  readonly session: ActiveSession;
  readonly key: string;
  readonly entry: ReadCacheEntry;
  readonly text: string;
  /** What of it the session has seen: this text, the text before what the save has changed already, or neither. */
  readonly seen: Promise<'text' | 'before' | undefined>;
  readonly at: number;
}

/** How long before the news of a save its formatters may have begun, ms; an auto-save has no slow ones. */
const BURST_MS = { [TextDocumentSaveReason.AfterDelay]: 100, otherwise: 1000 };

/**
 * What a save makes of a text that the active session has seen (a formatter, white space, a final line, a BOM, another
 * encoding) is no change that people would call one: the new version is taken for known, though the model has not read
 * it. What a person changed stays a change. VS Code tells of a save before or after its own formatters, as it starts.
 */
export function followSaves(active: ActiveSessions): Disposable {
  const saves = new Map<TextDocument, Save>();
  const trails = new Trails();
  const listening = [
    trails,
    workspace.onWillSaveTextDocument(({ document, reason }) => {
      const session = active.current;
      if (document.uri.scheme !== 'file' || !session?.mayWrite()) return;
      const key = session.cache.key(document.uri.fsPath);
      const entry = key === undefined ? undefined : session.cache.get(key);
      if (key === undefined || !entry) return;
      const at = now();
      const text = document.getText();
      const burst = reason === TextDocumentSaveReason.AfterDelay ? BURST_MS[reason] : BURST_MS.otherwise;
      const isBurst = trails.isBurst(document, entry, at - burst);
      const seen = whatIsSeen({ session, document, key, entry, text, isBurst }).catch((error: unknown) => {
        session.warn(error);
        return undefined;
      });
      saves.set(document, { session, key, entry, text, seen, at });
    }),
    workspace.onDidSaveTextDocument((document) => {
      const save = saves.get(document);
      saves.delete(document);
      if (!save || active.current !== save.session || trails.isTypedSince(document, save.at)) return;
      void takeSaved(save, document, document.getText()).catch(save.session.warn);
    }),
    // A save that failed is over without a word.
    workspace.onDidCloseTextDocument((document) => void saves.delete(document)),
  ];
  return { dispose: () => listening.forEach((one) => void one.dispose()) };
}

async function takeSaved({ session, key, entry, text, seen }: Save, document: TextDocument, saved: string) {
  const what = await seen;
  const path = session.cache.absolute(key);
  if (what === undefined || path === undefined) return;
  // Not by the guard's read: exactly the bytes that hold this text are known, whatever comes upon them meanwhile.
  const bytes = await readFile(path);
  if (normaliseText(await workspace.decode(bytes, { encoding: document.encoding })) !== normaliseText(saved)) return;
  const stamped = await stampFile(path);
  if (stamped.kind !== 'stamped' || stamped.stamp.sha256 !== (await sha256(bytes))) return;
  // Read or written by the session meanwhile: its stamp is newer than what this save knows.
  if (!session.mayWrite() || session.cache.get(key) !== entry) return;
  // What the model has read or written, it knows under another encoding too.
  if (what !== 'text' || text !== saved) session.modelUnread.add(key);
  const set = session.modelUnread.mark({ [key]: toEntry(stamped.stamp, { seenAt: now(), message: entry.message }) });
  await createBases({ sessionsFolder: session.place.store.root }).put(stamped.stamp.sha256, bytes);
  await session.journal.append([{ type: 'read_cache', set }]);
  session.recheckSoon();
}

interface Look {
  readonly session: ActiveSession;
  readonly document: TextDocument;
  readonly key: string;
  readonly entry: ReadCacheEntry;
  readonly text: string;
  /** All that changed in the document since the session saw it may belong to the save. */
  readonly isBurst: boolean;
}

async function whatIsSeen(look: Look): Promise<'text' | 'before' | undefined> {
  const { session, document, key, entry, text, isBurst } = look;
  const { encoding } = document;
  // The disk still has what the document was before the save, if it was not unsaved.
  const old = !isBurst
    ? undefined
    : entry.unsaved === true
      ? await seenVersions(session.place.store, session.body).bytes(key, entry)
      : await readFile(document.uri.fsPath);
  if (await hasSeen(entry, text, encoding)) return 'text';
  if (old === undefined) return undefined;
  const before = entry.unsaved === true ? normaliseText(old) : await workspace.decode(old, { encoding });
  // Another extension's change is as quick as a formatter's.
  return (await hasSeen(entry, before, encoding)) && isSameButFormatted(before, text) ? 'before' : undefined;
}

/** White space and what formatters add, drop or exchange aside, the same. */
function isSameButFormatted(a: string, b: string): boolean {
  const bare = (text: string): string => text.replaceAll(/[\s;,'"`()\uFEFF]/g, '');
  return bare(a) === bare(b);
}

/** Whether a document's text is the version that the read-cache speaks of, on disk or in an editor. */
async function hasSeen(entry: ReadCacheEntry, text: string, encoding: string): Promise<boolean> {
  if (entry.text_sha256 !== undefined && entry.text_sha256 === (await textSha256(text))) return true;
  if (entry.sha256 === undefined) return false;
  return entry.sha256 === (await sha256(await workspace.encode(text, { encoding })));
}
