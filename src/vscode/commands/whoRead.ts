import type { App } from '../app.ts';

export async function whoRead(_app: App, ..._args: readonly unknown[]): Promise<void> {}
