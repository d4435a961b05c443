import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri } from 'vscode';
import type { AgentId, LiveSession } from '../../agents/index.ts';
import { isStale, type SessionEntry, type SnapshotHead } from '../../core/index.ts';
import { problemsText } from '../failureWords.ts';
import { commandId, contextValues, schemes } from '../ids.ts';
import { now, type Place } from '../places.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { age, ago, fileCount, sessionCount, turnCount } from '../words.ts';
import { agentIcon, agentLabel, isStartable } from './agentFace.ts';
import { CLICK, type GroupName, type LiveNode, type Node, nodeId, type SavedNode } from './nodes.ts';
import type { TreeParts } from './sessionTree.ts';
import { moreRow, staleRow } from './staleItems.ts';

/** How a row of the Sessions view looks. */
export function describeNode(node: Node, parts: TreeParts): TreeItem {
  const item = describe(node, parts);
  item.id = nodeId(node);
  return item;
}

function describe(node: Node, parts: TreeParts): TreeItem {
  switch (node.kind) {
    case 'folder': {
      const { name } = node.place.folder;
      const item = new TreeItem(name, TreeItemCollapsibleState.Expanded);
      item.iconPath = new ThemeIcon('root-folder');
      item.accessibilityInformation = { label: l10n.t('{0}, workspace folder', name) };
      return item;
    }
    case 'group':
      return group(node.group, node.found);
    case 'agent':
      return agentRow(node.agent, node.count);
    case 'live':
      return live(node);
    case 'saved':
      return node.entry.head ? saved(node, node.entry.head, parts) : damaged(node.entry);
    case 'stale':
      return staleRow(node);
    case 'more':
      return moreRow(node.count);
    case 'rest': {
      const { count } = node;
      const text = count === 1 ? l10n.t('1 more session') : l10n.t('{0} more sessions', count.toLocaleString());
      const item = new TreeItem(text);
      item.iconPath = new ThemeIcon('ellipsis');
      item.command = { command: commandId('filter'), title: l10n.t('Filter…') };
      item.accessibilityInformation = { label: l10n.t('{0}, not listed: filter the view to find them', text) };
      return item;
    }
    case 'problem': {
      const item = new TreeItem(problemLabel(node.group));
      item.description = node.reason;
      item.iconPath = new ThemeIcon('error', new ThemeColor('list.errorForeground'));
      item.accessibilityInformation = { label: `${problemLabel(node.group)}: ${node.reason}` };
      return item;
    }
    case 'trash': {
      const item = new TreeItem(node.entry.name);
      item.description = l10n.t('deleted {0}', ago(node.entry.deletedAt, now()));
      item.iconPath = new ThemeIcon('trash');
      item.contextValue = contextValues.trash;
      item.accessibilityInformation = { label: `${node.entry.name}, ${item.description}` };
      return item;
    }
  }
}

function group(name: GroupName, found: boolean): TreeItem {
  const labels: Readonly<Record<GroupName, string>> = {
    live: l10n.t('Live'),
    saved: l10n.t('Saved'),
    archived: l10n.t('Archived'),
    trash: l10n.t('Trash'),
  };
  const spoken: Readonly<Record<GroupName, string>> = {
    live: l10n.t('Live sessions'),
    saved: l10n.t('Saved sessions'),
    archived: l10n.t('Archived sessions'),
    trash: l10n.t('Trash'),
  };
  const isOpen = found || name === 'live' || name === 'saved';
  const item = new TreeItem(
    labels[name],
    isOpen ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed,
  );
  item.accessibilityInformation = { label: spoken[name] };
  return item;
}

function agentRow(agent: AgentId, count: number): TreeItem {
  const item = new TreeItem(agentLabel(agent), TreeItemCollapsibleState.Expanded);
  item.description = count.toLocaleString();
  item.iconPath = agentIcon(agent);
  item.accessibilityInformation = { label: l10n.t('{0}, {1}', agentLabel(agent), sessionCount(count)) };
  return item;
}

function problemLabel(name: GroupName): string {
  switch (name) {
    case 'live':
      return l10n.t('Live sessions cannot be read');
    case 'saved':
    case 'archived':
      return l10n.t('Saved sessions cannot be read');
    case 'trash':
      return l10n.t('The trash cannot be read');
  }
}

/** What a row is called: never cut, never empty, one line. */
export function liveTitle(session: LiveSession): string {
  return session.title?.replace(/\s+/g, ' ').trim() || l10n.t('Untitled session');
}

function live(node: LiveNode): TreeItem {
  const session = node.live;
  const item = new TreeItem(liveTitle(session));
  const facts = [agentLabel(session.agent)];
  if (session.turns !== undefined) facts.push(turnCount(session.turns));
  facts.push(age(session.changedAt, now()));
  item.description = facts.slice(node.grouped ? 1 : 0).join(' · ');
  item.iconPath = agentIcon(session.agent);
  item.contextValue = contextValues.live + (isStartable(session.agent) ? '' : contextValues.byHand);
  item.command = { command: commandId('openTranscript'), title: l10n.t('Open Transcript'), arguments: [node, CLICK] };
  item.accessibilityInformation = { label: l10n.t('{0}, live session, {1}', liveTitle(session), facts.join(', ')) };
  return item;
}

function saved(node: SavedNode, head: SnapshotHead, parts: TreeParts): TreeItem {
  const { place, entry } = node;
  const session = parts.active.is(place, entry.name) ? parts.active.current : undefined;
  const stale = session
    ? (session.report?.files.filter(isStale).length ?? 0)
    : (parts.freshener.known(place, entry)?.length ?? 0);
  const item = new TreeItem(entry.name, collapsible(node.forks, stale));
  const facts = savedFacts(entry, head);
  // What tells this row from its neighbours comes first: a narrow side bar cuts the end.
  if (head.tags?.length) facts.unshift(tagsText(head.tags));
  if (head.parent) facts.unshift(l10n.t('left at message {0}', head.parent.message));
  if (session) facts.unshift(activeText(session));
  item.description = facts.join(' · ');
  item.iconPath = session
    ? new ThemeIcon('target', new ThemeColor('charts.green'))
    : head.pinned
      ? new ThemeIcon('pinned')
      : agentIcon(head.source?.agent);
  const state = entry.readOnly ? contextValues.readOnly : session ? contextValues.active : contextValues.saved;
  const byHand = isStartable(head.source?.agent) ? undefined : contextValues.byHand;
  const marks = [head.pinned && '.pinned', head.archived && '.archived', byHand];
  item.contextValue = state + marks.filter(Boolean).join('');
  item.command = { command: commandId('openTranscript'), title: l10n.t('Open Transcript'), arguments: [node, CLICK] };
  // The badge and the warning colour come from a file decoration, as for any file.
  item.resourceUri = itemUri(place, entry.name, stale);
  const drift = stale > 0 ? [l10n.t('{0} changed since it was saved', fileCount(stale))] : [];
  const pinned = head.pinned ? [l10n.t('pinned')] : [];
  const spoken = [entry.name, head.archived ? l10n.t('archived session') : l10n.t('saved session')];
  item.accessibilityInformation = { label: [...spoken, ...pinned, ...facts, ...drift].join(', ') };
  return item;
}

function activeText({ follows, hold }: ActiveSession): string {
  if (follows) return l10n.t('following');
  return hold === 'read-only' ? l10n.t('active, read-only') : l10n.t('active');
}

function collapsible(forks: number, stale: number): TreeItemCollapsibleState {
  if (forks > 0) return TreeItemCollapsibleState.Expanded;
  return stale > 0 ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None;
}

/** `#shop #later` */
export function tagsText(tags: readonly string[]): string {
  return tags.map((tag) => `#${tag.replace(/\s+/g, ' ')}`).join(' ');
}

/** `Claude Code · 31 turns · 2 h` */
export function savedFacts(entry: SessionEntry, head: SnapshotHead): string[] {
  const facts = [agentLabel(head.source?.agent)];
  if (head.metadata?.turns !== undefined) facts.push(turnCount(head.metadata.turns));
  facts.push(age(entry.changedAt, now()));
  if (entry.readOnly) facts.push(l10n.t('read-only'));
  return facts;
}

function damaged(entry: SessionEntry): TreeItem {
  const item = new TreeItem(entry.name);
  item.description = problemsText(entry.problems, 1);
  item.iconPath = new ThemeIcon('error', new ThemeColor('list.errorForeground'));
  item.contextValue = contextValues.damaged;
  item.accessibilityInformation = {
    label: l10n.t('{0}, cannot be read: {1}', entry.name, problemsText(entry.problems)),
  };
  return item;
}

/** Carries what the decoration needs to know. */
export function itemUri(place: Place, name: string, stale: number): Uri {
  return Uri.from({
    scheme: schemes.item,
    path: `/${name}`,
    query: JSON.stringify({ folder: place.path, stale }),
  });
}
