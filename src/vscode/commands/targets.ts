import { CancellationError, commands, l10n, Uri, window, workspace } from 'vscode';
import { agentById, fileOf as transcriptFile } from '../../agents/index.ts';
import type { SessionEntry } from '../../core/index.ts';
import type { App } from '../app.ts';
import { problemsText, writeFailureError } from '../failureWords.ts';
import { HumanError } from '../humanError.ts';
import type { Place } from '../places.ts';
import { withoutIcons } from '../say.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { isNode, type LiveNode, type Node, type SavedNode } from '../views/nodes.ts';
import { liveItem, savedItem } from './pickItems.ts';

/** What a command is about: the rows it was called on, else what the user picks. */

/** The first of what a key's command gets; the rows that it is about follow. */
export const SELECTION = 'selection';

/**
 * While VS Code paints rows anew it does not know, for a moment, which of them are selected, and no event tells when it
 * does again: a key that is pressed then waits for up to half a second.
 */
async function untilSelected({ sessionsView }: App): Promise<void> {
  for (let tries = 0; sessionsView.selection.length === 0 && tries < 10; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

/**
 * Of what a key binding passes, `["selection", focused row]`, the rows that the key is for: the selected ones, or the
 * focused one alone where it is not among them, since arrows move the focus and leave the selection behind. VS Code puts
 * the focused row in for `$focusedTreeItem`, as for the commands of a view's title; without it the selection counts.
 */
export async function keyArguments(app: App, args: readonly unknown[]): Promise<readonly unknown[]> {
  const [first] = args;
  if (!Array.isArray(first) || first[0] !== SELECTION) return args;
  const focused: unknown = first[1];
  if (!isNode(focused)) await untilSelected(app);
  const { selection } = app.sessionsView;
  return [SELECTION, isNode(focused) && !selection.includes(focused) ? [focused] : selection];
}

/** Menus give the clicked row and then, with several selected, all of them. */
export function rowsOf(args: readonly unknown[]): readonly Node[] {
  const [first, all] = args;
  if (Array.isArray(all) && all.length > 0) return all.filter(isNode);
  return isNode(first) ? [first] : [];
}

/** The row of a command that is about one: with several selected, the one that was clicked. */
export function rowOf(args: readonly unknown[]): Node | undefined {
  const [first] = args;
  return isNode(first) ? first : rowsOf(args)[0];
}

/** Restricted Mode and the setting `enabled` stop everything that writes or runs something. */
export function mustBeWritable(app: App, place: Place): void {
  if (!workspace.isTrusted)
    throw new HumanError(
      l10n.t('In Restricted Mode sessions can only be listed and read. Trust the folder to do this.'),
      [
        {
          label: l10n.t('Manage Trust'),
          run: () => commands.executeCommand('workbench.trust.manage'),
        },
      ],
    );
  if (!app.settings.enabled.value(place.folder.uri))
    throw new HumanError(l10n.t('Sessions are turned off here, so nothing was written.'), [
      { label: l10n.t('Enable Sessions'), run: () => app.settings.enabled.set(true, place.folder.uri) },
    ]);
}

/** The session that a command of Changes Since Save is about. */
export function activeSession({ active }: App): ActiveSession {
  if (active.current) return active.current;
  throw new HumanError(l10n.t('No session is active. Load one first.'));
}

function mustHaveFolder({ places }: App): void {
  if (places.all().length > 0) return;
  throw new HumanError(l10n.t('Open a folder first: sessions belong to a folder.'), [
    { label: l10n.t('Open Folder…'), run: () => commands.executeCommand('vscode.openFolder') },
  ]);
}

/** A session of a newer schema is never written; who changes it hears that before anything is asked. */
export function mustBeChangeable({ name, readOnly, problems }: SessionEntry): void {
  if (readOnly) throw writeFailureError(name, { kind: 'read-only', problems });
}

/** Whether a session can be given a mark. */
export function isChangeable({ head, readOnly }: SessionEntry): boolean {
  return head !== undefined && !readOnly;
}

export async function onePlace(app: App): Promise<Place> {
  const places = app.places.all();
  mustHaveFolder(app);
  const [first] = places;
  if (first && places.length === 1) return first;
  const picked = await window.showQuickPick(
    places.map((place) => ({
      label: withoutIcons(place.folder.name),
      description: withoutIcons(place.path),
      place,
    })),
    { placeHolder: l10n.t('The folder that the session belongs to') },
  );
  if (!picked) throw new CancellationError();
  return picked.place;
}

/** One saved session that can be read. */
export async function oneSaved(app: App, args: readonly unknown[], placeHolder: string): Promise<SavedNode> {
  const row = rowOf(args);
  if (row?.kind === 'saved') return readable(row);
  if (row) throw new CancellationError();
  const named = await savedNamed(app, args[0]);
  if (named) return readable(named);
  mustHaveFolder(app);
  const nodes = await allSaved(app);
  if (nodes.length === 0)
    throw new HumanError(l10n.t('There is no saved session yet. Save a live one, or import a transcript.'));
  const picked = await window.showQuickPick(nodes.map(savedItem), {
    placeHolder,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!picked) throw new CancellationError();
  return readable(picked.node);
}

/** Saved sessions, damaged ones included: at least one. Without rows those are offered that `isOffered` takes. */
export async function manySaved(
  app: App,
  args: readonly unknown[],
  placeHolder: string,
  isOffered: (entry: SessionEntry) => boolean = () => true,
): Promise<readonly SavedNode[]> {
  const rows = rowsOf(args);
  const found = rows.filter((row) => row.kind === 'saved');
  if (found.length > 0) return found;
  if (rows.length > 0) throw new CancellationError();
  const named = await savedNamed(app, args[0]);
  if (named) return [named];
  mustHaveFolder(app);
  const nodes = (await allSaved(app)).filter(({ entry }) => isOffered(entry));
  if (nodes.length === 0) throw new HumanError(l10n.t('There is no saved session for this.'));
  const picked = await window.showQuickPick(nodes.map(savedItem), {
    placeHolder,
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!picked || picked.length === 0) throw new CancellationError();
  return picked.map(({ node }) => node);
}

/** One session of an agent, not saved yet or grown since. */
export async function oneLive(app: App, args: readonly unknown[], placeHolder: string): Promise<LiveNode> {
  const row = rowOf(args);
  if (row?.kind === 'live') return row;
  const nodes = (
    await Promise.all(
      app.places
        .all()
        .map(async (place) => (await app.catalog.live(place)).map((live): LiveNode => ({ kind: 'live', place, live }))),
    )
  ).flat();
  mustHaveFolder(app);
  if (nodes.length === 0)
    throw new HumanError(l10n.t('No agent has a session in this folder yet. Start one here, or import a transcript.'));
  const picked = await window.showQuickPick(nodes.map(liveItem), {
    placeHolder,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!picked) throw new CancellationError();
  return picked.node;
}

export async function allSaved(app: App): Promise<readonly SavedNode[]> {
  const lists = await Promise.all(
    app.places
      .all()
      .map(async (place) =>
        (await app.catalog.saved(place)).map((entry): SavedNode => ({ kind: 'saved', place, entry, forks: 0 })),
      ),
  );
  // As in the view: pinned ones first, archived ones last.
  const rank = ({ entry: { head } }: SavedNode): number => (head?.archived ? 2 : head?.pinned ? 0 : 1);
  return lists.flat().sort((a, b) => rank(a) - rank(b));
}

/** For programs: a session by its name. */
async function savedNamed(app: App, name: unknown): Promise<SavedNode | undefined> {
  if (typeof name !== 'string' || name === SELECTION) return undefined;
  const found = (await allSaved(app)).find(({ entry }) => entry.name === name);
  if (!found) throw new HumanError(l10n.t('There is no session named {0}.', name));
  return found;
}

function readable(node: SavedNode): SavedNode {
  if (node.entry.head) return node;
  throw new HumanError(
    l10n.t(
      'The session {0} cannot be read: {1}. The file is kept as it is.',
      node.entry.name,
      problemsText(node.entry.problems),
    ),
  );
}

/** The file that a row stands for. */
export function fileOf(node: Node): Uri | undefined {
  switch (node.kind) {
    case 'live':
      return Uri.file(transcriptFile(agentById(node.live.agent), node.live.transcript));
    case 'saved':
      return Uri.file(node.entry.file);
    case 'stale':
      return Uri.file(node.file.path);
    case 'folder':
      return node.place.folder.uri;
    case 'problem':
      return Uri.file(node.place.store.root);
    case 'group':
    case 'agent':
    case 'more':
    case 'rest':
    case 'trash':
      return undefined;
  }
}

/** Whether anything may be written for a place, asked anew each time. */
export function mayWriteFor(app: App, place: Place): () => boolean {
  return () => workspace.isTrusted && app.settings.enabled.value(place.folder.uri);
}
