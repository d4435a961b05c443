import type { AgentHome, AgentId } from '../agent.ts';

/** Agents that hooks can protect; the others are checked only by Holdfast's own guard. */
export type ProtectedAgent = Extract<AgentId, 'claude-code' | 'codex' | 'gemini' | 'opencode' | 'copilot-cli'>;

export type ProtectionScope = 'project' | 'user';

export interface ProtectionOptions {
  readonly agent: ProtectedAgent;
  readonly scope: ProtectionScope;
  /** The workspace folder, absolute. */
  readonly folder: string;
  readonly where: AgentHome;
  /** The program that the agent is to start and its first words, for example `['node', '/home/me/.holdfast/hook.cjs']`. */
  readonly command: readonly string[];
}

/** The texts of one file, exactly; undefined where it is not there. */
export interface FileChange {
  /** Absolute. */
  readonly file: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface ProtectionPlan {
  readonly action: 'install' | 'remove';
  readonly agent: ProtectedAgent;
  readonly scope: ProtectionScope;
  /** Empty where everything is as it should be already. */
  readonly changes: readonly FileChange[];
  /**
   * What a person must still do in the agent, since nothing does it behind their back: `trust-hook` (Codex reviews each
   * hook), `trust-folder` (Codex, Copilot CLI and Gemini CLI run nothing of a folder that is not trusted), `restart`.
   */
  readonly then: readonly ('trust-hook' | 'trust-folder' | 'restart')[];
  /** Other hooks of ours that would fire for the same edit (Copilot CLI runs Claude Code's). */
  readonly alsoFires: readonly ProtectedAgent[];
}

export type PlanOutcome =
  | { readonly kind: 'planned'; readonly plan: ProtectionPlan }
  /** A file of the agent cannot be read, or is no JSON: it is left alone. */
  | { readonly kind: 'unreadable'; readonly file: string; readonly detail: string };

export type ProtectionState = 'installed' | 'outdated' | 'untrusted' | 'absent' | 'unreadable';

/** What installing would change, to be shown before. */
export function planInstall(_options: ProtectionOptions): Promise<PlanOutcome> {
  return Promise.reject(new Error('not built'));
}

export function planRemove(_options: ProtectionOptions): Promise<PlanOutcome> {
  return Promise.reject(new Error('not built'));
}

/** Does what the plan says, unless a file is not what it was: then nothing is written. */
export function applyPlan(
  _plan: ProtectionPlan,
): Promise<{ readonly kind: 'applied' } | { readonly kind: 'changed-meanwhile'; readonly file: string }> {
  return Promise.reject(new Error('not built'));
}

export function protectionState(_options: ProtectionOptions): Promise<ProtectionState> {
  return Promise.reject(new Error('not built'));
}
