import type { App } from '../app.ts';

export async function continueWithBriefing(_app: App, ..._args: readonly unknown[]): Promise<void> {}
