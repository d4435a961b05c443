import { l10n } from 'vscode';
import type { Message } from '../../core/index.ts';
import { messageCount } from '../words.ts';
import { messageMarkdown } from './transcriptMarkdown.ts';
import { transcriptWords } from './transcriptWords.ts';

/** A part of a session that is shown as one document. */
export interface Page {
  readonly title: string;
  readonly total: number;
  readonly from: number;
  readonly messages: readonly Message[];
  /** Ids of messages that stay whole when the history is made shorter. */
  readonly pinned?: readonly string[];
}

/** A message that is shown, with its first line. */
export interface MessageLine {
  readonly id: string;
  readonly line: number;
}

export function pageMarkdown(page: Page): { readonly text: string; readonly lines: readonly MessageLine[] } {
  const title = page.title.replace(/[\\`*_{}[\]()#+!|<>]/g, '\\$&');
  const to = page.from + page.messages.length;
  const range =
    to < page.total
      ? l10n.t('messages {0} to {1} of {2}', page.from + 1, to, page.total)
      : page.from === 0
        ? messageCount(page.total)
        : l10n.t('the last {0} of {1}', page.total - page.from, messageCount(page.total));
  const words = transcriptWords();
  let text = `# ${title}\n\n*${range}*\n\n`;
  const lines: MessageLine[] = [];
  let line = 4;
  for (const [i, message] of page.messages.entries()) {
    const markdown = `${messageMarkdown(message, page.from + i + 1, words)}\n`;
    lines.push({ id: message.id, line });
    line += markdown.split(/\r\n|\r|\n/).length - 1;
    text += markdown;
  }
  return { text: text.replace(/\n\n$/, '\n'), lines };
}

/** The whole of a session as one Markdown text. */
export function wholeTranscript(title: string, messages: readonly Message[]): string {
  return pageMarkdown({ title, total: messages.length, from: 0, messages }).text;
}
