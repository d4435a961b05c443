import type { LiveSession } from '../../agents/index.ts';
import type { SessionEntry, TrashEntry } from '../../core/index.ts';
import type { Catalog } from '../catalog.ts';
import type { Place, Places } from '../places.ts';
import { agentLabel } from './agentFace.ts';
import { type Filter, type Findable, isFound } from './filter.ts';
import type { TreeFilter } from './treeFilter.ts';

/** The sessions that the view shows: those of the catalog that the filter finds. One array each, until one of them changes. */
export interface ShownSessions {
  live(place: Place): Promise<readonly LiveSession[]>;
  /** Without the archived ones. */
  saved(place: Place): Promise<readonly SessionEntry[]>;
  archived(place: Place): Promise<readonly SessionEntry[]>;
  trash(place: Place): Promise<readonly TrashEntry[]>;
  /** Sessions of all folders, deleted ones too, that are shown, and that there are. */
  count(): Promise<{ readonly shown: number; readonly all: number }>;
}

export function shownSessions(places: Places, catalog: Catalog, filter: TreeFilter): ShownSessions {
  const foundLive = finder(filter, ({ title, model, agent }: LiveSession) => ({
    texts: [title, model],
    agent: [agent, agentLabel(agent)],
  }));
  const foundSaved = finder(filter, ({ name, head }: SessionEntry) => ({
    texts: [name, head?.title, head?.agent_config?.llm_model],
    tags: head?.tags,
    agent: [head?.source?.agent ?? '', agentLabel(head?.source?.agent)],
  }));
  const foundTrash = finder(filter, ({ name }: TrashEntry) => ({ texts: [name] }));
  const isArchived = ({ head }: SessionEntry): boolean => head?.archived === true;
  const parted = memo((entries: readonly SessionEntry[]) => ({
    saved: entries.filter((entry) => !isArchived(entry)),
    archived: entries.filter(isArchived),
  }));
  return {
    live: async (place) => foundLive(await catalog.live(place)),
    saved: async (place) => parted(await foundSaved(await catalog.saved(place))).saved,
    archived: async (place) => parted(await foundSaved(await catalog.saved(place))).archived,
    trash: async (place) => foundTrash(await catalog.trash(place)),
    async count() {
      let shown = 0;
      let all = 0;
      for (const place of places.all()) {
        const [live, saved, trash] = await Promise.all([
          catalog.live(place),
          catalog.saved(place),
          catalog.trash(place),
        ]);
        all += live.length + saved.length + trash.length;
        shown += (await foundLive(live)).length + (await foundSaved(saved)).length + (await foundTrash(trash)).length;
      }
      return { shown, all };
    },
  };
}

/** What is made of a list, once for each list. */
export function memo<From extends object, To extends object>(make: (from: From) => To): (from: From) => To {
  const made = new WeakMap<From, To>();
  return (from) => {
    const known = made.get(from) ?? make(from);
    made.set(from, known);
    return known;
  };
}

/** Sessions that are looked at before others get their turn. */
const SLICE = 500;

/** What the filter finds in a list; looked for once, until the list or the filter is another one. */
function finder<One extends object>(
  current: Pick<TreeFilter, 'filter'>,
  look: (one: One) => Findable,
): (all: readonly One[]) => Promise<readonly One[]> {
  const known = new WeakMap<readonly One[], { readonly filter: Filter; readonly found: Promise<readonly One[]> }>();
  return async (all) => {
    const { filter } = current;
    if (!filter) return all;
    const before = known.get(all);
    if (before?.filter === filter) return before.found;
    const found = find(all, (one) => isFound(filter, look(one)));
    known.set(all, { filter, found });
    return found;
  };
}

async function find<One>(all: readonly One[], is: (one: One) => boolean): Promise<readonly One[]> {
  const found: One[] = [];
  for (const [i, one] of all.entries()) {
    if (i > 0 && i % SLICE === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    if (is(one)) found.push(one);
  }
  return found;
}
