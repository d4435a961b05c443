import type { AgentId } from '../agent.ts';

/** Agents that hooks can protect; the others are checked only by Holdfast's own guard. */
export type ProtectedAgent = Extract<AgentId, 'claude-code' | 'codex' | 'gemini' | 'opencode' | 'copilot-cli'>;

export const PROTECTED_AGENTS: readonly ProtectedAgent[] = [
  'claude-code',
  'codex',
  'gemini',
  'opencode',
  'copilot-cli',
];

export function isProtectedAgent(agent: string): agent is ProtectedAgent {
  return (PROTECTED_AGENTS as readonly string[]).includes(agent);
}
