import {
  CodeLens,
  type CodeLensProvider,
  type Disposable,
  EventEmitter,
  l10n,
  languages,
  Range,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from 'vscode';
import { agentById } from '../../agents/index.ts';
import type { Message } from '../../core/index.ts';
import type { Catalog } from '../catalog.ts';
import { openFailureError } from '../failureWords.ts';
import { commandId, schemes } from '../ids.ts';
import type { Places } from '../places.ts';
import { readTranscript } from '../readTranscript.ts';
import { bytes, exactTime, messageCount } from '../words.ts';
import type { LiveNode, SavedNode } from './nodes.ts';
import { liveTitle } from './sessionItems.ts';
import { type TranscriptWords, transcriptMarkdown } from './transcriptMarkdown.ts';

/** Messages on a page; a huge session opens on its last ones. */
const PAGE = 100;

/** Sessions as read-only Markdown documents. */
export interface TranscriptDocuments extends Disposable {
  open(node: LiveNode | SavedNode, preserveFocus?: boolean): Promise<void>;
  /** Shows one page more, counted from the end. */
  showEarlier(uri: Uri): void;
  /** Reads again what is open. */
  refresh(): void;
}

type Subject =
  | { readonly kind: 'saved'; readonly folder: string; readonly name: string }
  | { readonly kind: 'live'; readonly folder: string; readonly agent: string; readonly id: string };

interface Page {
  readonly title: string;
  readonly total: number;
  readonly from: number;
  readonly messages: readonly Message[];
}

export function createTranscriptDocuments(places: Places, catalog: Catalog): TranscriptDocuments {
  const changed = new EventEmitter<Uri>();
  const lensesChanged = new EventEmitter<void>();
  /** How many messages a document shows, and how many there are, by URI. */
  const pages = new Map<string, { shown: number; total: number }>();

  const read = async (subject: Subject, most: number): Promise<Page> => {
    const place = places.all().find((one) => one.folder.uri.toString() === subject.folder);
    if (!place) throw new Error(l10n.t('The folder of this session is not open.'));
    if (subject.kind === 'saved') {
      const opened = await place.store.open(subject.name);
      if (opened.kind !== 'open') throw openFailureError(subject.name, opened);
      const { document } = opened;
      try {
        const total = document.messageCount;
        const from = Math.max(0, total - most);
        return { title: subject.name, total, from, messages: await document.messages(from, total) };
      } finally {
        await document.close();
      }
    }
    const agent = agentById(subject.agent);
    const live = (await catalog.live(place)).find((one) => one.agent === subject.agent && one.nativeId === subject.id);
    const reader = agent && live && (await readTranscript(agent, live.transcript));
    if (!reader) throw new Error(l10n.t('The transcript of this session is gone.'));
    const messages = reader.messages();
    const from = Math.max(0, messages.length - most);
    return { title: liveTitle(live), total: messages.length, from, messages: messages.slice(from) };
  };

  const provider: TextDocumentContentProvider & CodeLensProvider = {
    onDidChange: changed.event,
    onDidChangeCodeLenses: lensesChanged.event,
    async provideTextDocumentContent(uri) {
      const key = uri.toString();
      const most = pages.get(key)?.shown ?? PAGE;
      let page: Page;
      try {
        page = await read(parseSubject(uri), most);
      } catch (error) {
        return `${error instanceof Error ? error.message : String(error)}\n`;
      }
      pages.set(key, { shown: most, total: page.total });
      lensesChanged.fire();
      return pageMarkdown(page);
    },
    provideCodeLenses(document) {
      const page = pages.get(document.uri.toString());
      if (!page || page.total <= page.shown) return [];
      const more = Math.min(PAGE, page.total - page.shown);
      return [
        new CodeLens(new Range(0, 0, 0, 0), {
          title: l10n.t('$(arrow-up) Show {0} earlier', messageCount(more)),
          command: commandId('openTranscript'),
          arguments: [document.uri],
        }),
      ];
    },
  };
  const listening = [
    workspace.registerTextDocumentContentProvider(schemes.transcript, provider),
    languages.registerCodeLensProvider({ scheme: schemes.transcript }, provider),
    workspace.onDidCloseTextDocument((document) => void pages.delete(document.uri.toString())),
  ];
  return {
    async open(node, preserveFocus = false) {
      const uri = subjectUri(node);
      // It may have grown since it was open last.
      if (workspace.textDocuments.some((document) => document.uri.toString() === uri.toString())) changed.fire(uri);
      await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true, preserveFocus });
    },
    showEarlier(uri) {
      const page = pages.get(uri.toString());
      if (!page) return;
      page.shown += PAGE;
      changed.fire(uri);
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

function subjectUri(node: LiveNode | SavedNode): Uri {
  const folder = node.place.folder.uri.toString();
  const [title, subject]: [string, Subject] =
    node.kind === 'saved'
      ? [node.entry.name, { kind: 'saved', folder, name: node.entry.name }]
      : [liveTitle(node.live), { kind: 'live', folder, agent: node.live.agent, id: node.live.nativeId }];
  // The path is only the tab's title: what a file name can't hold is left out.
  const path = `/${title.replace(/[/\\?#%]+/g, ' ').slice(0, 80)}.md`;
  return Uri.from({ scheme: schemes.transcript, path, query: JSON.stringify(subject) });
}

function parseSubject(uri: Uri): Subject {
  const value = JSON.parse(uri.query) as Readonly<Record<string, unknown>>;
  const text = (name: string): string => String(value[name]);
  return value['kind'] === 'live'
    ? { kind: 'live', folder: text('folder'), agent: text('agent'), id: text('id') }
    : { kind: 'saved', folder: text('folder'), name: text('name') };
}

function pageMarkdown(page: Page): string {
  const title = page.title.replace(/[\\`*_{}[\]()#+!|<>]/g, '\\$&');
  const range =
    page.from === 0
      ? messageCount(page.total)
      : l10n.t('the last {0} of {1}', page.total - page.from, messageCount(page.total));
  return `# ${title}\n\n*${range}*\n\n${transcriptMarkdown(page.messages, page.from, words())}`;
}

function words(): TranscriptWords {
  return {
    role: roleName,
    time: exactTime,
    toolCall: l10n.t('Tool call'),
    toolResult: l10n.t('Tool result'),
    failed: l10n.t('failed'),
    reasoning: l10n.t('Reasoning'),
    image: (type) => l10n.t('Image ({0})', type),
    stored: (size) => l10n.t('Output of {0}, kept beside the session', bytes(size)),
    more: (n) => l10n.t('{0} more characters', n.toLocaleString()),
    unknownPart: l10n.t('Unknown part'),
  };
}

export function roleName(role: Message['role']): string {
  switch (role) {
    case 'user':
      return l10n.t('User');
    case 'assistant':
      return l10n.t('Assistant');
    case 'tool':
      return l10n.t('Tool');
    case 'system':
      return l10n.t('System');
    case 'summary':
      return l10n.t('Summary');
  }
}

/** The whole of a session as one Markdown text. */
export function wholeTranscript(title: string, messages: readonly Message[]): string {
  return pageMarkdown({ title, total: messages.length, from: 0, messages });
}
