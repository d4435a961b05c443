import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Disposable } from 'vscode';
import { followedSession, importTranscript, type LiveSession } from '../../agents/index.ts';
import { createPulse, createReadCache, type Lease, type Pulse } from '../../core/index.ts';
import { PROGRAM } from '../driving/driver.ts';
import { whereIs } from '../driving/whereIs.ts';
import { now, type Place, random } from '../places.ts';
import { liveTitle } from '../views/sessionItems.ts';
import { applyReadCache } from './applyReadCache.ts';
import { Journal } from './journal.ts';
import { type SaveAllParts, savesAll } from './saveAll.ts';
import { type FollowedSession, SessionFollower } from './sessionFollower.ts';

/** So many are followed at once; the one that has been quiet for longest makes room. */
const MAX_FOLLOWED = 16;
/** A session that has been quiet for this long is let go; its next change takes it up again. */
const IDLE_MS = 5 * 60_000;
/** A session that changed shortly before is one that is under way. */
const RECENT_MS = 5 * 60_000;
/** The lists are looked at no more often. */
const PAUSE_MS = 1000;
const ATTEMPTS = 5;

interface Kept {
  readonly place: Place;
  readonly sessionId: string;
  readonly session: FollowedSession;
  readonly follower: SessionFollower;
  /** Keeps the other windows of this folder from doing the same. It is none of the session: who loads that is not asked. */
  readonly lease: Lease;
  /** ms since the epoch */
  grewAt: number;
}

/** Somebody has loaded the session, and follows it too, or has deleted or renamed it. */
class NotOurs extends Error {}

/**
 * Keeps every live session of the folders on disk that changes, each in a snapshot of its own, but for the active one.
 * Owns their followers and journals; shows nothing.
 */
export class AutoSaveAll implements Disposable {
  readonly #parts: SaveAllParts;
  readonly #listening: readonly Disposable[];
  readonly #pulse: Pulse;
  readonly #idle: NodeJS.Timeout;
  readonly #kept = new Map<string, Kept>();
  /** The change of each live session that was dealt with last, ms since the epoch. */
  readonly #seen = new Map<string, number>();
  /** Saved once: where it is gone since, somebody has deleted it, and it is not saved anew. */
  readonly #savedOnce = new Set<string>();
  readonly #since: number;
  #closed = false;

  constructor(parts: SaveAllParts) {
    this.#parts = parts;
    this.#since = now() - RECENT_MS;
    const { active, catalog } = parts;
    this.#pulse = createPulse(() => this.#look(), {
      delayMs: 0,
      pauseMs: PAUSE_MS,
      onError: (error) => this.#warn(error),
    });
    this.#idle = setInterval(() => this.#letIdleGo(), IDLE_MS / 5);
    catalog.watchAgents('auto-save', true);
    this.#listening = [
      catalog.onDidChange(() => this.#pulse.nudge()),
      active.onDidChangeActive((session) => {
        for (const [key, { sessionId }] of this.#kept) if (sessionId === session?.body.session_id) this.#yield(key);
      }),
    ];
    this.#pulse.nudge();
  }

  /** An agent may have done something. */
  async look(): Promise<void> {
    this.#pulse.nudge();
    await Promise.all([...this.#kept.values()].map(({ follower }) => follower.look()));
  }

  dispose(): void {
    void this.close().catch((error) => this.#warn(error));
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#pulse.close();
    clearInterval(this.#idle);
    for (const one of this.#listening) one.dispose();
    this.#parts.catalog.watchAgents('auto-save', false);
    const all = [...this.#kept.values()];
    this.#kept.clear();
    await Promise.all(all.map(end));
  }

  async #look(): Promise<void> {
    for (const place of this.#parts.places.all()) {
      if (!savesAll(place, this.#parts.settings)) {
        for (const [key, kept] of this.#kept) if (kept.place === place) this.#letGo(key);
        continue;
      }
      for (const live of await this.#parts.catalog.live(place)) {
        if (this.#closed) return;
        const key = keyOf(place, live);
        if (live.changedAt <= (this.#seen.get(key) ?? this.#since)) continue;
        this.#seen.set(key, live.changedAt);
        if (this.#kept.has(key) || this.#isActive(place, live)) continue;
        try {
          await this.#take(key, place, live);
        } catch (error) {
          if (!(error instanceof NotOurs)) this.#warn(error);
        }
      }
    }
    // Folders that are closed now.
    const open = new Set(this.#parts.places.all());
    for (const [key, { place }] of this.#kept) if (!open.has(place)) this.#letGo(key);
  }

  async #take(key: string, place: Place, live: LiveSession): Promise<void> {
    const taken = await place.store.takeLease(`auto-${hash(`${live.agent}\n${live.nativeId}`)}`, { program: PROGRAM });
    if (taken.kind !== 'taken') return;
    const { lease } = taken;
    const kept = await this.#follow(key, place, live, lease).catch(async (error) => {
      await lease.release();
      throw error;
    });
    if (kept === undefined) return lease.release();
    if (this.#closed) return end(kept);
    this.#kept.set(key, kept);
    kept.follower.watch();
    await kept.follower.look();
    const quietest = [...this.#kept].sort(([, a], [, b]) => a.grewAt - b.grewAt)[0];
    if (this.#kept.size > MAX_FOLLOWED && quietest) this.#letGo(quietest[0]);
  }

  async #follow(key: string, place: Place, live: LiveSession, lease: Lease): Promise<Kept | undefined> {
    const name = await this.#savedName(key, place, live);
    if (name === undefined) return undefined;
    this.#savedOnce.add(key);
    const session = await openQuietly(place, name, this.#parts);
    if (session === undefined) return undefined;
    const sessionId = session.body.session_id;
    const follower = new SessionFollower({
      session,
      every: () => this.#parts.settings.everyMessages.value(place.folder.uri),
      onEvents: async () => {
        // Under its name another one may lie by now.
        const isHere = (await whereIs(session)).kind === 'here';
        if (!isHere || (await place.store.leaseHolder(sessionId))) throw new NotOurs();
      },
      onOutcome: (outcome) => {
        const kept = this.#kept.get(key);
        if (kept && outcome === 'grown') kept.grewAt = now();
        if (outcome === 'replaced') this.#letGo(key);
      },
      onError: (error) => {
        if (error instanceof NotOurs) this.#yield(key);
        else session.warn(error);
      },
    });
    session.journal.onNews((news) => {
      if (news.type !== 'failed') return;
      this.#parts.log.warn(`${name} is not saved: ${news.reason}`);
      // Renamed or deleted: its agent's next change tells.
      if (news.missing === true) this.#letGo(key);
    });
    const kept: Kept = { place, sessionId, session, follower, lease, grewAt: now() };
    if ((await place.store.leaseHolder(sessionId)) === undefined && (await follower.open())) return kept;
    await follower.close();
    await session.journal.close();
    return undefined;
  }

  /** The saved session of a live one; a new one where there is none yet. Undefined where it is not to be written. */
  async #savedName(key: string, place: Place, live: LiveSession): Promise<string | undefined> {
    const saved = (await place.store.list()).find(({ head }) => {
      const native = head && followedSession(head);
      return native?.agent === live.agent && native.id === live.nativeId;
    });
    if (saved) return saved.readOnly ? undefined : saved.name;
    if (this.#savedOnce.has(key)) return undefined;
    const name = await saveNew(place, live, this.#parts.log);
    if (name !== undefined) this.#parts.catalog.refresh();
    return name;
  }

  #isActive(place: Place, live: LiveSession): boolean {
    const { current } = this.#parts.active;
    const native = current?.place === place ? followedSession(current.body) : undefined;
    return native?.agent === live.agent && native.id === live.nativeId;
  }

  #letIdleGo(): void {
    for (const [key, { grewAt }] of this.#kept) if (now() - grewAt > IDLE_MS) this.#letGo(key);
  }

  #letGo(key: string): void {
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    if (kept) void end(kept).catch((error) => this.#warn(error));
  }

  /** Who drives the session finds in the transcript what was not written yet, and writes it. */
  #yield(key: string): void {
    this.#kept.get(key)?.session.journal.abandon();
    this.#letGo(key);
  }

  #warn(error: unknown): void {
    this.#parts.log.warn(`Auto-save of all sessions: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
  }
}

async function end({ follower, session, lease }: Kept): Promise<void> {
  await follower.close();
  await session.journal.close();
  await lease.release();
}

function keyOf(place: Place, { agent, nativeId }: LiveSession): string {
  return [place.path, agent, nativeId].join('\n');
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** The name that it was saved under; undefined where nothing was said in it yet. */
async function saveNew(place: Place, live: LiveSession, log: SaveAllParts['log']): Promise<string | undefined> {
  const imported = await importTranscript(live.transcript, {
    agent: live.agent,
    folder: place.path,
    store: place.store,
    now,
    random,
  });
  if (imported.kind !== 'imported' || imported.session.history.length === 0) return undefined;
  const { body, history } = imported.session;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const name = await place.store.freeName(liveTitle(live));
    const outcome = await place.store.save(name, { body: { ...body, name }, history }, undefined);
    if (outcome.kind === 'saved') return name;
    // Somebody took the free name between the two calls.
    if (outcome.kind === 'exists') continue;
    log.warn(`${name} was not saved: ${JSON.stringify(outcome)}`);
    return undefined;
  }
  return undefined;
}

/** A saved session with its journal, that nobody looks at. */
async function openQuietly(
  place: Place,
  name: string,
  { settings, log }: SaveAllParts,
): Promise<FollowedSession | undefined> {
  const opened = await place.store.open(name);
  if (opened.kind !== 'open') return undefined;
  const { body, readOnly } = opened.document;
  await opened.document.close();
  if (readOnly) return undefined;
  const { size } = await stat(path.join(place.store.root, `${name}.json`));
  const may = () => savesAll(place, settings);
  const cache = createReadCache(place.path, body.read_cache);
  return {
    place,
    name,
    body,
    cache,
    journal: new Journal(place.store, name, size, { mayAppend: may, mayFold: may }),
    apply: (events) => void applyReadCache(cache, events),
    warn: (error) => log.warn(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  };
}
