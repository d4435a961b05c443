import { l10n } from 'vscode';
import type { App } from '../app.ts';
import { statusMessage } from '../say.ts';

export async function closeSession(app: App): Promise<void> {
  const name = app.active.current?.name;
  await app.active.close();
  app.catalog.refresh();
  if (name !== undefined) statusMessage(l10n.t('{0} is not active any more.', name), 5000);
}
