import {
  type Disposable,
  type Event,
  EventEmitter,
  type LogOutputChannel,
  type TreeDataProvider,
  type TreeItem,
  workspace,
} from 'vscode';
import type { Catalog } from '../catalog.ts';
import type { Freshener } from '../comparing/freshener.ts';
import type { Place, Places } from '../places.ts';
import type { ActiveSessions } from '../session/activeSessions.ts';
import { type Node, nodeId, type SavedNode } from './nodes.ts';
import { describeNode } from './sessionItems.ts';
import { SessionRows } from './sessionRows.ts';
import { ShownRows } from './shownRows.ts';
import type { TreeFilter } from './treeFilter.ts';

export interface TreeParts {
  readonly places: Places;
  readonly catalog: Catalog;
  readonly active: ActiveSessions;
  readonly freshener: Freshener;
  readonly filter: TreeFilter;
}

/** The rows of the Sessions view. What is under what is in `sessionRows.ts`, how a row looks in `sessionItems.ts`. */
export class SessionTree implements TreeDataProvider<Node>, Disposable {
  readonly #parts: TreeParts;
  readonly #rows: SessionRows;
  readonly #changed = new EventEmitter<Node | undefined>();
  readonly #shown: ShownRows<Node>;
  readonly #listening: readonly Disposable[];

  readonly onDidChangeTreeData: Event<Node | undefined> = this.#changed.event;

  constructor(parts: TreeParts, log: LogOutputChannel) {
    this.#parts = parts;
    this.#rows = new SessionRows(parts);
    this.#shown = new ShownRows(
      { children: (node) => this.#rows.children(node), describe: (node) => describeNode(node, parts), idOf: nodeId },
      (row) => this.#changed.fire(row),
    );
    const fire = (): void =>
      void this.#shown.update().catch((error: unknown) => {
        log.error(`Sessions view: ${error instanceof Error ? error.message : String(error)}`);
        this.#changed.fire(undefined);
      });
    this.#listening = [
      parts.catalog.onDidChange(fire),
      parts.active.onDidChangeActive(fire),
      parts.active.onDidUpdate(fire),
      parts.freshener.onDidChange(fire),
      parts.filter.onDidChange(fire),
      workspace.onDidGrantWorkspaceTrust(fire),
    ];
  }

  getTreeItem(node: Node): TreeItem {
    return describeNode(node, this.#parts);
  }

  async resolveTreeItem(item: TreeItem, node: Node): Promise<TreeItem> {
    const { tooltipOf } = await import('../later.ts');
    item.tooltip = await tooltipOf(node, this.#parts);
    return item;
  }

  getChildren(node?: Node): Promise<Node[]> {
    return this.#shown.give(node);
  }

  /** VS Code asks this to reveal a row that was never shown. */
  async getParent(node: Node): Promise<Node | undefined> {
    const parent = await this.#rows.parentOf(node);
    return parent && this.#shown.known(parent);
  }

  /** The row of a saved session; undefined when it is not in the list, or the filter hides it. VS Code knows of it when this is answered. */
  async find(place: Place, name: string): Promise<SavedNode | undefined> {
    await this.#shown.update();
    const found = await this.#rows.find(place, name);
    const row = found && this.#shown.known(found);
    return row?.kind === 'saved' ? row : undefined;
  }

  /** How many sessions the filter lets through. */
  count(): ReturnType<SessionRows['count']> {
    return this.#rows.count();
  }

  dispose(): void {
    for (const one of this.#listening) one.dispose();
    this.#changed.dispose();
  }
}
