import { type AgentId, agents, type LiveSession } from '../../agents/index.ts';
import { type FileFreshness, isStale, type SessionEntry } from '../../core/index.ts';
import { ioReason } from '../failureWords.ts';
import type { Place } from '../places.ts';
import { MOST_FILES } from './changeRows.ts';
import { type Lineage, lineage } from './lineage.ts';
import { firstOf, isListed } from './listedRows.ts';
import type { GroupName, Node, SavedNode } from './nodes.ts';
import type { TreeParts } from './sessionTree.ts';
import { memo, type ShownSessions, shownSessions } from './shownSessions.ts';

/** What is under what in the Sessions view. */
export class SessionRows {
  readonly #parts: TreeParts;
  readonly #sessions: ShownSessions;
  readonly #lineage = memo(lineage);
  readonly #byAgent = memo(byAgent);

  constructor(parts: TreeParts) {
    this.#parts = parts;
    this.#sessions = shownSessions(parts.places, parts.catalog, parts.filter);
  }

  /** The row of a saved session; undefined when it is not in the list, or the filter hides it. */
  async find(place: Place, name: string): Promise<SavedNode | undefined> {
    for (const group of ['saved', 'archived'] as const) {
      const entries = await this.#sessions[group](place);
      const entry = entries.find((one) => one.name === name);
      if (!entry) continue;
      const family = this.#lineage(entries);
      return isListed(entry, family) ? savedNode(place, entry, family) : undefined;
    }
    return undefined;
  }

  /** How many sessions the filter lets through. */
  count(): ReturnType<ShownSessions['count']> {
    return this.#sessions.count();
  }

  async children(node: Node | undefined): Promise<Node[]> {
    if (!node) return this.#top();
    switch (node.kind) {
      case 'folder':
        return this.#groups(node.place);
      case 'group':
        return this.#groupRows(node);
      case 'agent':
        return this.#agentRows(node);
      case 'saved':
        return this.#underSaved(node);
      case 'live':
      case 'stale':
      case 'more':
      case 'rest':
      case 'trash':
      case 'problem':
        return [];
    }
  }

  async parentOf(node: Node): Promise<Node | undefined> {
    const { place } = node;
    const top: Node | undefined = this.#parts.places.all().length > 1 ? { kind: 'folder', place } : undefined;
    switch (node.kind) {
      case 'folder':
        return undefined;
      case 'group':
      case 'problem':
        return top;
      case 'rest':
        return node.under;
      case 'live':
        return (await this.#agents(place)).find(({ agent }) => agent === node.live.agent) ?? this.#group(place, 'live');
      case 'agent':
        return this.#group(place, 'live');
      case 'trash':
        return this.#group(place, 'trash');
      case 'saved': {
        const group = node.entry.head?.archived ? 'archived' : 'saved';
        const family = this.#lineage(await this.#sessions[group](place));
        const parent = family.parents.get(node.entry.name);
        return parent ? savedNode(place, parent, family) : this.#group(place, group);
      }
      case 'stale':
      case 'more':
        return this.find(place, node.name);
    }
  }

  async #top(): Promise<Node[]> {
    const places = this.#parts.places.all();
    if (places.length === 0) return [];
    const groups = await Promise.all(places.map((place) => this.#groups(place)));
    // Without any row the view shows its welcome, or that the filter finds nothing.
    if (groups.every((rows) => rows.length === 0)) return [];
    return places.length === 1 ? (groups[0] ?? []) : places.map((place) => ({ kind: 'folder', place }));
  }

  async #groups(place: Place): Promise<Node[]> {
    const lists = {
      live: this.#sessions.live(place),
      saved: this.#sessions.saved(place),
      archived: this.#sessions.archived(place),
      trash: this.#sessions.trash(place),
    };
    const rows = Object.entries(lists).map(async ([name, list]): Promise<Node[]> => {
      const group = name as GroupName;
      try {
        return (await list).length > 0 ? [this.#group(place, group)] : [];
      } catch (error) {
        return [{ kind: 'problem', place, group, reason: reasonOf(error) }];
      }
    });
    const [live = [], saved = [], archived = [], trash = []] = await Promise.all(rows);
    // The trash lies in the sessions' folder: what is wrong with both is said once.
    const [first] = [...saved, ...trash].filter((row) => row.kind === 'problem');
    return first && saved[0]?.kind !== 'group'
      ? [...live, { ...first, group: 'saved' }]
      : [...live, ...saved, ...archived, ...trash];
  }

  #group(place: Place, group: GroupName): Node {
    return { kind: 'group', place, group, found: this.#parts.filter.filter !== undefined };
  }

  /** None where one agent has all of the sessions: then they need no level of their own. */
  async #agents(place: Place): Promise<Extract<Node, { kind: 'agent' }>[]> {
    const own = this.#byAgent(await this.#sessions.live(place));
    if (own.size < 2) return [];
    const found = this.#parts.filter.filter !== undefined;
    // Not by their newest session: rows that change places are clicked by mistake.
    return agents.flatMap(({ id: agent }) => {
      const count = own.get(agent)?.length;
      return count === undefined ? [] : [{ kind: 'agent', place, agent, count, found }];
    });
  }

  async #agentRows(node: Extract<Node, { kind: 'agent' }>): Promise<Node[]> {
    const { place, agent } = node;
    const own = this.#byAgent(await this.#sessions.live(place)).get(agent) ?? [];
    return firstOf(own, node, (live) => ({ kind: 'live', place, live, grouped: true }));
  }

  async #groupRows(node: Extract<Node, { kind: 'group' }>): Promise<Node[]> {
    const { place, group } = node;
    switch (group) {
      case 'live': {
        const agents = await this.#agents(place);
        if (agents.length > 0) return agents;
        const all = await this.#sessions.live(place);
        return firstOf(all, node, (live) => ({ kind: 'live', place, live, grouped: false }));
      }
      case 'saved':
      case 'archived': {
        const entries = await this.#sessions[group](place);
        if (group === 'saved') this.#parts.freshener.checkNewest(place, entries);
        const family = this.#lineage(entries);
        return firstOf(family.roots, node, (entry) => savedNode(place, entry, family));
      }
      case 'trash':
        return firstOf(await this.#sessions.trash(place), node, (entry) => ({ kind: 'trash', place, entry }));
    }
  }

  /** Forks are shown at once: their parent's files are compared meanwhile, and its row tells when that is done. */
  async #staleFiles({ place, entry }: SavedNode, hasForks: boolean): Promise<readonly FileFreshness[]> {
    const { freshener } = this.#parts;
    const checking = freshener.check(place, entry);
    const known = freshener.known(place, entry);
    if (!hasForks) return checking;
    // A failure is in the log.
    checking.catch(() => undefined);
    return known ?? [];
  }

  async #underSaved(node: SavedNode): Promise<Node[]> {
    const { place, entry } = node;
    const { active } = this.#parts;
    const family = this.#lineage(await this.#sessions[entry.head?.archived ? 'archived' : 'saved'](place));
    const forks = family.forks.get(entry.name) ?? [];
    const session = active.is(place, entry.name) ? active.current : undefined;
    const stale = session
      ? (session.report?.files.filter(isStale) ?? [])
      : entry.head
        ? await this.#staleFiles(node, forks.length > 0)
        : [];
    return [
      ...firstOf(forks, node, (fork) => savedNode(place, fork, family)),
      ...stale.slice(0, MOST_FILES).map((file): Node => ({ kind: 'stale', place, name: entry.name, file })),
      ...(stale.length > MOST_FILES
        ? [{ kind: 'more', place, name: entry.name, count: stale.length - MOST_FILES } as const]
        : []),
    ];
  }
}

function byAgent(live: readonly LiveSession[]): ReadonlyMap<AgentId, readonly LiveSession[]> {
  const own = new Map<AgentId, LiveSession[]>();
  for (const one of live) {
    const others = own.get(one.agent);
    if (others) others.push(one);
    else own.set(one.agent, [one]);
  }
  return own;
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return ioReason(error.code);
  return error instanceof Error ? error.message : String(error);
}

function savedNode(place: Place, entry: SessionEntry, family: Lineage): SavedNode {
  return { kind: 'saved', place, entry, forks: family.forks.get(entry.name)?.length ?? 0 };
}
