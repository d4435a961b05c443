import type { App } from '../app.ts';

export async function restoreConfig(_app: App, ..._args: readonly unknown[]): Promise<void> {}
