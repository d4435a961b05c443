import { l10n, MarkdownString } from 'vscode';
import { isStale, type SessionEntry, type SnapshotHead } from '../../core/index.ts';
import { escapeMarkdown } from '../escapeMarkdown.ts';
import { problemsText, remedy } from '../failureWords.ts';
import { bytes, exactTime, fileCount, freshnessText, listed } from '../words.ts';
import { agentLabel } from './agentFace.ts';
import type { Node, SavedNode } from './nodes.ts';
import { liveTitle, tagsText } from './sessionItems.ts';
import type { TreeParts } from './sessionTree.ts';

/** The tooltip, made when somebody looks: Markdown in which everything that came from a session is escaped. */
export async function tooltipOf(node: Node, parts: TreeParts): Promise<MarkdownString | string | undefined> {
  switch (node.kind) {
    case 'folder':
      return node.place.path;
    case 'group':
    case 'agent':
      return undefined;
    case 'live':
      return lines(liveTitle(node.live), [
        [l10n.t('Agent'), [agentLabel(node.live.agent), node.live.version].filter(Boolean).join(' ')],
        [l10n.t('Model'), node.live.model],
        [l10n.t('Created'), node.live.createdAt && exactTime(node.live.createdAt)],
        [l10n.t('Changed'), exactTime(node.live.changedAt)],
        [l10n.t('Turns'), node.live.turns?.toLocaleString()],
        [l10n.t('Problems'), node.live.problems.length > 0 ? problemsText(node.live.problems) : undefined],
        [l10n.t('File'), `${node.live.transcript} (${bytes(node.live.bytes)})`],
      ]);
    case 'saved':
      return node.entry.head ? savedTooltip(node, node.entry.head, parts) : damagedTooltip(node.entry);
    case 'problem':
      return node.reason;
    case 'stale':
      return l10n.t('{0}: {1}', node.file.path, freshnessText(node.file.freshness));
    case 'more':
      return l10n.t('Not listed, but counted: every file was compared.');
    case 'rest':
      return l10n.t('Not listed. Filter the view to find them.');
    case 'trash':
      return lines(node.entry.name, [
        [l10n.t('Deleted'), exactTime(node.entry.deletedAt)],
        [l10n.t('Size'), bytes(node.entry.bytes)],
      ]);
  }
}

async function savedTooltip(
  { place, entry }: SavedNode,
  head: SnapshotHead,
  parts: TreeParts,
): Promise<MarkdownString> {
  const session = parts.active.is(place, entry.name) ? parts.active.current : undefined;
  const stale = session ? (session.report?.files.filter(isStale) ?? []) : await parts.freshener.check(place, entry);
  const { metadata } = head;
  const parent = head.parent
    ? (await parts.catalog.saved(place)).find((one) => one.head?.session_id === head.parent?.session_id)
    : undefined;
  return lines(entry.name, [
    [l10n.t('Title'), head.title === entry.name ? undefined : head.title],
    [l10n.t('Agent'), [agentLabel(head.source?.agent), head.source?.version].filter(Boolean).join(' ')],
    [l10n.t('Model'), head.agent_config?.llm_model],
    [l10n.t('Created'), exactTime(head.created_at)],
    [l10n.t('Saved'), head.saved_at && l10n.t('{0}, revision {1}', exactTime(head.saved_at), head.revision ?? 1)],
    [l10n.t('Turns'), metadata?.turns?.toLocaleString()],
    [l10n.t('Messages'), head.message_count?.toLocaleString()],
    [l10n.t('Tokens'), metadata?.total_tokens?.toLocaleString()],
    [l10n.t('Cost'), metadata?.total_cost_usd === undefined ? undefined : `$${metadata.total_cost_usd.toFixed(2)}`],
    [l10n.t('Tags'), head.tags && tagsText(head.tags)],
    [
      l10n.t('Forked from'),
      head.parent &&
        l10n.t('{0}, at message {1}', parent?.name ?? l10n.t('a session that is not here'), head.parent.message),
    ],
    [
      l10n.t('Changed since'),
      stale.length > 0
        ? listed([
            ...stale.slice(0, 5).map(({ key }) => key),
            ...(stale.length > 5 ? [fileCount(stale.length - 5)] : []),
          ])
        : undefined,
    ],
    [l10n.t('Problems'), entry.problems.length > 0 ? problemsText(entry.problems) : undefined],
    [l10n.t('File'), `${entry.file} (${bytes(entry.bytes)})`],
  ]);
}

function damagedTooltip(entry: SessionEntry): MarkdownString {
  return lines(entry.name, [
    [l10n.t('Cannot be read'), problemsText(entry.problems)],
    [l10n.t('What to do'), remedy(entry.problems)],
    [l10n.t('File'), `${entry.file} (${bytes(entry.bytes)})`],
  ]);
}

function lines(title: string, facts: readonly (readonly [string, string | undefined])[]): MarkdownString {
  const rows = facts.flatMap(([name, value]) => (value ? [`${name}: ${escapeMarkdown(value)}`] : []));
  const text = new MarkdownString(`**${escapeMarkdown(title)}**\n\n${rows.join('  \n')}`);
  text.isTrusted = false;
  text.supportHtml = false;
  return text;
}
