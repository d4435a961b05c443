import {
  type Disposable,
  type Event,
  EventEmitter,
  type LogOutputChannel,
  type TreeDataProvider,
  type TreeItem,
  workspace,
} from 'vscode';
import { isStale, type SessionEntry } from '../../core/index.ts';
import type { Catalog } from '../catalog.ts';
import type { Freshener } from '../comparing/freshener.ts';
import { ioReason } from '../failureWords.ts';
import type { Place, Places } from '../places.ts';
import type { ActiveSessions } from '../session/activeSessions.ts';
import { MOST_FILES } from './changeRows.ts';
import { type Lineage, lineage } from './lineage.ts';
import { type GroupName, type Node, nodeId, type SavedNode } from './nodes.ts';
import { describeNode } from './sessionItems.ts';
import { tooltipOf } from './sessionTooltip.ts';
import { ShownRows } from './shownRows.ts';

export interface TreeParts {
  readonly places: Places;
  readonly catalog: Catalog;
  readonly active: ActiveSessions;
  readonly freshener: Freshener;
}

/** The rows of the Sessions view. Knows what is under what; how a row looks is in `sessionItems.ts`. */
export class SessionTree implements TreeDataProvider<Node>, Disposable {
  readonly #parts: TreeParts;
  readonly #changed = new EventEmitter<Node | undefined>();
  readonly #shown: ShownRows<Node>;
  readonly #listening: readonly Disposable[];

  readonly onDidChangeTreeData: Event<Node | undefined> = this.#changed.event;

  constructor(parts: TreeParts, log: LogOutputChannel) {
    this.#parts = parts;
    this.#shown = new ShownRows(
      { children: (node) => this.#children(node), describe: (node) => describeNode(node, parts), idOf: nodeId },
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
      workspace.onDidGrantWorkspaceTrust(fire),
    ];
  }

  getTreeItem(node: Node): TreeItem {
    return describeNode(node, this.#parts);
  }

  async resolveTreeItem(item: TreeItem, node: Node): Promise<TreeItem> {
    item.tooltip = await tooltipOf(node, this.#parts);
    return item;
  }

  getChildren(node?: Node): Promise<Node[]> {
    return this.#shown.give(node);
  }

  async #children(node: Node | undefined): Promise<Node[]> {
    if (!node) return this.#top();
    switch (node.kind) {
      case 'folder':
        return this.#groups(node.place);
      case 'group':
        return this.#groupRows(node.place, node.group);
      case 'saved':
        return this.#underSaved(node);
      case 'live':
      case 'stale':
      case 'more':
      case 'trash':
      case 'problem':
        return [];
    }
  }

  /** VS Code asks this to reveal a row that was never shown. */
  async getParent(node: Node): Promise<Node | undefined> {
    const parent = await this.#parentOf(node);
    return parent && this.#shown.known(parent);
  }

  async #parentOf(node: Node): Promise<Node | undefined> {
    const { place } = node;
    const top: Node | undefined = this.#parts.places.all().length > 1 ? { kind: 'folder', place } : undefined;
    switch (node.kind) {
      case 'folder':
        return undefined;
      case 'group':
      case 'problem':
        return top;
      case 'live':
        return { kind: 'group', place, group: 'live' };
      case 'trash':
        return { kind: 'group', place, group: 'trash' };
      case 'saved': {
        const family = await this.#lineage(place);
        const parent = family.parents.get(node.entry.name);
        return parent ? savedNode(place, parent, family) : { kind: 'group', place, group: 'saved' };
      }
      case 'stale':
      case 'more':
        return this.find(place, node.name);
    }
  }

  /** The row of a saved session; undefined when it is not in the list. VS Code knows of it when this is answered. */
  async find(place: Place, name: string): Promise<SavedNode | undefined> {
    await this.#shown.update();
    const entry = (await this.#parts.catalog.saved(place)).find((one) => one.name === name);
    const row = entry && this.#shown.known(savedNode(place, entry, await this.#lineage(place)));
    return row?.kind === 'saved' ? row : undefined;
  }

  dispose(): void {
    for (const one of this.#listening) one.dispose();
    this.#changed.dispose();
  }

  async #top(): Promise<Node[]> {
    const places = this.#parts.places.all();
    if (places.length === 0) return [];
    const groups = await Promise.all(places.map((place) => this.#groups(place)));
    // Without any row the view shows its welcome.
    if (groups.every((rows) => rows.length === 0)) return [];
    return places.length === 1 ? (groups[0] ?? []) : places.map((place) => ({ kind: 'folder', place }));
  }

  async #groups(place: Place): Promise<Node[]> {
    const { catalog } = this.#parts;
    const lists = {
      live: catalog.live(place),
      saved: catalog.saved(place),
      trash: catalog.trash(place),
    };
    const rows = Object.entries(lists).map(async ([name, list]): Promise<Node[]> => {
      const group = name as GroupName;
      try {
        return (await list).length > 0 ? [{ kind: 'group', place, group }] : [];
      } catch (error) {
        return [{ kind: 'problem', place, group, reason: reasonOf(error) }];
      }
    });
    const [live = [], saved = [], trash = []] = await Promise.all(rows);
    // The trash lies in the sessions' folder: what is wrong with both is said once.
    const [first] = [...saved, ...trash].filter((row) => row.kind === 'problem');
    return first && saved[0]?.kind !== 'group'
      ? [...live, { ...first, group: 'saved' }]
      : [...live, ...saved, ...trash];
  }

  async #groupRows(place: Place, group: GroupName): Promise<Node[]> {
    const { catalog, freshener } = this.#parts;
    switch (group) {
      case 'live':
        return (await catalog.live(place)).map((live) => ({ kind: 'live', place, live }));
      case 'saved': {
        freshener.checkNewest(place, await catalog.saved(place));
        const family = await this.#lineage(place);
        return family.roots.map((entry) => savedNode(place, entry, family));
      }
      case 'trash':
        return (await catalog.trash(place)).map((entry) => ({ kind: 'trash', place, entry }));
    }
  }

  async #underSaved({ place, entry }: SavedNode): Promise<Node[]> {
    const { active, freshener } = this.#parts;
    const family = await this.#lineage(place);
    const forks = family.forks.get(entry.name) ?? [];
    const session = active.is(place, entry.name) ? active.current : undefined;
    const stale = session
      ? (session.report?.files.filter(isStale) ?? [])
      : entry.head
        ? await freshener.check(place, entry)
        : [];
    return [
      ...forks.map((fork) => savedNode(place, fork, family)),
      ...stale.slice(0, MOST_FILES).map((file): Node => ({ kind: 'stale', place, name: entry.name, file })),
      ...(stale.length > MOST_FILES
        ? [{ kind: 'more', place, name: entry.name, count: stale.length - MOST_FILES } as const]
        : []),
    ];
  }

  async #lineage(place: Place): Promise<Lineage> {
    return lineage(await this.#parts.catalog.saved(place));
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return ioReason(error.code);
  return error instanceof Error ? error.message : String(error);
}

function savedNode(place: Place, entry: SessionEntry, family: Lineage): SavedNode {
  return { kind: 'saved', place, entry, forks: family.forks.get(entry.name)?.length ?? 0 };
}
