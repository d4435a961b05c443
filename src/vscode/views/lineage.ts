import type { SessionEntry } from '../../core/index.ts';

export interface Lineage {
  /** Sessions that are nobody's fork here, in the list's order, pinned ones first. */
  readonly roots: readonly SessionEntry[];
  /** Forks by the name of their parent. */
  readonly forks: ReadonlyMap<string, readonly SessionEntry[]>;
  readonly parents: ReadonlyMap<string, SessionEntry>;
}

/**
 * Puts each fork under its parent. A fork that is pinned or whose parent is not in the list stands on its own, and so does every
 * session of a circle (files can claim anything), so that no session is ever hidden.
 */
export function lineage(entries: readonly SessionEntry[]): Lineage {
  const byId = new Map<string, SessionEntry>();
  for (const entry of entries) {
    const id = entry.head?.session_id;
    if (id !== undefined && !byId.has(id)) byId.set(id, entry);
  }
  const parentOf = (entry: SessionEntry): SessionEntry | undefined => {
    // What is pinned is to be seen at once.
    if (entry.head?.pinned) return undefined;
    const id = entry.head?.parent?.session_id;
    const found = id === undefined ? undefined : byId.get(id);
    return found === entry ? undefined : found;
  };
  const endless = circular(entries, parentOf);
  const roots: SessionEntry[] = [];
  const forks = new Map<string, SessionEntry[]>();
  const parents = new Map<string, SessionEntry>();
  for (const entry of entries) {
    const parent = endless.has(entry) ? undefined : parentOf(entry);
    if (!parent) {
      roots.push(entry);
      continue;
    }
    parents.set(entry.name, parent);
    const siblings = forks.get(parent.name);
    if (siblings) siblings.push(entry);
    else forks.set(parent.name, [entry]);
  }
  const isPinned = ({ head }: SessionEntry): boolean => head?.pinned === true;
  return {
    roots: [...roots.filter(isPinned), ...roots.filter((entry) => !isPinned(entry))],
    forks,
    parents,
  };
}

/** The entries that are their own ancestors. */
function circular(
  entries: readonly SessionEntry[],
  parentOf: (entry: SessionEntry) => SessionEntry | undefined,
): ReadonlySet<SessionEntry> {
  const done = new Set<SessionEntry>();
  const endless = new Set<SessionEntry>();
  for (const entry of entries) {
    const path: SessionEntry[] = [];
    const onPath = new Set<SessionEntry>();
    let at: SessionEntry | undefined = entry;
    while (at && !done.has(at) && !onPath.has(at)) {
      path.push(at);
      onPath.add(at);
      at = parentOf(at);
    }
    if (at && onPath.has(at)) for (const one of path.slice(path.indexOf(at))) endless.add(one);
    for (const one of path) done.add(one);
  }
  return endless;
}
