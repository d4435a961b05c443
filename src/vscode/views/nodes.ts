import type { AgentId, LiveSession } from '../../agents/index.ts';
import type { FileFreshness, SessionEntry, TrashEntry } from '../../core/index.ts';
import type { Place } from '../places.ts';

export type GroupName = 'live' | 'saved' | 'archived' | 'trash';

/** Passed by a click on a row: what opens leaves the focus in the list, where Enter, F2 and Delete are for the row. */
export const CLICK = 'click';

/** A row of the Sessions view. */
export type Node =
  | { readonly kind: 'folder'; readonly place: Place }
  /** With `found` only what a filter finds: it is open, however the group of all was left. */
  | { readonly kind: 'group'; readonly place: Place; readonly group: GroupName; readonly found: boolean }
  /** The live sessions of one agent, where there are several agents. */
  | {
      readonly kind: 'agent';
      readonly place: Place;
      readonly agent: AgentId;
      readonly count: number;
      readonly found: boolean;
    }
  | LiveNode
  | SavedNode
  | { readonly kind: 'stale'; readonly place: Place; readonly name: string; readonly file: FileFreshness }
  /** Stale files for which there are no rows. */
  | { readonly kind: 'more'; readonly place: Place; readonly name: string; readonly count: number }
  /** Sessions for which there are no rows: a filter finds them. */
  | { readonly kind: 'rest'; readonly place: Place; readonly under: Node; readonly count: number }
  /** A list that cannot be read; the others are shown beside it. */
  | { readonly kind: 'problem'; readonly place: Place; readonly group: GroupName; readonly reason: string }
  | { readonly kind: 'trash'; readonly place: Place; readonly entry: TrashEntry };

export interface LiveNode {
  readonly kind: 'live';
  readonly place: Place;
  readonly live: LiveSession;
  /** It lies under its agent. */
  readonly grouped?: boolean;
}

export interface SavedNode {
  readonly kind: 'saved';
  readonly place: Place;
  readonly entry: SessionEntry;
  /** How many forks are under it. */
  readonly forks: number;
}
export type TrashNode = Extract<Node, { kind: 'trash' }>;

const kinds: ReadonlySet<unknown> = new Set<Node['kind']>([
  'folder',
  'group',
  'agent',
  'live',
  'saved',
  'stale',
  'more',
  'rest',
  'trash',
  'problem',
]);

/** Commands get their arguments from menus, keys and other extensions: only a row is taken for a row. */
export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'kind' in value && 'place' in value && kinds.has(value.kind);
}

/** Unique among all rows of the view, and the same after a refresh. */
export function nodeId(node: Node): string {
  const place = node.place.folder.uri.toString();
  switch (node.kind) {
    case 'folder':
      return place;
    case 'group':
      return `${place}|${node.group}${node.found ? '|found' : ''}`;
    case 'agent':
      return `${place}|agent|${node.agent}${node.found ? '|found' : ''}`;
    case 'live':
      return `${place}|live|${node.live.agent}|${node.live.nativeId}|${node.live.transcript}`;
    case 'saved':
      return `${place}|saved|${node.entry.name}`;
    case 'stale':
      return `${place}|stale|${node.name}|${node.file.key}`;
    case 'more':
      return `${place}|more|${node.name}`;
    case 'rest':
      return `${nodeId(node.under)}|rest`;
    case 'problem':
      return `${place}|problem|${node.group}`;
    case 'trash':
      return `${place}|trash|${node.entry.id}`;
  }
}
