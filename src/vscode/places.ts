import os from 'node:os';
import { type Disposable, type Event, EventEmitter, type Uri, type WorkspaceFolder, workspace } from 'vscode';
import type { AgentHome } from '../agents/index.ts';
import { openStore, type SessionStore } from '../core/index.ts';
import type { Settings } from './settings.ts';

/** A workspace folder and the sessions that belong to it. */
export interface Place {
  readonly folder: WorkspaceFolder;
  /** Absolute path of the folder. */
  readonly path: string;
  /** Name of the sessions' folder inside it. */
  readonly sessionsFolder: string;
  readonly store: SessionStore;
  /** Where agents keep their transcripts. */
  readonly where: AgentHome;
}

interface OwnedPlace extends Place {
  /** Ends after what is on its way. */
  close(): Promise<void>;
}

/** The store is opened when somebody asks for it: until then the core is not even loaded. */
function makePlace(folder: WorkspaceFolder, sessionsFolder: string, where: AgentHome): OwnedPlace {
  const path = folder.uri.fsPath;
  let store: SessionStore | undefined;
  return {
    folder,
    path,
    sessionsFolder,
    where,
    get store() {
      store ??= openStore({ folder: path, sessionsFolder, now, random });
      return store;
    },
    close: async () => store?.close(),
  };
}

/** Owns one store per workspace folder on a disk, for as long as the folder is open. */
export interface Places extends Disposable {
  all(): readonly Place[];
  of(uri: Uri): Place | undefined;
  /** Folders came or went, or keep their sessions elsewhere now. */
  readonly onDidChange: Event<void>;
}

export const now = (): number => Date.now();
/** By the global: to require `node:crypto` would take a third of the extension's start. */
export const random = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex');

/** `userData` is VS Code's own `User` folder: chats of this very editor are below it. */
export function createPlaces(settings: Settings, userData?: string): Places {
  const where: AgentHome = { home: os.homedir(), env: process.env, ...(userData !== undefined && { userData }) };
  const changed = new EventEmitter<void>();
  let places = new Map<string, OwnedPlace>();
  const update = (): void => {
    const next = new Map<string, OwnedPlace>();
    for (const folder of workspace.workspaceFolders ?? []) {
      if (folder.uri.scheme !== 'file') continue;
      const key = folder.uri.toString();
      const sessionsFolder = settings.folder.value(folder.uri);
      const held = places.get(key);
      const keeps = held?.sessionsFolder === sessionsFolder && held.folder.name === folder.name;
      next.set(key, keeps ? held : makePlace(folder, sessionsFolder, where));
    }
    const gone = [...places].filter(([key, place]) => next.get(key) !== place);
    places = next;
    for (const [, place] of gone) void place.close();
    changed.fire();
  };
  update();
  const listening = [workspace.onDidChangeWorkspaceFolders(update), settings.folder.onDidChange(update)];
  return {
    all: () => [...places.values()],
    of: (uri) => {
      const folder = workspace.getWorkspaceFolder(uri);
      return folder && places.get(folder.uri.toString());
    },
    onDidChange: changed.event,
    dispose() {
      for (const one of listening) one.dispose();
      for (const place of places.values()) void place.close();
      changed.dispose();
    },
  };
}
