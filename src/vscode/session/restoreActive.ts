import { Uri, workspace } from 'vscode';
import type { App } from '../app.ts';
import { mayWriteFor } from '../commands/targets.ts';
import { loadSession } from './loadSession.ts';

/** After the window has been painted, loads the session that was active when it closed; quietly, whatever changed. */
export function restoreActive(app: App): void {
  const remembered = app.active.remembered();
  if (!remembered) return;
  setTimeout(() => {
    void restore(app, remembered).catch((error: unknown) => {
      app.log.warn(
        `${remembered.name} was not loaded again: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
  });
}

async function restore(app: App, { folder, name }: { readonly folder: string; readonly name: string }): Promise<void> {
  const place = app.places.of(Uri.parse(folder));
  if (!place || !workspace.isTrusted || !app.settings.enabled.value(place.folder.uri)) return;
  const session = await loadSession(place, name, {
    settings: app.settings,
    log: app.log,
    mayWrite: mayWriteFor(app, place),
  });
  // The user may have loaded one meanwhile.
  if (app.active.current) await session.close();
  else await app.active.activate(session);
}
