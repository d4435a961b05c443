import type { App } from '../app.ts';

/** After the window has been painted, loads the session that was active when it closed; quietly, whatever changed. */
export function restoreActive(app: App): void {
  const remembered = app.active.remembered();
  if (!remembered) return;
  setTimeout(() => {
    void import('../later.ts')
      .then(({ restore }) => restore(app, remembered))
      .catch((error: unknown) => {
        app.log.warn(
          `${remembered.name} was not loaded again: ${error instanceof Error ? error.message : String(error)}`,
        );
      });
  });
}
