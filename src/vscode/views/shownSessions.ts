import type { LiveSession } from '../../agents/index.ts';
import type { SessionEntry, TrashEntry } from '../../core/index.ts';
import type { Catalog } from '../catalog.ts';
import type { Place, Places } from '../places.ts';
import { agentLabel } from './agentFace.ts';
import { isFound } from './filter.ts';
import type { TreeFilter } from './treeFilter.ts';

/** The sessions that the view shows: those of the catalog that the filter finds. */
export interface ShownSessions {
  live(place: Place): Promise<readonly LiveSession[]>;
  /** Without the archived ones. */
  saved(place: Place): Promise<readonly SessionEntry[]>;
  archived(place: Place): Promise<readonly SessionEntry[]>;
  trash(place: Place): Promise<readonly TrashEntry[]>;
  /** Live and saved ones of all folders that are shown, and that there are. */
  count(): Promise<{ readonly shown: number; readonly all: number }>;
}

export function shownSessions(places: Places, catalog: Catalog, filter: TreeFilter): ShownSessions {
  const isLiveShown = (live: LiveSession): boolean =>
    isFound(filter.filter, { texts: [live.title, live.model], agent: [live.agent, agentLabel(live.agent)] });
  const isShown = ({ name, head }: SessionEntry): boolean =>
    isFound(filter.filter, {
      texts: [name, head?.title, head?.agent_config?.llm_model],
      tags: head?.tags,
      agent: [head?.source?.agent ?? '', agentLabel(head?.source?.agent)],
    });
  const ofSaved = async (place: Place, archived: boolean): Promise<readonly SessionEntry[]> =>
    (await catalog.saved(place)).filter((entry) => (entry.head?.archived === true) === archived && isShown(entry));
  return {
    live: async (place) => (await catalog.live(place)).filter(isLiveShown),
    saved: (place) => ofSaved(place, false),
    archived: (place) => ofSaved(place, true),
    trash: async (place) =>
      (await catalog.trash(place)).filter(({ name }) => isFound(filter.filter, { texts: [name] })),
    async count() {
      let shown = 0;
      let all = 0;
      for (const place of places.all()) {
        const [live, saved] = await Promise.all([catalog.live(place), catalog.saved(place)]);
        all += live.length + saved.length;
        shown += live.filter(isLiveShown).length + saved.filter(isShown).length;
      }
      return { shown, all };
    },
  };
}
