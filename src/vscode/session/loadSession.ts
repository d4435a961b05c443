import { Uri, workspace } from 'vscode';
import { decideOn } from '../comparing/drift.ts';
import { letGo } from '../driving/driver.ts';
import { openFailureError } from '../failureWords.ts';
import type { Place } from '../places.ts';
import { driftPolicies, type Settings } from '../settings.ts';
import { ActiveSession, type LoadedFacts, type LoadOptions } from './activeSession.ts';

/**
 * Opens a saved session and compares it with now. Throws a HumanError where it cannot be opened; the lease is let go
 * then.
 */
export async function loadSession(place: Place, name: string, options: LoadOptions): Promise<ActiveSession> {
  try {
    return await openSession(place, name, options);
  } catch (error) {
    await letGo(options.driver);
    throw error;
  }
}

async function openSession(place: Place, name: string, options: LoadOptions): Promise<ActiveSession> {
  const opened = await place.store.open(name);
  if (opened.kind !== 'open') throw openFailureError(name, opened);
  const { document } = opened;
  let facts: LoadedFacts;
  try {
    const [lastMessage] = await document.messages(Math.max(0, document.messageCount - 1), document.messageCount);
    const stat = await workspace.fs.stat(Uri.joinPath(Uri.file(place.store.root), `${name}.json`));
    facts = {
      body: document.body,
      bytes: stat.size,
      messageCount: document.messageCount,
      lastMessage,
      readOnly: document.readOnly,
    };
  } finally {
    await document.close();
  }
  const session = new ActiveSession(place, name, facts, options);
  if (options.settings.checkOnLoad.value(place.folder.uri)) {
    await session.recheck();
    // Who only follows may write nothing anyhow, and decides nothing.
    if (!session.follows) session.hold = holdOf(session, options.settings);
  }
  session.watch();
  return session;
}

/** Whether somebody has to decide on the report before the session may edit files. */
export function holdOf({ report, decisions, place }: ActiveSession, settings: Settings): 'ask' | 'block' | undefined {
  if (!report) return undefined;
  const { action } = decideOn(report, decisions, driftPolicies(settings, place.folder.uri));
  return action === 'ask' || action === 'block' ? action : undefined;
}
