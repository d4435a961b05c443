import { l10n } from 'vscode';
import type { App } from '../app.ts';
import { statusMessage } from '../say.ts';
import { activeSession } from './targets.ts';

/** Goes on with what was read and said; until somebody continues it otherwise, the session edits no file. */
export async function continueReadOnly(app: App): Promise<void> {
  const session = activeSession(app);
  session.mustDrive();
  // Decided once is enough.
  if (session.hold !== 'read-only') await session.proceed('read-only');
  statusMessage(l10n.t('{0} goes on read-only: it will not edit files.', session.name), 5000);
}
