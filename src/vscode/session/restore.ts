import { Uri, workspace } from 'vscode';
import type { App } from '../app.ts';
import { mayWriteFor } from '../commands/targets.ts';
import { type Driver, driverAfter, takeSession } from '../driving/driver.ts';
import { loadSession } from './loadSession.ts';

/** Loads a session that this window remembers; quietly, whatever changed. */
export async function restore(
  app: App,
  { folder, name }: { readonly folder: string; readonly name: string },
): Promise<void> {
  const place = app.places.of(Uri.parse(folder));
  if (!place || !workspace.isTrusted || !app.settings.enabled.value(place.folder.uri)) return;
  const entry = (await app.catalog.saved(place)).find((one) => one.name === name);
  const sessionId = entry?.head?.session_id;
  if (sessionId === undefined || app.active.current) return;
  // Where another window drives it by now, this one follows: nobody is asked, since nobody asked for it.
  const driver: Driver = entry?.readOnly
    ? { kind: 'me', held: undefined }
    : driverAfter(await takeSession(place, sessionId), app.log);
  const session = await loadSession(place, name, {
    settings: app.settings,
    log: app.log,
    mayWrite: mayWriteFor(app, place),
    driver,
  });
  // The user may have loaded one meanwhile.
  if (app.active.current) await session.close();
  else await app.active.activate(session);
}
