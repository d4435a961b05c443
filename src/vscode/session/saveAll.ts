import { type Disposable, type LogOutputChannel, workspace } from 'vscode';
import type { Catalog } from '../catalog.ts';
import type { Place, Places } from '../places.ts';
import type { Settings } from '../settings.ts';
import type { ActiveSessions } from './activeSessions.ts';
import type { AutoSaveAll } from './autoSaveAll.ts';

export interface SaveAllParts {
  readonly active: ActiveSessions;
  readonly catalog: Catalog;
  readonly places: Places;
  readonly settings: Settings;
  readonly log: LogOutputChannel;
}

/** Saves every live session of the folders whose setting says so. */
export interface SaveAll extends Disposable {
  /** An agent may have done something. */
  look(): Promise<void>;
  /** Writes what waits, and ends. */
  close(): Promise<void>;
}

/** Whether every live session of the folder is to be saved. */
export function savesAll({ folder }: Place, { enabled, autoSave, autoSaveSessions }: Settings): boolean {
  return (
    workspace.isTrusted &&
    enabled.value(folder.uri) &&
    autoSave.value(folder.uri) &&
    autoSaveSessions.value(folder.uri) === 'all'
  );
}

/** Until a folder asks for it, nothing is loaded or watched. */
export function createSaveAll(parts: SaveAllParts): SaveAll {
  const { places, settings, log } = parts;
  let saving: AutoSaveAll | undefined;
  let closed = false;
  /** One change of the settings after the other. */
  let work: Promise<void> = Promise.resolve();

  async function update(): Promise<void> {
    const wanted = !closed && places.all().some((place) => savesAll(place, settings));
    if (wanted && !saving) {
      const { AutoSaveAll } = await import('../later.ts');
      saving = new AutoSaveAll(parts);
    } else if (wanted) {
      await saving?.look();
    } else {
      const before = saving;
      saving = undefined;
      await before?.close();
    }
  }
  const updateSoon = (): Promise<void> => {
    work = work.then(update).catch((error: unknown) => log.warn(`Auto-save of all sessions: ${String(error)}`));
    return work;
  };
  const listening = [
    places.onDidChange(updateSoon),
    workspace.onDidGrantWorkspaceTrust(updateSoon),
    ...[settings.enabled, settings.autoSave, settings.autoSaveSessions].map((one) => one.onDidChange(updateSoon)),
  ];
  void updateSoon();
  return {
    look: async () => saving?.look(),
    close() {
      closed = true;
      return updateSoon();
    },
    dispose() {
      for (const one of listening) one.dispose();
      void this.close();
    },
  };
}
