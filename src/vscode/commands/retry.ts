import type { App } from '../app.ts';

/** Writes what auto-save could not. */
export function retry(app: App): Promise<void> {
  return app.autoSave.retry();
}
