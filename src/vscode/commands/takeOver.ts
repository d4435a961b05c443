import { l10n } from 'vscode';
import type { App } from '../app.ts';
import { driverAfter, letGo, takeSession } from '../driving/driver.ts';
import { readDisk } from '../driving/readDisk.ts';
import { HumanError } from '../humanError.ts';
import { statusMessage } from '../say.ts';
import { holdOf } from '../session/loadSession.ts';
import { announce } from './announce.ts';
import { mustBeWritable } from './targets.ts';

/** This window drives the session that it has followed so far. */
export async function takeOver(app: App): Promise<void> {
  const session = app.active.current;
  if (!session)
    throw new HumanError(l10n.t('No session is active here, so there is none to take over. Load one first.'));
  const { place, name } = session;
  mustBeWritable(app, place);
  if (!session.follows) {
    statusMessage(l10n.t('This window drives {0} already.', name), 5000);
    return;
  }
  const driver = driverAfter(await takeSession(place, session.body.session_id, true), app.log);
  // What the one before has saved, before anything is added to it.
  await readDisk(session);
  if (app.settings.checkOnLoad.value(place.folder.uri)) {
    await session.recheck();
    session.holdFor(holdOf(session, app.settings));
  }
  // Closed meanwhile.
  if (app.active.current !== session) return letGo(driver);
  await session.drivenBy(driver);
  await announce(app, session);
}
