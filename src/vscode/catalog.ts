import {
  type Disposable,
  type Event,
  EventEmitter,
  type LogOutputChannel,
  RelativePattern,
  Uri,
  workspace,
} from 'vscode';
import { type Agent, type AgentId, agents, type LiveSession } from '../agents/index.ts';
import type { SessionEntry, TrashEntry } from '../core/index.ts';
import type { Place, Places } from './places.ts';
import { whenMade } from './whenMade.ts';

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
/** Among thousands of sessions to look for them takes a while: the next news waits so many times as long. */
const PAUSE = 5;
const MAX_PAUSE_MS = 10_000;

interface Lists {
  saved?: Promise<readonly SessionEntry[]>;
  live?: Promise<readonly LiveSession[]>;
  trash?: Promise<readonly TrashEntry[]>;
  /** What `live` is made of: an agent's folder that did not change is not looked through again. */
  readonly found: Map<AgentId, Promise<readonly LiveSession[]>>;
}
type Kind = Exclude<keyof Lists, 'found'>;

export function createCatalog(places: Places, log: LogOutputChannel): Catalog {
  const changed = new EventEmitter<void>();
  let lists = new WeakMap<Place, Lists>();
  let stale = new Set<Kind>();
  let staleAgents: Set<AgentId> | 'all' = new Set();
  let tookMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let storeWatchers: Disposable[] = [];
  let agentWatchers: Disposable[] = [];
  const watchers = new Set<string>();

  const of = (place: Place): Lists => {
    const held = lists.get(place) ?? { found: new Map() };
    lists.set(place, held);
    return held;
  };
  const tellSoon = (): void => {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        for (const place of places.all()) {
          for (const kind of stale) delete of(place)[kind];
          const { found } = of(place);
          if (staleAgents === 'all') found.clear();
          else for (const id of staleAgents) found.delete(id);
        }
        stale = new Set();
        staleAgents = new Set();
        changed.fire();
      },
      stale.has('live') ? Math.min(MAX_PAUSE_MS, Math.max(QUIET_MS, tookMs * PAUSE)) : QUIET_MS,
    );
  };
  const forget = (...kinds: readonly Kind[]): void => {
    for (const kind of kinds) stale.add(kind);
    tellSoon();
  };
  const forgetLive = (of: Iterable<Agent> | 'all'): void => {
    if (of === 'all') staleAgents = 'all';
    else if (staleAgents !== 'all') for (const { id } of of) staleAgents.add(id);
    forget('live');
  };

  const watch = (pattern: RelativePattern, tell: () => void): Disposable[] => {
    const watcher = workspace.createFileSystemWatcher(pattern);
    return [watcher, watcher.onDidCreate(tell), watcher.onDidChange(tell), watcher.onDidDelete(tell)];
  };
  const tellSaved = () => forget('saved', 'trash');
  const watchStores = (): void => {
    for (const one of storeWatchers) one.dispose();
    storeWatchers = places
      .all()
      .flatMap((place) => [
        ...watch(new RelativePattern(place.folder, `${place.sessionsFolder}/*.{json,jsonl}`), tellSaved),
        ...watch(new RelativePattern(place.folder, place.sessionsFolder), tellSaved),
      ]);
  };
  const watchAgents = (): void => {
    for (const one of agentWatchers) one.dispose();
    agentWatchers = [];
    if (watchers.size === 0) return;
    const patterns = new Map<string, { readonly pattern: RelativePattern; readonly of: Set<Agent> }>();
    for (const { where, path } of places.all()) {
      for (const agent of agents) {
        for (const root of agent.watchRoots(where, path)) {
          const key = `${root}\n${agent.watched}`;
          const pattern = new RelativePattern(Uri.file(root), agent.watched);
          const known = patterns.get(key) ?? { pattern, of: new Set() };
          known.of.add(agent);
          patterns.set(key, known);
        }
      }
    }
    for (const { pattern, of } of patterns.values()) agentWatchers.push(...watch(pattern, () => forgetLive(of)));
    const roots = new Set([...patterns.values()].map(({ pattern }) => pattern.baseUri.fsPath));
    agentWatchers.push(
      whenMade([...roots], () => {
        watchAgents();
        forgetLive('all');
      }),
    );
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
  const remember = <K extends Kind>(
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

  const findOf = async (agent: Agent, place: Place): Promise<readonly LiveSession[]> => {
    try {
      return await agent.find(place.where, place.path);
    } catch (error) {
      // One agent's unreadable folder must not hide the other's sessions.
      log.error(`Looking for sessions of ${agent.label}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  };
  const findLive = async (place: Place): Promise<readonly LiveSession[]> => {
    const { found } = of(place);
    const started = performance.now();
    const all = await Promise.all(
      agents.map((agent) => {
        const finding = found.get(agent.id) ?? findOf(agent, place);
        found.set(agent.id, finding);
        return finding;
      }),
    );
    tookMs = performance.now() - started;
    return all.flat().sort((a, b) => b.changedAt - a.changedAt);
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
      if (is) forgetLive('all');
    },
    onDidChange: changed.event,
    dispose() {
      clearTimeout(timer);
      for (const one of [listening, ...storeWatchers, ...agentWatchers]) one.dispose();
      changed.dispose();
    },
  };
}
