import os from 'node:os';
import { type Disposable, type LogOutputChannel, l10n } from 'vscode';
import { createPulse, type LeaseHolder, type Pulse } from '../../core/index.ts';
import type { Catalog } from '../catalog.ts';
import { contextKey } from '../contextKey.ts';
import { writeFailureReason } from '../failureWords.ts';
import { contextKeys } from '../ids.ts';
import { statusMessage } from '../say.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import type { ActiveSessions } from '../session/activeSessions.ts';
import type { Settings } from '../settings.ts';
import { type Driver, driverAfter, type HeldLease, letGo, takeSession } from './driver.ts';
import { Following } from './following.ts';
import { tellGone, tellTakenOver } from './tellDriving.ts';
import { whereIs } from './whereIs.ts';

/** A window that has lost the lease learns it this soon, and stops. */
const LOOK_MS = 1000;
/** So long after a takeover, the one before may still append what it had not written. */
const LATE_MS = 10_000;
/** A file that is gone may come back: some programs replace by deleting first. */
const GONE_MS = 1000;

export interface DrivingParts {
  readonly active: ActiveSessions;
  readonly catalog: Catalog;
  readonly settings: Settings;
  readonly log: LogOutputChannel;
  /** The active session was read anew from the disk. */
  readonly onRead: () => void;
}

/**
 * Knows who drives the active session and keeps this window to it: it drives while it has the lease, and follows while
 * another one has it. Also sees a session that others renamed or deleted. Takes nothing over by itself: a person does.
 */
export class Driving implements Disposable {
  readonly #parts: DrivingParts;
  readonly #listening: readonly Disposable[];
  readonly #followingKey = contextKey(contextKeys.following);
  /** Looks where the session's file is. Made with the first session: until then the core is not even loaded. */
  #search: Pulse | undefined;
  #session: ActiveSession | undefined;
  #name = '';
  #driver: Driver | undefined;
  #following: Following | undefined;
  #looking: NodeJS.Timeout | undefined;
  #late: NodeJS.Timeout | undefined;
  #goneSince: number | undefined;
  #wantsLease = false;

  constructor(parts: DrivingParts) {
    this.#parts = parts;
    const { active, catalog, settings, log } = parts;
    this.#listening = [
      active.onDidChangeActive((session) => this.#update(session)),
      active.onDidUpdate((session) => this.#update(session)),
      active.onNews((news) => {
        if (news.type === 'failed' && news.missing === true) this.#searchSoon();
      }),
      catalog.onDidChange(() => {
        if (this.#session) this.#searchSoon();
      }),
      settings.enabled.onDidChange(() => void this.#switched().catch((error: unknown) => log.warn(String(error)))),
    ];
  }

  dispose(): void {
    for (const one of this.#listening) one.dispose();
    this.#search?.close();
    this.#stop();
  }

  #searchSoon(): void {
    this.#search ??= createPulse(() => this.#find(), { onError: (error) => this.#parts.log.warn(String(error)) });
    this.#search.nudge();
  }

  #update(session: ActiveSession | undefined): void {
    this.#followingKey.set(session?.follows === true);
    if (session === this.#session && session?.driver === this.#driver && session?.name === this.#name) return;
    const tookOver = session !== undefined && session === this.#session && this.#driver?.kind !== 'me';
    this.#stop();
    this.#session = session;
    this.#driver = session?.driver;
    this.#name = session?.name ?? '';
    if (!session) return;
    const { driver } = session;
    if (driver.kind !== 'me') {
      this.#wantsLease = false;
      this.#following = new Following(session, {
        onHolder: (holder) => this.#heldBy(session, holder),
        onRead: this.#parts.onRead,
      });
      return;
    }
    const { held } = driver;
    if (held) {
      void held.lost.then((by) => this.#lost(session, held, by)).catch(session.warn);
      // Asking tells of a loss.
      this.#looking = setInterval(() => void held.lease.isMine().catch(session.warn), LOOK_MS);
    }
    if (tookOver) {
      this.#following = new Following(session, { onRead: this.#parts.onRead });
      this.#late = setTimeout(() => this.#following?.dispose(), LATE_MS);
    }
  }

  #stop(): void {
    clearInterval(this.#looking);
    clearTimeout(this.#late);
    this.#following?.dispose();
    this.#following = undefined;
    this.#goneSince = undefined;
  }

  /** What a follower finds in the lease. */
  #heldBy(session: ActiveSession, holder: LeaseHolder | undefined): void {
    const { driver } = session;
    const before = driver.kind === 'other' ? driver.holder.id : undefined;
    if (this.#session !== session || driver.kind === 'me' || holder?.id === before) return;
    void session.drivenBy(holder ? { kind: 'other', holder } : { kind: 'nobody' }).catch(session.warn);
    if (holder) return;
    statusMessage(l10n.t('Nobody drives {0} any more. Click it in the status bar to go on here.', session.name), 5000);
  }

  async #lost(session: ActiveSession, held: HeldLease, by: LeaseHolder | undefined): Promise<void> {
    const { driver } = session;
    if (this.#session !== session || driver.kind !== 'me' || driver.held !== held) return;
    if (by) {
      await session.drivenBy({ kind: 'other', holder: by });
      return tellTakenOver(session, by);
    }
    // Nobody took it: its file was removed, perhaps with the whole folder, which is not made anew for a lease.
    await session.drivenBy({ kind: 'me', held: undefined });
    this.#wantsLease = true;
    this.#searchSoon();
  }

  /** Takes the lease again that was let go while sessions were turned off, or lost with its file. */
  async #takeAgain(session: ActiveSession): Promise<void> {
    const { driver, place, body } = session;
    if (!this.#wantsLease || driver.kind !== 'me' || driver.held || !session.mayWrite()) return;
    this.#wantsLease = false;
    const { log } = this.#parts;
    const found = await takeSession(place, body.session_id);
    // A folder that was moved away and back has the lease that this window held before.
    const isOwn = found.kind === 'held' && found.holder.pid === process.pid && found.holder.host === os.hostname();
    const next = driverAfter(isOwn ? await takeSession(place, body.session_id, true) : found, log);
    if (this.#session !== session || session.driver !== driver) return letGo(next);
    await session.drivenBy(next);
    if (next.kind === 'other') await tellTakenOver(session, next.holder);
  }

  /** Where sessions are turned off nothing is written, so nothing is held either. */
  async #switched(): Promise<void> {
    const session = this.#session;
    if (session?.driver.kind !== 'me' || session.readOnly) return;
    if (session.mayWrite()) return this.#takeAgain(session);
    const { driver } = session;
    this.#wantsLease = true;
    await session.drivenBy({ kind: 'me', held: undefined });
    await letGo(driver);
  }

  async #find(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    const found = await whereIs(session);
    if (this.#session !== session) return;
    switch (found.kind) {
      case 'here':
        this.#goneSince = undefined;
        return this.#takeAgain(session);
      case 'unknown': {
        this.#goneSince = undefined;
        const { failure } = session.journal;
        if (failure) session.tell({ type: 'failed', reason: writeFailureReason(failure) });
        return;
      }
      case 'renamed':
        this.#goneSince = undefined;
        session.rename(found.name);
        if (!session.follows) await session.journal.flush();
        return;
      case 'gone': {
        const at = performance.now();
        this.#goneSince ??= at;
        if (at - this.#goneSince < GONE_MS) {
          setTimeout(() => this.#searchSoon(), GONE_MS);
          return;
        }
        await this.#parts.active.abandon();
        await tellGone(session, found.trash);
      }
    }
  }
}
