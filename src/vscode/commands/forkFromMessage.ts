import { CancellationError, l10n, type QuickPickItem, QuickPickItemKind, ThemeIcon, window } from 'vscode';
import type { Message, SessionDocument } from '../../core/index.ts';
import type { App } from '../app.ts';
import { openFailureError } from '../failureWords.ts';
import { HumanError } from '../humanError.ts';
import { withoutIcons } from '../say.ts';
import { exactTime } from '../words.ts';
import { forkNode } from './fork.ts';
import { mustBeChangeable, mustBeWritable, oneSaved } from './targets.ts';

/** Messages read for one list; older ones on demand. */
const PAGE = 500;

export async function forkFromMessage(app: App, ...args: readonly unknown[]): Promise<string> {
  const node = await oneSaved(app, args, l10n.t('The session to fork'));
  mustBeWritable(app, node.place);
  mustBeChangeable(node.entry);
  const wanted = args.find((arg) => typeof arg === 'number');
  const messages = wanted ?? (await pickMessage(app, node.entry.name, node.place));
  return forkNode(app, node, messages);
}

async function pickMessage(app: App, name: string, place: Parameters<typeof mustBeWritable>[1]): Promise<number> {
  if (app.active.is(place, name)) await app.active.current?.journal.flush();
  const opened = await place.store.open(name);
  if (opened.kind !== 'open') throw openFailureError(name, opened);
  try {
    return await pickFrom(name, opened.document);
  } finally {
    await opened.document.close();
  }
}

interface MessageItem extends QuickPickItem {
  /** How many messages a fork here keeps; undefined for the row that shows older ones. */
  readonly keeps?: number;
}

async function pickFrom(name: string, document: SessionDocument): Promise<number> {
  const items: MessageItem[] = [];
  let from = document.messageCount;
  for (;;) {
    const to = from;
    from = Math.max(0, to - PAGE);
    items.push(...forkPoints(await document.messages(from, to), from).reverse());
    if (items.length === 0 && from === 0) throw new HumanError(l10n.t('{0} has no messages to fork from.', name));
    const older: MessageItem[] =
      from > 0
        ? [
            { label: '', kind: QuickPickItemKind.Separator },
            { label: l10n.t('Show Older Messages'), iconPath: new ThemeIcon('arrow-down') },
          ]
        : [];
    const picked = await window.showQuickPick([...items, ...older], {
      title: l10n.t('Fork {0}', name),
      placeHolder: l10n.t('The last message that the fork keeps'),
      matchOnDescription: true,
    });
    if (!picked) throw new CancellationError();
    if (picked.keeps !== undefined) return picked.keeps;
  }
}

/** Where a fork can leave: after a prompt or an answer; tool results stay with the calls before them. */
export function forkPoints(messages: readonly Message[], from: number): MessageItem[] {
  const items: MessageItem[] = [];
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i];
    if (!message || message.role === 'tool') continue;
    let end = i + 1;
    while (messages[end]?.role === 'tool') end++;
    const keeps = from + end;
    const time = message.timestamp === undefined ? [] : [exactTime(message.timestamp)];
    items.push({
      label: firstLine(message),
      description: [l10n.t('message {0}', keeps), ...time].join(' · '),
      iconPath: new ThemeIcon(message.role === 'user' ? 'account' : message.role === 'assistant' ? 'sparkle' : 'info'),
      keeps,
    });
  }
  return items;
}

function firstLine({ content }: Message): string {
  if (typeof content === 'string') return lineOf(content);
  const texts: string[] = [];
  const calls: string[] = [];
  for (const part of content) {
    if (part.type === 'text' && typeof part['text'] === 'string') texts.push(part['text']);
    if (part.type === 'tool_call' && typeof part['name'] === 'string') calls.push(part['name']);
  }
  const said = lineOf(texts.find((text) => text.trim() !== '') ?? '');
  return (
    [said, calls.length > 0 ? `[${calls.join(', ')}]` : ''].filter((text) => text !== '').join(' ') ||
    l10n.t('(no text)')
  );
}

/** One line; `$(` would be read as an icon. */
function lineOf(text: string): string {
  return withoutIcons(text.trim().split('\n', 1)[0]?.slice(0, 200) ?? '');
}
