import type { App } from '../app.ts';

export async function copyBriefing(_app: App, ..._args: readonly unknown[]): Promise<void> {}
