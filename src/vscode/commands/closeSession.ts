import { l10n, window } from 'vscode';
import type { App } from '../app.ts';

export async function closeSession(app: App): Promise<void> {
  const name = app.active.current?.name;
  await app.active.close();
  app.catalog.refresh();
  if (name !== undefined) window.setStatusBarMessage(l10n.t('{0} is not active any more.', name), 5000);
}
