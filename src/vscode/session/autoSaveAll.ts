import { createHash } from 'node:crypto';
import type { Disposable } from 'vscode';
import { followedSession, type LiveSession } from '../../agents/index.ts';
import { createPulse, type Lease, type Pulse } from '../../core/index.ts';
import { PROGRAM } from '../driving/driver.ts';
import { whereIs } from '../driving/whereIs.ts';
import { now, type Place } from '../places.ts';
import { liveTitle } from '../views/sessionItems.ts';
import { createLiveNews } from './liveNews.ts';
import { openQuietly, saveNew } from './quietSession.ts';
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
/** What could not be saved, or is another one's for now, is tried again after so long, and then every now and then. */
const RETRY_MS = 30_000;
const TICK_MS = 60_000;

interface Kept {
  readonly place: Place;
  readonly sessionId: string;
  readonly session: FollowedSession;
  readonly follower: SessionFollower;
  /** Keeps the other windows of this folder from doing the same. It is none of the session: who loads that is not asked. */
  readonly lease: Lease;
  /** By `performance.now()`. */
  grewAt: number;
}

/** Somebody else has the session for now, and writes what there is to write. */
class Busy extends Error {}

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
  readonly #tick: NodeJS.Timeout;
  readonly #news = createLiveNews({ recentMs: RECENT_MS, now, elapsed: () => performance.now() });
  readonly #kept = new Map<string, Kept>();
  /** Let go, but not at their end yet. */
  readonly #ending = new Map<string, Promise<void>>();
  /** Saved once: where it is gone since, somebody has deleted it, and it is not saved anew. */
  readonly #savedOnce = new Set<string>();
  readonly #end = new AbortController();
  #looking: Promise<void> = Promise.resolve();

  constructor(parts: SaveAllParts) {
    this.#parts = parts;
    const { active, catalog } = parts;
    const look = (): Promise<void> => {
      this.#looking = this.#look();
      return this.#looking;
    };
    this.#pulse = createPulse(look, {
      delayMs: 0,
      pauseMs: PAUSE_MS,
      onError: (error) => this.#warn(error),
    });
    this.#tick = setInterval(() => {
      this.#letIdleGo();
      if (this.#news.waits) this.#pulse.nudge();
    }, TICK_MS);
    catalog.watchAgents('auto-save', true);
    this.#listening = [
      catalog.onDidChange(() => this.#pulse.nudge()),
      active.onDidChangeActive((session) => {
        for (const [key, { sessionId }] of this.#kept) if (sessionId === session?.body.session_id) this.#yield(key);
        // The one before is nobody's now.
        this.#pulse.nudge();
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
    this.#end.abort();
    this.#pulse.close();
    clearInterval(this.#tick);
    for (const one of this.#listening) one.dispose();
    this.#parts.catalog.watchAgents('auto-save', false);
    for (const key of this.#kept.keys()) this.#letGo(key, true);
    // What it rejects with was told where it began.
    await this.#looking.catch(() => undefined);
    await Promise.all(this.#ending.values());
  }

  get #closed(): boolean {
    return this.#end.signal.aborted;
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
        if (!this.#news.isNew(key, live.changedAt) || this.#isActive(place, live)) continue;
        this.#news.dealtWith(key, live.changedAt);
        if (!this.#kept.has(key)) await this.#tryToTake(key, place, live);
      }
    }
    // Folders that are closed now.
    const open = new Set(this.#parts.places.all());
    for (const [key, { place }] of this.#kept) if (!open.has(place)) this.#letGo(key);
  }

  async #tryToTake(key: string, place: Place, live: LiveSession): Promise<void> {
    try {
      await this.#ending.get(key);
      await this.#take(key, place, live);
    } catch (error) {
      if (this.#closed || error instanceof NotOurs) return;
      this.#news.again(key, RETRY_MS);
      if (!(error instanceof Busy)) this.#warn(error);
    }
  }

  async #take(key: string, place: Place, live: LiveSession): Promise<void> {
    const taken = await place.store.takeLease(`auto-${hash(`${live.agent}\n${live.nativeId}`)}`, { program: PROGRAM });
    if (taken.kind === 'held') throw new Busy();
    if (taken.kind !== 'taken') throw new Error(`${liveTitle(live)} is not saved: ${JSON.stringify(taken)}`);
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
    if (this.#kept.size > MAX_FOLLOWED && quietest) this.#letGo(quietest[0], true);
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
        if (kept && outcome === 'grown') kept.grewAt = performance.now();
        // It may be somewhere else: what an agent lost is written again under another name.
        if (outcome === 'missing') this.#letGo(key);
        // Other bytes, which may tell the same and more.
        if (outcome === 'replaced') this.#letGoAndLook(key);
      },
      onError: (error) => {
        if (error instanceof NotOurs) this.#yieldAndLook(key);
        else session.warn(error);
      },
    });
    session.journal.onNews((news) => {
      if (news.type !== 'failed') return;
      this.#parts.log.warn(`${name} is not saved: ${news.reason}`);
      if (news.missing === true) this.#yieldAndLook(key);
    });
    const kept: Kept = { place, sessionId, session, follower, lease, grewAt: performance.now() };
    const holder = await place.store.leaseHolder(sessionId);
    if (holder === undefined && (await follower.open())) return kept;
    await follower.close();
    await session.journal.close();
    if (holder !== undefined) throw new Busy();
    this.#parts.log.warn(`${name} is not saved: its agent's transcript does not go on with it`);
    return undefined;
  }

  /** The saved session of a live one; a new one where there is none yet. Undefined where it is not to be written. */
  async #savedName(key: string, place: Place, live: LiveSession): Promise<string | undefined> {
    const all = await place.store.list();
    const saved = all.find(({ head }) => {
      const native = head && followedSession(head);
      return native?.agent === live.agent && native.id === live.nativeId;
    });
    if (saved) return saved.readOnly ? undefined : saved.name;
    // Where all are gone, and nothing is in the trash, nobody has deleted one session.
    if (all.length === 0 && (await place.store.listTrash()).length === 0) this.#forgetSaved(place);
    if (this.#savedOnce.has(key)) return undefined;
    const name = await saveNew(place, live, this.#end.signal);
    if (name !== undefined) this.#parts.catalog.refresh();
    return name;
  }

  #isActive(place: Place, live: LiveSession): boolean {
    const { current } = this.#parts.active;
    const native = current?.place === place ? followedSession(current.body) : undefined;
    return native?.agent === live.agent && native.id === live.nativeId;
  }

  #letIdleGo(): void {
    for (const [key, { grewAt }] of this.#kept) if (performance.now() - grewAt > IDLE_MS) this.#letGo(key, true);
  }

  /** `looks`: what its agent has done by now still counts. */
  #letGo(key: string, looks = false): void {
    const kept = this.#kept.get(key);
    if (!kept) return;
    this.#kept.delete(key);
    const ending = (looks ? kept.follower.look() : Promise.resolve())
      .then(() => end(kept))
      .catch((error) => this.#warn(error))
      .finally(() => this.#ending.delete(key));
    this.#ending.set(key, ending);
  }

  /** Who drives the session finds in the transcript what was not written yet, and writes it. */
  #yield(key: string): void {
    this.#kept.get(key)?.session.journal.abandon();
    this.#letGo(key);
  }

  /** Its file is not where it was: renamed, it is followed under its new name. */
  #yieldAndLook(key: string): void {
    this.#kept.get(key)?.session.journal.abandon();
    this.#letGoAndLook(key);
  }

  #letGoAndLook(key: string): void {
    this.#letGo(key);
    if (this.#closed) return;
    this.#news.again(key, 0);
    this.#pulse.nudge();
  }

  #forgetSaved(place: Place): void {
    for (const key of this.#savedOnce) if (key.startsWith(`${place.path}\n`)) this.#savedOnce.delete(key);
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
