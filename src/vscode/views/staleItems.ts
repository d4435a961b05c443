import { l10n, ThemeColor, ThemeIcon, TreeItem } from 'vscode';
import type { FileFreshness } from '../../core/index.ts';
import { commandId, contextValues } from '../ids.ts';
import { freshnessText } from '../words.ts';
import { CLICK } from './nodes.ts';

/** A file that is not what the session saw; a click shows the difference. */
export function staleRow(row: { readonly file: FileFreshness }): TreeItem {
  const { key, freshness, movedTo } = row.file;
  const item = new TreeItem(key);
  item.description = movedTo === undefined ? freshnessText(freshness) : l10n.t('moved to {0}', movedTo);
  item.iconPath = staleIcon(freshness);
  item.contextValue = contextValues.stale;
  item.command = { command: commandId('openChange'), title: l10n.t('Open Change'), arguments: [row, CLICK] };
  item.accessibilityInformation = { label: `${key}, ${item.description}` };
  return item;
}

/** Files that have no row. */
export function moreRow(count: number): TreeItem {
  const text = count === 1 ? l10n.t('1 more file') : l10n.t('{0} more files', count.toLocaleString());
  const item = new TreeItem(text);
  item.iconPath = new ThemeIcon('ellipsis');
  item.tooltip = l10n.t('Not listed, but counted: every file was compared.');
  item.accessibilityInformation = { label: l10n.t('{0}, not listed', text) };
  return item;
}

function staleIcon(freshness: FileFreshness['freshness']): ThemeIcon {
  switch (freshness) {
    case 'moved':
      return new ThemeIcon('diff-renamed', new ThemeColor('gitDecoration.renamedResourceForeground'));
    case 'deleted':
      return new ThemeIcon('diff-removed', new ThemeColor('gitDecoration.deletedResourceForeground'));
    case 'changed':
    case 'unsaved':
      return new ThemeIcon('diff-modified', new ThemeColor('gitDecoration.modifiedResourceForeground'));
    case 'unreadable':
      return new ThemeIcon('error', new ThemeColor('list.errorForeground'));
    case 'unknown':
      return new ThemeIcon('question');
    case 'same':
    case 'touched':
      return new ThemeIcon('file');
  }
}
