import type { App } from '../app.ts';

/** Settings that have a command. */

function scope(app: App) {
  return (app.active.current?.place ?? app.places.all()[0])?.folder.uri;
}

export function enableAutoSave(app: App): Promise<void> {
  return app.settings.autoSave.set(true, scope(app));
}

export function disableAutoSave(app: App): Promise<void> {
  return app.settings.autoSave.set(false, scope(app));
}

export function enable(app: App): Promise<void> {
  return app.settings.enabled.set(true, scope(app));
}
