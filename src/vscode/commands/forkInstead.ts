import type { App } from '../app.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { forkNode } from './fork.ts';
import { loadNode } from './load.ts';
import { activeSession } from './targets.ts';

/** Leaves the active session as it was saved, and goes on with a fork of it. */
export function forkInstead(app: App): Promise<void> {
  return forkInsteadOf(app, activeSession(app));
}

export async function forkInsteadOf(app: App, session: ActiveSession): Promise<void> {
  const { place, name } = session;
  const entry = (await place.store.list()).find((one) => one.name === name);
  if (!entry) return;
  const fork = await forkNode(app, { kind: 'saved', place, entry, forks: 0 });
  await session.decide('fork');
  const forked = (await place.store.list()).find((one) => one.name === fork);
  if (forked) await loadNode(app, { place, entry: forked });
}
