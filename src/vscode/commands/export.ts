import { CancellationError, l10n, ProgressLocation, Uri, window, workspace } from 'vscode';
import { applyEvents, exportSession, type Session, toHelloAgents } from '../../core/index.ts';
import type { App } from '../app.ts';
import type { SavedNode } from '../views/nodes.ts';
import { wholeTranscript } from '../views/transcriptDocuments.ts';
import { openFailureError, sessionCount } from '../words.ts';
import { manySaved } from './targets.ts';

interface Format {
  readonly label: string;
  readonly description: string;
  readonly extension: string;
  text(node: SavedNode, session: Session): Promise<string>;
}

function formats(): readonly Format[] {
  return [
    {
      label: l10n.t('Holdfast Session'),
      description: l10n.t('one self-contained JSON file, images and long outputs included'),
      extension: 'json',
      text: ({ place }, session) => exportSession(session, place.store),
    },
    {
      label: l10n.t('HelloAgents Session'),
      description: l10n.t('JSON with plain text contents'),
      extension: 'json',
      text: async (_, session) => `${JSON.stringify(toHelloAgents(session), undefined, 2)}\n`,
    },
    {
      label: l10n.t('Markdown Transcript'),
      description: l10n.t('to read or to print'),
      extension: 'md',
      text: async (node, session) => wholeTranscript(node.entry.name, session.history),
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
  const title = l10n.t('Exporting {0}', sessionCount(nodes.length));
  await window.withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      for (const [i, node] of nodes.entries()) {
        const target = targets[i];
        if (!target) continue;
        progress.report({
          message: l10n.t('{0} of {1}: {2}', i + 1, nodes.length, node.entry.name),
          increment: 100 / nodes.length,
        });
        const text = await format.text(node, await sessionOf(app, node));
        if (token.isCancellationRequested) throw new CancellationError();
        await workspace.fs.writeFile(target, Buffer.from(text));
      }
    },
  );
  window.setStatusBarMessage(l10n.t('Exported {0}.', sessionCount(nodes.length)), 5000);
  return targets;
}

async function sessionOf(app: App, { place, entry }: SavedNode): Promise<Session> {
  const loaded = await place.store.load(entry.name);
  if (loaded.kind !== 'loaded') throw openFailureError(entry.name, loaded);
  const waiting = app.active.is(place, entry.name) ? (app.active.current?.journal.pending ?? []) : [];
  return waiting.length > 0 ? applyEvents(loaded.session, waiting) : loaded.session;
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
  return Promise.all(nodes.map(({ entry }) => freeFile(into, entry.name, format.extension)));
}

/** Many files are written without a question each: none of them replaces one that is there. */
async function freeFile(folder: Uri, name: string, extension: string): Promise<Uri> {
  for (let n = 1; ; n++) {
    const uri = Uri.joinPath(folder, `${name}${n === 1 ? '' : ` ${n}`}.${extension}`);
    try {
      await workspace.fs.stat(uri);
    } catch {
      return uri;
    }
  }
}
