import { l10n, ThemeIcon } from 'vscode';
import { agentById } from '../../agents/index.ts';

/** How an agent is named and drawn; a snapshot may name one that this version does not know. */
export function agentLabel(id: string | undefined): string {
  if (id === undefined) return l10n.t('Unknown agent');
  return agentById(id)?.label ?? id;
}

/** Whether a command goes on with the agent's sessions in a terminal; else a person opens them there. */
export function isStartable(id: string | undefined): boolean {
  return id !== undefined && agentById(id)?.native?.resumeCommand !== undefined;
}

export function agentIcon(id: string | undefined): ThemeIcon {
  switch (id) {
    case 'claude-code':
      return new ThemeIcon('claude');
    case 'codex':
      return new ThemeIcon('openai');
    case 'gemini':
      return new ThemeIcon('sparkle');
    case 'opencode':
      return new ThemeIcon('terminal');
    case 'copilot-cli':
      return new ThemeIcon('copilot');
    case 'copilot-chat':
      return new ThemeIcon('chat-sparkle');
    case 'cline':
      return new ThemeIcon('robot');
    case 'roo-code':
      return new ThemeIcon('rocket');
    case 'helloagents':
      return new ThemeIcon('smiley');
    case 'messages':
      return new ThemeIcon('symbol-array');
    default:
      return new ThemeIcon('comment-discussion');
  }
}
