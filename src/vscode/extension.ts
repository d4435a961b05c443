import { type ExtensionContext, window } from 'vscode';
import { createApi, type HoldfastApi } from './api.ts';
import { type App, createApp } from './app.ts';
import { registerFileTools } from './chat/fileTools.ts';
import { registerCommands } from './commands/index.ts';
import { tellLateConflicts } from './editing/lateConflicts.ts';
import { followSaves } from './editing/savedText.ts';
import { restoreActive } from './session/restoreActive.ts';
import { registerViews } from './views/index.ts';

let app: App | undefined;

/** Registers everything and reads nothing: the first look at the disk comes when a view, a command or a tool asks. */
export function activate(context: ExtensionContext): HoldfastApi {
  const log = window.createOutputChannel('Holdfast', { log: true });
  const own = <T extends { dispose(): unknown }>(thing: T): T => {
    context.subscriptions.push(thing);
    return thing;
  };
  own(log);
  app = createApp(context, log, own);
  for (const one of [...registerViews(app), ...registerCommands(app), ...registerFileTools(app)]) own(one);
  own(followSaves(app.active));
  own(tellLateConflicts(app.active, app.seen, app.log));
  restoreActive(app);
  return own(createApi(app));
}

/** What auto-save holds goes to the disk; the session is active again when the window comes back. */
export async function deactivate(): Promise<void> {
  await Promise.all([app?.active.suspend(), app?.saveAll.close()]);
  app?.places.dispose();
}
