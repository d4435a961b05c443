import { dirname } from 'node:path';
import { type Disposable, type ExtensionContext, type LogOutputChannel, type TreeView, window } from 'vscode';
import { type Catalog, createCatalog } from './catalog.ts';
import { createFreshener, type Freshener } from './comparing/freshener.ts';
import { type ContextKey, contextKey } from './contextKey.ts';
import { createDeletions, type Deletions } from './deletions.ts';
import { Driving } from './driving/driving.ts';
import { type Conflicts, createConflicts } from './editing/conflicts.ts';
import { activeSessionKey, contextKeys, views } from './ids.ts';
import { createPlaces, type Places } from './places.ts';
import { ActiveSessions } from './session/activeSessions.ts';
import { AutoSave } from './session/autoSave.ts';
import { createSaveAll, type SaveAll } from './session/saveAll.ts';
import { createSettings, type Settings } from './settings.ts';
import type { Change } from './views/changeRows.ts';
import { ChangesTree } from './views/changes.ts';
import { DropImport } from './views/dropImport.ts';
import type { Node } from './views/nodes.ts';
import { createSeenDocuments, type SeenDocuments } from './views/seenDocuments.ts';
import { SessionTree } from './views/sessionTree.ts';
import { createStatusBar, type StatusBar } from './views/statusBar.ts';
import { createTranscriptDocuments, type TranscriptDocuments } from './views/transcriptDocuments.ts';
import { createTreeFilter, type TreeFilter } from './views/treeFilter.ts';

/** What commands, views and tools work with; made once by `activate`. */
export interface App {
  readonly extensionPath: string;
  readonly log: LogOutputChannel;
  readonly settings: Settings;
  readonly places: Places;
  readonly catalog: Catalog;
  readonly active: ActiveSessions;
  readonly autoSave: AutoSave;
  readonly saveAll: SaveAll;
  readonly freshener: Freshener;
  readonly deletions: Deletions;
  readonly conflicts: Conflicts;
  readonly seen: SeenDocuments;
  readonly transcripts: TranscriptDocuments;
  readonly filter: TreeFilter;
  readonly tree: SessionTree;
  readonly sessionsView: TreeView<Node>;
  readonly changesView: TreeView<Change>;
  readonly statusBar: StatusBar;
  /** An agent works here whose edits nothing checks. */
  readonly unprotected: ContextKey;
}

/** `own` disposes what it is given when the extension ends. */
export function createApp(
  context: Pick<ExtensionContext, 'workspaceState' | 'globalStorageUri' | 'extensionPath'>,
  log: LogOutputChannel,
  own: <T extends Disposable>(thing: T) => T,
): App {
  const settings = own(createSettings());
  // Disposed by `deactivate`, after the last save.
  const places = createPlaces(settings, dirname(dirname(context.globalStorageUri.fsPath)));
  const catalog = own(createCatalog(places, log));
  const active = own(new ActiveSessions(context.workspaceState, activeSessionKey));
  const freshener = own(createFreshener(log));
  const seen = own(createSeenDocuments());
  const filter = own(createTreeFilter());
  const tree = own(new SessionTree({ places, catalog, active, freshener, filter }, log));
  const changes = own(new ChangesTree(active, log));
  const transcripts = own(createTranscriptDocuments(places, catalog));
  own(new Driving({ active, catalog, settings, log, onRead: () => transcripts.refresh() }));
  return {
    extensionPath: context.extensionPath,
    log,
    settings,
    places,
    catalog,
    active,
    autoSave: own(new AutoSave({ active, settings, log })),
    saveAll: own(createSaveAll({ active, catalog, places, settings, log })),
    freshener,
    deletions: createDeletions(),
    conflicts: own(createConflicts(seen, log, (session) => active.current === session)),
    seen,
    transcripts,
    filter,
    tree,
    sessionsView: own(
      window.createTreeView(views.sessions, {
        treeDataProvider: tree,
        canSelectMany: true,
        showCollapseAll: true,
        dragAndDropController: new DropImport(),
      }),
    ),
    changesView: own(window.createTreeView(views.changes, { treeDataProvider: changes, showCollapseAll: true })),
    unprotected: contextKey(contextKeys.unprotected),
    statusBar: own(createStatusBar(active, settings)),
  };
}
