import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { ToolChange, WorkspaceChange } from '../../core/index.ts';
import { configFieldName, driftKindName } from '../drift.ts';
import type { Change } from './changes.ts';
import { staleRow } from './sessionItems.ts';

/** How a row of Changes Since Save looks. */
export function describeChange(change: Change): TreeItem {
  switch (change.kind) {
    case 'group': {
      const item = new TreeItem(
        driftKindName(change.group),
        change.count > 0 ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed,
      );
      item.description = String(change.count);
      item.accessibilityInformation = { label: l10n.t('{0}, {1} changed', driftKindName(change.group), change.count) };
      return item;
    }
    case 'note': {
      const item = new TreeItem(change.text);
      item.iconPath = new ThemeIcon('dash');
      item.accessibilityInformation = { label: `${driftKindName(change.group)}: ${change.text}` };
      return item;
    }
    case 'config':
      return beforeAfter(configFieldName(change.change.field), change.change.saved, change.change.now, 'settings-gear');
    case 'workspace':
      return beforeAfter(workspaceField(change.change.field), change.change.saved, change.change.now, 'git-commit');
    case 'tool':
      return toolRow(change.change);
    case 'stale': {
      const item = staleRow(change);
      item.tooltip = change.file.path;
      return item;
    }
  }
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

function shown(value: unknown): string {
  if (value === undefined) return l10n.t('none');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return COMMIT.test(text) ? text.slice(0, 8) : text;
}

function beforeAfter(label: string, saved: unknown, now: unknown, icon: string): TreeItem {
  const item = new TreeItem(label);
  item.description = l10n.t('{0} → {1}', shown(saved), shown(now));
  item.tooltip = l10n.t('When saved: {0}\nNow: {1}', String(saved), now === undefined ? l10n.t('none') : String(now));
  item.iconPath = new ThemeIcon(icon);
  item.accessibilityInformation = { label: l10n.t('{0} was {1} and is {2}', label, shown(saved), shown(now)) };
  return item;
}

function toolRow(change: ToolChange): TreeItem {
  const item = new TreeItem(change.tool);
  item.iconPath = new ThemeIcon(
    'tools',
    change.change === 'added' ? undefined : new ThemeColor('list.warningForeground'),
  );
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
      item.tooltip = change.parameters.map(({ parameter }) => parameter).join('\n');
      break;
    }
  }
  item.accessibilityInformation = { label: l10n.t('{0}, tool, {1}', change.tool, item.description) };
  return item;
}
