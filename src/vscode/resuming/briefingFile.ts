import { mkdir, open, realpath, rm } from 'node:fs/promises';
import nodePath from 'node:path';
import { l10n } from 'vscode';
import { HumanError } from '../humanError.ts';
import type { Place } from '../places.ts';
import { briefingsFolder } from './terminalStart.ts';

/** Puts a briefing where its agent can read it; only its owner can. `name` is a plain file name. */
export async function writeBriefing(place: Place, name: string, text: string): Promise<void> {
  const folder = nodePath.join(place.store.root, briefingsFolder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // What came with a clone may be a link that leads elsewhere.
  if ((await realpath(folder)) !== nodePath.join(await realpath(place.path), place.sessionsFolder, briefingsFolder))
    throw new HumanError(l10n.t('{0} leads out of the folder, so no briefing was written there.', folder));
  const file = nodePath.join(folder, name);
  await rm(file, { force: true });
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}
