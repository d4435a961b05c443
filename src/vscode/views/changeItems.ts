import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { Decision, ParameterChange, ToolChange, WorkspaceChange } from '../../core/index.ts';
import { configFieldName, driftKindName } from '../comparing/drift.ts';
import { commandId, contextValues } from '../ids.ts';
import { now } from '../places.ts';
import { ago, exactTime } from '../words.ts';
import type { Change } from './changeRows.ts';
import { CLICK } from './nodes.ts';
import { moreRow, staleRow } from './staleItems.ts';

/** How a row of Changes Since Save looks. */
export function describeChange(change: Change): TreeItem {
  switch (change.kind) {
    case 'group': {
      const item = new TreeItem(
        driftKindName(change.group),
        change.count > 0 ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed,
      );
      item.description = change.count.toLocaleString();
      item.accessibilityInformation = {
        label: l10n.t('{0}, {1} changed', driftKindName(change.group), change.count.toLocaleString()),
      };
      return item;
    }
    case 'note': {
      const item = new TreeItem(change.text);
      item.iconPath = new ThemeIcon('dash');
      item.accessibilityInformation = { label: `${driftKindName(change.group)}: ${change.text}` };
      return item;
    }
    case 'config': {
      const { field, saved, now: is } = change.change;
      const item = beforeAfter(configFieldName(field), saved, is, 'settings-gear');
      if (change.restoration === 'possible') item.contextValue = contextValues.restorable;
      if (change.restoration === 'chosen') showRestored(item, configFieldName(field), shown(saved), shown(is));
      return withAccepted(item, change.accepted);
    }
    case 'workspace': {
      const { field, saved, now: is } = change.change;
      return withAccepted(beforeAfter(workspaceField(field), saved, is, 'git-commit'), change.accepted);
    }
    case 'tool':
      return withAccepted(toolRow(change.change), change.accepted);
    case 'parameter':
      return parameterRow(change.tool, change.change);
    case 'call': {
      const item = new TreeItem(l10n.t('Message {0}', change.message));
      item.description = l10n.t('calls it');
      item.iconPath = new ThemeIcon('comment');
      item.command = {
        command: commandId('openTranscript'),
        title: l10n.t('Open Transcript'),
        arguments: [change, CLICK],
      };
      item.accessibilityInformation = { label: l10n.t('Message {0} calls {1}', change.message, change.tool) };
      return item;
    }
    case 'stale': {
      const item = staleRow(change);
      item.tooltip = change.file.path;
      return withAccepted(item, change.accepted);
    }
    case 'more':
      return moreRow(change.count);
  }
}

/** `accepted by ada, 2 days ago`, seen and spoken; the tooltip has the exact time. */
function withAccepted(item: TreeItem, decision: Decision | undefined): TreeItem {
  if (!decision) return item;
  const text = l10n.t('accepted by {0}, {1}', decision.by, ago(Date.parse(decision.at), now()));
  item.description = `${item.description} · ${text}`;
  item.accessibilityInformation = { label: `${item.accessibilityInformation?.label}, ${text}` };
  const exact = l10n.t('Accepted by {0}: {1}', decision.by, exactTime(decision.at));
  item.tooltip = typeof item.tooltip === 'string' ? `${item.tooltip}\n${exact}` : exact;
  return item;
}

/** Short, since a narrow side bar cuts the end: what was saved counts again. */
function showRestored(item: TreeItem, label: string, saved: string, is: string): void {
  item.description = l10n.t('{0} on resume, instead of {1}', saved, is);
  item.iconPath = new ThemeIcon('history');
  item.contextValue = contextValues.restored;
  item.accessibilityInformation = { label: l10n.t('{0} will be {1} on resume, instead of {2}', label, saved, is) };
}

function workspaceField(field: WorkspaceChange['field']): string {
  switch (field) {
    case 'folder':
      return l10n.t('Folder');
    case 'head':
      return l10n.t('Commit');
    case 'branch':
      return l10n.t('Branch');
    case 'remote':
      return l10n.t('Remote');
  }
}

const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
/** Of a value in a row, characters; the tooltip has more. */
const SHORT = 60;
const LONG = 2000;

function shown(value: unknown, most = SHORT): string {
  if (value === undefined) return l10n.t('none');
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replace(/\s+/g, ' ');
  if (COMMIT.test(text)) return text.slice(0, 8);
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

function full(value: unknown): string {
  if (value === undefined) return l10n.t('none');
  return (typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)).slice(0, LONG);
}

function beforeAfter(label: string, saved: unknown, is: unknown, icon: string): TreeItem {
  const item = new TreeItem(label);
  item.description = l10n.t('{0} → {1}', shown(saved), shown(is));
  item.tooltip = l10n.t('When saved: {0}\nNow: {1}', full(saved), full(is));
  item.iconPath = new ThemeIcon(icon);
  item.accessibilityInformation = { label: l10n.t('{0} was {1} and is {2}', label, shown(saved), shown(is)) };
  return item;
}

function toolRow(change: ToolChange): TreeItem {
  const item = new TreeItem(
    change.tool,
    // What a removed tool was called for is found when somebody looks.
    change.change === 'added' ? TreeItemCollapsibleState.None : TreeItemCollapsibleState.Collapsed,
  );
  const harmless = change.change === 'added' || (change.change === 'changed' && change.effect !== 'breaking');
  item.iconPath = new ThemeIcon('tools', harmless ? undefined : new ThemeColor('list.warningForeground'));
  switch (change.change) {
    case 'added':
      item.description = l10n.t('added');
      break;
    case 'removed':
      item.description = l10n.t('removed');
      break;
    case 'changed': {
      const effects = {
        breaking: l10n.t('changed, recorded calls may fail'),
        compatible: l10n.t('changed, compatible'),
        text: l10n.t('only its description changed'),
      };
      item.description = change.tooBig ? l10n.t('changed, too big to compare') : effects[change.effect];
      break;
    }
  }
  item.accessibilityInformation = { label: l10n.t('{0}, tool, {1}', change.tool, item.description) };
  return item;
}

function parameterRow(tool: string, change: ParameterChange): TreeItem {
  const label = change.parameter === '' ? l10n.t('(the whole input)') : change.parameter;
  const item = new TreeItem(label);
  const breaking = change.effect === 'breaking';
  item.iconPath = new ThemeIcon(parameterIcon(change), breaking ? new ThemeColor('list.warningForeground') : undefined);
  item.description = parameterText(change);
  item.tooltip = l10n.t('When saved: {0}\nNow: {1}', full(change.saved), full(change.now));
  const effect = breaking ? l10n.t('recorded calls may fail') : l10n.t('recorded calls still pass');
  item.accessibilityInformation = {
    label: l10n.t('{0}, parameter of {1}, {2}, {3}', label, tool, item.description, effect),
  };
  return item;
}

function parameterIcon({ change }: ParameterChange): 'diff-added' | 'diff-removed' | 'diff-modified' {
  switch (change) {
    case 'added':
      return 'diff-added';
    case 'removed':
      return 'diff-removed';
    case 'type':
    case 'required':
    case 'optional':
    case 'other':
      return 'diff-modified';
  }
}

function parameterText({ change, effect, keyword, saved, now: is }: ParameterChange): string {
  switch (change) {
    case 'added':
      return effect === 'breaking' ? l10n.t('added, required') : l10n.t('added');
    case 'removed':
      return l10n.t('removed');
    case 'type':
      return l10n.t('type {0} → {1}', shown(saved), shown(is));
    case 'required':
      return l10n.t('now required');
    case 'optional':
      return l10n.t('no longer required');
    case 'other':
      if (effect === 'text') return l10n.t('only its description changed');
      return keyword === undefined
        ? l10n.t('{0} → {1}', shown(saved), shown(is))
        : l10n.t('{0} {1} → {2}', shown(keyword), shown(saved), shown(is));
  }
}
