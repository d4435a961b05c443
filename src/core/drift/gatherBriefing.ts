import type { SessionDocument } from '../store/sessionStore.ts';
import type { BriefingFacts } from './briefing.ts';
import type { DriftReport } from './report.ts';

export interface GatherOptions {
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  /** The session, open; only its last messages are read. */
  readonly document: SessionDocument;
  readonly report: DriftReport;
  /** The text of a file as the session saw it, where anything holds it. */
  readonly seenText: (key: string) => Promise<string | undefined>;
  /** The text of an open editor with unsaved changes on this absolute path. */
  readonly unsavedText?: (path: string) => string | undefined;
}

/** Reads what a briefing needs: files now, git's log, the calls that were cut off. */
export function gatherBriefing(options: GatherOptions): Promise<BriefingFacts> {
  const { document, report } = options;
  const { config, tools, workspace } = report;
  return Promise.resolve({ name: document.name, files: [], commits: [], config, tools, workspace, interrupted: [] });
}
