import type { App } from '../app.ts';

export async function takeOver(_app: App, ..._args: readonly unknown[]): Promise<void> {}
