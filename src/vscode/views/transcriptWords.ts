import { l10n } from 'vscode';
import type { Message } from '../../core/index.ts';
import { bytes, exactTime } from '../words.ts';
import type { TranscriptWords } from './transcriptMarkdown.ts';

/** The words of a transcript page, in the language of the window. */
export function transcriptWords(): TranscriptWords {
  return {
    role: roleName,
    time: exactTime,
    toolCall: l10n.t('Tool call'),
    toolResult: l10n.t('Tool result'),
    failed: l10n.t('failed'),
    reasoning: l10n.t('Reasoning'),
    image: (type) => l10n.t('Image ({0})', type),
    stored: (size) => l10n.t('Output of {0}, kept beside the session', bytes(size)),
    more: (n) => l10n.t('{0} more characters', n.toLocaleString()),
    unknownPart: l10n.t('Unknown part'),
  };
}

export function roleName(role: Message['role']): string {
  switch (role) {
    case 'user':
      return l10n.t('User');
    case 'assistant':
      return l10n.t('Assistant');
    case 'tool':
      return l10n.t('Tool');
    case 'system':
      return l10n.t('System');
    case 'summary':
      return l10n.t('Summary');
  }
}
