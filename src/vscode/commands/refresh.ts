import type { App } from '../app.ts';

/** Reads everything again that is on screen. */
export async function refresh(app: App): Promise<void> {
  app.freshener.forget();
  app.catalog.refresh();
  app.transcripts.refresh();
  await app.active.current?.recheck();
}
