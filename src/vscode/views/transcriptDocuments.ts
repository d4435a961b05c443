import {
  CodeLens,
  type CodeLensProvider,
  type Disposable,
  EventEmitter,
  l10n,
  languages,
  Position,
  Range,
  Selection,
  type TextDocumentContentProvider,
  type TextEditor,
  TextEditorRevealType,
  type Uri,
  window,
  workspace,
} from 'vscode';
import { agentById } from '../../agents/index.ts';
import type { Catalog } from '../catalog.ts';
import { openFailureError } from '../failureWords.ts';
import { commandId, schemes } from '../ids.ts';
import type { Place, Places } from '../places.ts';
import { readTranscript } from '../readTranscript.ts';
import { messageCount } from '../words.ts';
import type { LiveNode, SavedNode } from './nodes.ts';
import { liveTitle } from './sessionItems.ts';
import type { MessageLine, Page } from './transcriptPage.ts';
import { PAGE, type Part, partToShow, upToEnd } from './transcriptPart.ts';
import { parseSubject, type Subject, savedUri, subjectUri } from './transcriptUri.ts';
import { untilLine } from './untilLine.ts';

/** Sessions as read-only Markdown documents. */
export interface TranscriptDocuments extends Disposable {
  open(node: LiveNode | SavedNode, preserveFocus?: boolean): Promise<void>;
  /** Opens a saved session at a message, counted from 1. */
  openAt(place: Place, name: string, message: number, preserveFocus?: boolean): Promise<void>;
  /** Shows one page more, before or after what is shown. */
  showMore(uri: Uri, side: 'earlier' | 'later'): void;
  /** The message of a saved session that a line of its document belongs to; undefined above the first one. */
  messageAt(uri: Uri, line: number): ShownMessage | undefined;
  /** Reads again what is open. */
  refresh(): void;
}

export interface ShownMessage {
  readonly place: Place;
  /** Of the saved session. */
  readonly name: string;
  readonly id: string;
  readonly isPinned: boolean;
}

/** What a document shows. */
interface Shown {
  readonly part: Part;
  /** How many messages there are. */
  readonly total: number;
  /** The messages that are shown, each with its first line, and the pinned ones among all. */
  readonly lines: readonly MessageLine[];
  readonly pinned: ReadonlySet<string>;
}

export function createTranscriptDocuments(places: Places, catalog: Catalog): TranscriptDocuments {
  const changed = new EventEmitter<Uri>();
  const lensesChanged = new EventEmitter<void>();
  /** By URI. */
  const pages = new Map<string, Shown>();
  /** The message at which a document is to be opened, by URI. */
  const wanted = new Map<string, number>();

  const read = async (subject: Subject, partOf: (total: number) => Part): Promise<Page> => {
    const place = places.all().find((one) => one.folder.uri.toString() === subject.folder);
    if (!place) throw new Error(l10n.t('The folder of this session is not open.'));
    if (subject.kind === 'saved') {
      const opened = await place.store.open(subject.name);
      if (opened.kind !== 'open') throw openFailureError(subject.name, opened);
      const { document } = opened;
      try {
        const total = document.messageCount;
        const { from, to = total } = partOf(total);
        const pinned = document.body.pinned_messages ?? [];
        return { title: subject.name, total, from, messages: await document.messages(from, to), pinned };
      } finally {
        await document.close();
      }
    }
    const agent = agentById(subject.agent);
    const live = (await catalog.live(place)).find((one) => one.agent === subject.agent && one.nativeId === subject.id);
    const reader = agent && live && (await readTranscript(agent, live.transcript));
    if (!reader) throw new Error(l10n.t('The transcript of this session is gone.'));
    const messages = reader.messages();
    const { from, to } = partOf(messages.length);
    return { title: liveTitle(live), total: messages.length, from, messages: messages.slice(from, to) };
  };

  const provider: TextDocumentContentProvider & CodeLensProvider = {
    onDidChange: changed.event,
    onDidChangeCodeLenses: lensesChanged.event,
    async provideTextDocumentContent(uri) {
      const key = uri.toString();
      const partOf = (total: number): Part => partToShow(total, pages.get(key)?.part, wanted.get(key));
      let page: Page;
      try {
        page = await read(parseSubject(uri), partOf);
      } catch (error) {
        return `${error instanceof Error ? error.message : String(error)}\n`;
      }
      const { pageMarkdown } = await import('../later.ts');
      const { text, lines } = pageMarkdown(page);
      pages.set(key, { part: partOf(page.total), total: page.total, lines, pinned: new Set(page.pinned) });
      wanted.delete(key);
      lensesChanged.fire();
      return text;
    },
    provideCodeLenses(document) {
      const page = pages.get(document.uri.toString());
      if (!page) return [];
      const { from, to = page.total } = page.part;
      const last = document.lineCount - 1;
      const lens = (line: number, title: string, side: 'earlier' | 'later'): CodeLens =>
        new CodeLens(new Range(line, 0, line, 0), {
          title,
          command: commandId('openTranscript'),
          arguments: [document.uri, side],
        });
      const pinned = page.lines.filter(({ id }) => page.pinned.has(id));
      return [
        ...pinned.map(
          ({ line }) =>
            new CodeLens(new Range(line, 0, line, 0), {
              title: l10n.t('$(pinned) Pinned'),
              tooltip: l10n.t('Stays whole when the session is made shorter for another agent. Click to unpin.'),
              command: commandId('unpinMessage'),
              arguments: [document.uri, line],
            }),
        ),
        ...(from > 0
          ? [lens(0, l10n.t('$(arrow-up) Show {0} earlier', messageCount(Math.min(PAGE, from))), 'earlier')]
          : []),
        ...(to < page.total
          ? [lens(last, l10n.t('$(arrow-down) Show {0} later', messageCount(Math.min(PAGE, page.total - to))), 'later')]
          : []),
      ];
    },
  };
  const listening = [
    workspace.registerTextDocumentContentProvider(schemes.transcript, provider),
    languages.registerCodeLensProvider({ scheme: schemes.transcript }, provider),
    workspace.onDidCloseTextDocument((document) => void pages.delete(document.uri.toString())),
  ];
  const show = async (uri: Uri, preserveFocus: boolean): Promise<TextEditor> => {
    // It may have grown since it was open last.
    if (workspace.textDocuments.some((document) => document.uri.toString() === uri.toString())) changed.fire(uri);
    return window.showTextDocument(await workspace.openTextDocument(uri), { preview: true, preserveFocus });
  };
  return {
    async open(node, preserveFocus = false) {
      await show(subjectUri(node), preserveFocus);
    },
    async openAt(place, name, message, preserveFocus = false) {
      const uri = savedUri(place, name);
      wanted.set(uri.toString(), message);
      const editor = await show(uri, preserveFocus);
      const line = await untilLine(editor.document, `## ${message} · `);
      if (line === undefined) return;
      const at = new Position(line, 0);
      editor.selection = new Selection(at, at);
      editor.revealRange(new Range(at, at), TextEditorRevealType.AtTop);
    },
    showMore(uri, side) {
      const key = uri.toString();
      const page = pages.get(key);
      if (!page) return;
      const { from, to = page.total } = page.part;
      const more: Part = side === 'earlier' ? { from: Math.max(0, from - PAGE), to } : { from, to: to + PAGE };
      pages.set(key, { ...page, part: upToEnd(more, page.total) });
      changed.fire(uri);
    },
    messageAt(uri, line) {
      const subject = parseSubject(uri);
      const place = places.all().find((one) => one.folder.uri.toString() === subject.folder);
      const page = pages.get(uri.toString());
      const found = page?.lines.filter((message) => message.line <= line).at(-1);
      if (subject.kind !== 'saved' || !place || !found) return undefined;
      return { place, name: subject.name, id: found.id, isPinned: page?.pinned.has(found.id) === true };
    },
    refresh() {
      for (const { uri } of workspace.textDocuments) if (uri.scheme === schemes.transcript) changed.fire(uri);
    },
    dispose() {
      for (const one of listening) one.dispose();
      changed.dispose();
      lensesChanged.dispose();
    },
  };
}
