import type { Freshness } from '../files/stamp.ts';
import type { ConfigChange, ToolChange, WorkspaceChange } from './report.ts';

/** What a briefing is made of; everything in it but our own words is untrusted text. */
export interface BriefingFacts {
  /** Name of the session. */
  readonly name: string;
  /** ISO time of the save. */
  readonly savedAt?: string;
  readonly files: readonly BriefedFile[];
  /** Commits between the recorded head and the current one that touch these files, newest first. */
  readonly commits: readonly BriefedCommit[];
  readonly config: readonly ConfigChange[];
  readonly tools: readonly ToolChange[];
  readonly workspace: readonly WorkspaceChange[];
  /** Calls whose result was never recorded. */
  readonly interrupted: readonly { readonly tool: string; readonly input: string }[];
}

export interface BriefedFile {
  readonly key: string;
  readonly freshness: Freshness;
  readonly movedTo?: string;
  /** What the session saw, and what is there now; absent where not known, or not text. */
  readonly seen?: string;
  readonly now?: string;
}

export interface BriefedCommit {
  readonly hash: string;
  readonly subject: string;
  readonly author: string;
  /** ISO time. */
  readonly at: string;
}

/** The text for the agent: Markdown, English, at most `maxCharacters` long (default 8,000). Undefined where there is nothing to say. */
export function composeBriefing(
  _facts: BriefingFacts,
  _options: { readonly maxCharacters?: number } = {},
): string | undefined {
  return undefined;
}
