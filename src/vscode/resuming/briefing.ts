import { seenTexts } from '../../agents/index.ts';
import { composeBriefing, gatherBriefing } from '../../core/index.ts';
import { openEditors } from '../editing/editors.ts';
import { openFailureError } from '../failureWords.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import type { Settings } from '../settings.ts';
import { restorationOf } from './restoredConfig.ts';

/** The text that tells a session's agent what changed since it left; undefined where there is nothing to tell. */
export async function briefingOf(session: ActiveSession, settings: Settings): Promise<string | undefined> {
  const { place, name, body, cache, decisions } = session;
  if (!session.report) await session.recheck();
  const { report } = session;
  if (!report) return undefined;
  const opened = await place.store.open(name);
  if (opened.kind !== 'open') throw openFailureError(name, opened);
  const { document } = opened;
  try {
    const facts = await gatherBriefing({
      folder: place.path,
      document,
      // What is restored on resume has not changed for the agent.
      report: {
        ...report,
        config: report.config.filter((change) => restorationOf(body, decisions, change) !== 'chosen'),
      },
      seenText: seenTexts(place.store, body, cache.get),
      unsavedText: openEditors.unsavedText,
    });
    return composeBriefing(facts, { maxCharacters: settings.briefingLength.value(place.folder.uri) });
  } finally {
    await document.close();
  }
}
