import { type Disposable, type LogOutputChannel, l10n, type TreeView } from 'vscode';
import type { Catalog } from '../catalog.ts';
import type { Node } from './nodes.ts';
import type { SessionTree } from './sessionTree.ts';
import type { TreeFilter } from './treeFilter.ts';

interface Parts {
  readonly filter: TreeFilter;
  readonly tree: Pick<SessionTree, 'count'>;
  readonly catalog: Pick<Catalog, 'onDidChange'>;
  readonly sessionsView: Pick<TreeView<Node>, 'description' | 'message'>;
  readonly log: LogOutputChannel;
}

/** Says in the Sessions view what it is narrowed to, and how much of it that leaves. */
export function showFilter({ filter, tree, catalog, sessionsView, log }: Parts): Disposable[] {
  const update = async (): Promise<void> => {
    const { text } = filter;
    sessionsView.description = text;
    if (text === '') {
      sessionsView.message = '';
      return;
    }
    const { shown, all } = await tree.count();
    // Typed on meanwhile.
    if (filter.text === text) sessionsView.message = countText(text, shown, all);
  };
  const soon = (): void =>
    void update().catch((error: unknown) => {
      log.error(`Filter: ${error instanceof Error ? error.message : String(error)}`);
    });
  return [filter.onDidChange(soon), catalog.onDidChange(() => filter.text !== '' && soon())];
}

function countText(text: string, shown: number, all: number): string {
  // An empty view says so itself, with ways out, which VS Code hides where there is a message.
  if (shown === 0) return '';
  return l10n.t('{0} of {1} sessions match “{2}”.', shown.toLocaleString(), all.toLocaleString(), text);
}
