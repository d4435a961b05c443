import type { App } from '../app.ts';

export async function readChangedAgain(_app: App, ..._args: readonly unknown[]): Promise<void> {}
