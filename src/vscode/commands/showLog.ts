import type { App } from '../app.ts';

export async function showLog(app: App): Promise<void> {
  app.log.show(true);
}
