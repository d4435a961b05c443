import type { App } from '../app.ts';

export async function continueReadOnly(_app: App, ..._args: readonly unknown[]): Promise<void> {}
