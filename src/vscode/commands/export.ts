import { CancellationError, l10n, Uri, window, workspace } from 'vscode';
import { applyEvents, type SessionDocument, type SessionEvent, snapshotText, toHelloAgents } from '../../core/index.ts';
import type { App } from '../app.ts';
import { openFailureError } from '../failureWords.ts';
import { longWork } from '../longWork.ts';
import { statusMessage } from '../say.ts';
import type { SavedNode } from '../views/nodes.ts';
import { wholeTranscript } from '../views/transcriptPage.ts';
import { sessionCount } from '../words.ts';
import { manySaved } from './targets.ts';

interface Format {
  readonly label: string;
  readonly description: string;
  readonly extension: string;
  text(node: SavedNode, document: SessionDocument): Promise<string>;
}

function formats(): readonly Format[] {
  return [
    {
      label: l10n.t('Holdfast Session'),
      description: l10n.t('one self-contained JSON file, images and long outputs included'),
      extension: 'json',
      text: ({ place }, document) => joined(snapshotText(document, place.store)),
    },
    {
      label: l10n.t('HelloAgents Session'),
      description: l10n.t('JSON with plain text contents'),
      extension: 'json',
      text: async (_, document) => `${JSON.stringify(toHelloAgents(await document.toSession()), undefined, 2)}\n`,
    },
    {
      label: l10n.t('Markdown Transcript'),
      description: l10n.t('to read or to print'),
      extension: 'md',
      text: async (node, document) => wholeTranscript(node.entry.name, (await document.toSession()).history),
    },
  ];
}

/** Writes sessions to files of the user's choice; what auto-save could not write yet is included. */
export async function exportSessions(app: App, ...args: readonly unknown[]): Promise<readonly Uri[]> {
  const nodes = await manySaved(app, args, l10n.t('The sessions to export'));
  const [first] = nodes;
  if (!first) return [];
  const format = await window.showQuickPick(formats(), { placeHolder: l10n.t('The format to export to') });
  if (!format) throw new CancellationError();
  const targets = await targetsOf(nodes, first, format);
  await longWork(l10n.t('Exporting {0}', sessionCount(nodes.length)), async ({ signal, tell }) => {
    for (const [i, node] of nodes.entries()) {
      const target = targets[i];
      if (!target) continue;
      tell(i / nodes.length, l10n.t('{0} of {1}: {2}', i + 1, nodes.length, node.entry.name));
      const text = await textOf(app, node, format);
      signal.throwIfAborted();
      await workspace.fs.writeFile(target, Buffer.from(text));
    }
  });
  statusMessage(l10n.t('Exported {0}.', sessionCount(nodes.length)), 5000);
  return targets;
}

async function textOf(app: App, node: SavedNode, format: Format): Promise<string> {
  const opened = await node.place.store.open(node.entry.name);
  if (opened.kind !== 'open') throw openFailureError(node.entry.name, opened);
  const { document } = opened;
  try {
    const active = app.active.is(node.place, node.entry.name) ? app.active.current : undefined;
    return await format.text(node, await withPending(document, active?.journal.pending ?? []));
  } finally {
    await document.close();
  }
}

async function joined(pieces: AsyncIterable<string>): Promise<string> {
  const all: string[] = [];
  for await (const piece of pieces) all.push(piece);
  return all.join('');
}

/** The document as it will be once the journal could be written. */
async function withPending(document: SessionDocument, events: readonly SessionEvent[]): Promise<SessionDocument> {
  if (events.length === 0) return document;
  const { body, history } = applyEvents(await document.toSession(), events);
  return {
    name: document.name,
    readOnly: document.readOnly,
    recovered: document.recovered,
    problems: document.problems,
    close: () => document.close(),
    body,
    messageCount: history.length,
    messages: async (from, to) => history.slice(from, to),
    toSession: async () => ({ body, history }),
  };
}

async function targetsOf(nodes: readonly SavedNode[], first: SavedNode, format: Format): Promise<readonly Uri[]> {
  const folder = first.place.folder.uri;
  if (nodes.length === 1) {
    const target = await window.showSaveDialog({
      defaultUri: Uri.joinPath(folder, `${first.entry.name}.${format.extension}`),
      title: l10n.t('Export {0}', first.entry.name),
      saveLabel: l10n.t('Export'),
    });
    if (!target) throw new CancellationError();
    return [target];
  }
  const picked = await window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    defaultUri: folder,
    title: l10n.t('Export {0} to a Folder', sessionCount(nodes.length)),
    openLabel: l10n.t('Export Here'),
  });
  const [into] = picked ?? [];
  if (!into) throw new CancellationError();
  const files: Uri[] = [];
  // One after the other: sessions of two folders may have one name.
  for (const { entry } of nodes) files.push(await freeFile(into, entry.name, format.extension, files));
  return files;
}

/** Many files are written without a question each: none of them replaces one that is there. */
async function freeFile(folder: Uri, name: string, extension: string, taken: readonly Uri[]): Promise<Uri> {
  for (let n = 1; ; n++) {
    const uri = Uri.joinPath(folder, `${name}${n === 1 ? '' : ` ${n}`}.${extension}`);
    // As on disks that take big and small letters for one.
    if (taken.some((one) => one.path.toLowerCase() === uri.path.toLowerCase())) continue;
    try {
      await workspace.fs.stat(uri);
    } catch {
      return uri;
    }
  }
}
