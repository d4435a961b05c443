import {
  type Disposable,
  type Event,
  EventEmitter,
  type LogOutputChannel,
  RelativePattern,
  Uri,
  workspace,
} from 'vscode';
import { agents, type LiveSession } from '../agents/index.ts';
import type { SessionEntry, TrashEntry } from '../core/index.ts';
import type { Place, Places } from './places.ts';

/** What the lists show, each read once until a watcher (or a person) says that it may be different now. */
export interface Catalog extends Disposable {
  saved(place: Place): Promise<readonly SessionEntry[]>;
  live(place: Place): Promise<readonly LiveSession[]>;
  trash(place: Place): Promise<readonly TrashEntry[]>;
  /** Forgets what was read and tells the listeners. */
  refresh(): void;
  /** Watches the agents' folders only while somebody, by any name, wants to know. */
  watchAgents(who: string, on: boolean): void;
  readonly onDidChange: Event<void>;
}

/** A burst of file events is one change: agents write many lines per turn. */
const QUIET_MS = 300;

interface Lists {
  saved?: Promise<readonly SessionEntry[]>;
  live?: Promise<readonly LiveSession[]>;
  trash?: Promise<readonly TrashEntry[]>;
}

export function createCatalog(places: Places, log: LogOutputChannel): Catalog {
  const changed = new EventEmitter<void>();
  let lists = new WeakMap<Place, Lists>();
  let stale = new Set<keyof Lists>();
  let timer: NodeJS.Timeout | undefined;
  let storeWatchers: Disposable[] = [];
  let agentWatchers: Disposable[] = [];
  const watchers = new Set<string>();

  const of = (place: Place): Lists => {
    const held = lists.get(place) ?? {};
    lists.set(place, held);
    return held;
  };
  const forget = (...kinds: readonly (keyof Lists)[]): void => {
    for (const kind of kinds) stale.add(kind);
    timer ??= setTimeout(() => {
      timer = undefined;
      for (const place of places.all()) for (const kind of stale) delete of(place)[kind];
      stale = new Set();
      changed.fire();
    }, QUIET_MS);
  };

  const watch = (pattern: RelativePattern, ...kinds: readonly (keyof Lists)[]): Disposable[] => {
    const watcher = workspace.createFileSystemWatcher(pattern);
    const tell = () => forget(...kinds);
    return [watcher, watcher.onDidCreate(tell), watcher.onDidChange(tell), watcher.onDidDelete(tell)];
  };
  const watchStores = (): void => {
    for (const one of storeWatchers) one.dispose();
    storeWatchers = places
      .all()
      .flatMap((place) => [
        ...watch(new RelativePattern(place.folder, `${place.sessionsFolder}/*.{json,jsonl}`), 'saved', 'trash'),
        ...watch(new RelativePattern(place.folder, place.sessionsFolder), 'saved', 'trash'),
      ]);
  };
  const watchAgents = (): void => {
    for (const one of agentWatchers) one.dispose();
    agentWatchers = [];
    if (watchers.size === 0) return;
    const patterns = new Map(
      places
        .all()
        .flatMap(({ where, path }) =>
          agents.flatMap((agent) =>
            agent
              .watchRoots(where, path)
              .map((root) => [`${root}\n${agent.watched}`, { root, glob: agent.watched }] as const),
          ),
        ),
    );
    for (const { root, glob } of patterns.values())
      agentWatchers.push(...watch(new RelativePattern(Uri.file(root), glob), 'live'));
  };
  const rewatch = (): void => {
    lists = new WeakMap();
    watchStores();
    watchAgents();
    changed.fire();
  };
  watchStores();
  const listening = places.onDidChange(rewatch);

  /** A list that could not be read is not remembered, so that the next look tries again. */
  const remember = <K extends keyof Lists>(
    place: Place,
    kind: K,
    read: () => NonNullable<Lists[K]>,
  ): NonNullable<Lists[K]> => {
    const held = of(place);
    const known = held[kind];
    if (known) return known;
    const reading = read();
    held[kind] = reading;
    reading.catch(() => {
      if (held[kind] === reading) delete held[kind];
    });
    return reading;
  };

  const findLive = async (place: Place): Promise<readonly LiveSession[]> => {
    const found = await Promise.all(
      agents.map(async (agent) => {
        try {
          return await agent.find(place.where, place.path);
        } catch (error) {
          // One agent's unreadable folder must not hide the other's sessions.
          log.error(
            `Looking for sessions of ${agent.label}: ${error instanceof Error ? error.message : String(error)}`,
          );
          return [];
        }
      }),
    );
    return found.flat().sort((a, b) => b.changedAt - a.changedAt);
  };

  return {
    saved: (place) => remember(place, 'saved', () => place.store.list()),
    live: (place) => remember(place, 'live', () => findLive(place)),
    trash: (place) => remember(place, 'trash', () => place.store.listTrash()),
    refresh() {
      lists = new WeakMap();
      changed.fire();
    },
    watchAgents(who, on) {
      const was = watchers.size > 0;
      if (on) watchers.add(who);
      else watchers.delete(who);
      const is = watchers.size > 0;
      if (is === was) return;
      watchAgents();
      // While nobody looked, nothing was watched.
      if (is) forget('live');
    },
    onDidChange: changed.event,
    dispose() {
      clearTimeout(timer);
      for (const one of [listening, ...storeWatchers, ...agentWatchers]) one.dispose();
      changed.dispose();
    },
  };
}
