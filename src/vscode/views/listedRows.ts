import type { SessionEntry } from '../../core/index.ts';
import type { Lineage } from './lineage.ts';
import type { Node } from './nodes.ts';

/** More sessions of a group are counted, not listed: nobody reads a list of thousands, and VS Code asks for every row. */
export const MOST_SESSIONS = 300;

/** The rows of the first sessions, and one for the rest. */
export function firstOf<One>(all: readonly One[], under: Node, row: (one: One) => Node): Node[] {
  const rows = all.slice(0, MOST_SESSIONS).map(row);
  const count = all.length - rows.length;
  return count === 0 ? rows : [...rows, { kind: 'rest', place: under.place, under, count }];
}

/** Whether a session, and all that it lies under, is among the first of its list. */
export function isListed(entry: SessionEntry, family: Lineage): boolean {
  const parent = family.parents.get(entry.name);
  const siblings = parent ? (family.forks.get(parent.name) ?? []) : family.roots;
  return siblings.indexOf(entry) < MOST_SESSIONS && (!parent || isListed(parent, family));
}
