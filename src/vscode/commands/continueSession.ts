import type { App } from '../app.ts';

export async function continueSession(_app: App, ..._args: readonly unknown[]): Promise<void> {}
