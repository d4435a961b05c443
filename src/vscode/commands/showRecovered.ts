import type { App } from '../app.ts';

export async function showRecovered(_app: App, ..._args: readonly unknown[]): Promise<void> {}
