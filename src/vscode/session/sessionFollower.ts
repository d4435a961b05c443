import { join } from 'node:path';
import { fileOf, hookFolders, NEWS } from '../../agents/index.ts';
import { createPulse, type FileWatcher, type Pulse, type SessionEvent, watchFiles } from '../../core/index.ts';
import type { Journal } from './journal.ts';
import { type Followable, type Followed, openFollower } from './openFollower.ts';

/** A look at a file's size, for what the watcher missed. */
const LOOK_MS = 3000;
/** The agent has been quiet for this long: what waits for more messages waits no longer. */
const QUIET_MS = 5000;
/** A transcript that is gone is looked for elsewhere at once, and then this often. */
const SEARCH_MS = 30_000;
/** After a failure, tried again by itself this often. */
const RETRY_MS = 30_000;

/** A saved session whose journal takes what its agent does. */
export interface FollowedSession extends Followable {
  readonly journal: Journal;
  /** What the agent read and wrote since counts from now on. */
  apply(events: readonly SessionEvent[]): void;
  /** For what failed beside the thing that was asked for. */
  readonly warn: (error: unknown) => void;
}

export interface SessionFollowerOptions {
  readonly session: FollowedSession;
  /** How many new messages are worth a write. */
  readonly every: () => number;
  /** Takes events before the journal does; may reject, and then they come again. */
  readonly onEvents?: (events: readonly SessionEvent[]) => void | Promise<void>;
  readonly onOutcome: (outcome: 'grown' | 'missing' | 'replaced') => void;
  /** A look by itself failed; the next one comes in a while. */
  readonly onError: (error: unknown) => void;
}

/**
 * Follows the agent of one saved session and hands what it does to the session's journal. Owns the follower, its
 * watcher and timers; does not know how a journal is written, nor who shows what became of it.
 */
export class SessionFollower {
  readonly #options: SessionFollowerOptions;
  #followed: Followed | undefined;
  #watcher: FileWatcher | undefined;
  #pulse: Pulse | undefined;
  #looking: NodeJS.Timeout | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #waiting = 0;
  /** By `performance.now()`: a clock may be set back. */
  #retryAt = 0;
  #searchAt = 0;
  #closed = false;

  constructor(options: SessionFollowerOptions) {
    this.#options = options;
  }

  /** Finds the transcript and takes what is new in it. False where there is none that goes on with the session. */
  async open(): Promise<boolean> {
    this.#followed = await openFollower(this.#options.session, (events) => this.#take(events));
    if (this.#closed) await this.#followed?.follower.close();
    return this.#followed !== undefined && !this.#closed;
  }

  /** Looks again at every news of the transcript, and now and then. */
  watch(): void {
    const followed = this.#followed;
    if (!followed || this.#closed || this.#pulse) return;
    const file = fileOf(followed.agent, followed.transcript);
    // A database writes beside itself first.
    const files = file === followed.transcript ? [file] : [file, `${file}-wal`];
    const { onError, session } = this.#options;
    const { path, where } = session.place;
    // Where hooks are installed, they tell when a turn has ended.
    for (const folder of hookFolders(path, where.home)) files.push(join(folder, NEWS));
    // A transcript that takes long to read is read no more often than it can be.
    const pulse = createPulse(() => this.look(), { delayMs: 0, pauseMs: 0, onError });
    this.#pulse = pulse;
    this.#watcher = watchFiles(files, () => pulse.nudge(), session.warn);
    this.#looking = setInterval(() => pulse.nudge(), LOOK_MS);
  }

  async #unwatch(): Promise<void> {
    this.#pulse?.close();
    this.#pulse = undefined;
    clearInterval(this.#looking);
    await this.#watcher?.close();
  }

  /** Takes what is new; what could not be written is tried again when its time has come. */
  async look(): Promise<void> {
    const { journal } = this.#options.session;
    if (journal.failure && performance.now() < this.#retryAt) return;
    try {
      await this.#poll();
      if (journal.failure) await journal.flush();
    } catch (error) {
      this.#retryAt = performance.now() + RETRY_MS;
      this.#options.onError(error);
    }
  }

  /** Takes what is new and writes it, whatever `every` says. */
  async catchUp(): Promise<void> {
    await this.#poll();
    await this.#options.session.journal.flush();
    this.#waiting = 0;
  }

  retryNow(): void {
    this.#retryAt = 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#quiet);
    await Promise.all([this.#unwatch(), this.#followed?.follower.close()]);
  }

  async #poll(): Promise<void> {
    const outcome = await this.#followed?.follower.poll();
    if (this.#closed || (outcome?.kind === 'missing' && (await this.#isElsewhere()))) return;
    switch (outcome?.kind) {
      case undefined:
      case 'same':
      case 'closed':
        return;
      case 'grown':
      case 'missing':
      case 'replaced':
        this.#options.onOutcome(outcome.kind);
    }
  }

  /** What an agent has lost may have been written again under another name, or was moved: then that is followed. */
  async #isElsewhere(): Promise<boolean> {
    const before = this.#followed;
    if (!before || performance.now() < this.#searchAt) return false;
    this.#searchAt = performance.now() + SEARCH_MS;
    const found = await openFollower(this.#options.session, (events) => this.#take(events));
    if (!found || this.#closed || this.#followed !== before || found.transcript === before.transcript) {
      await found?.follower.close();
      return this.#closed;
    }
    this.#followed = found;
    await Promise.all([before.follower.close(), this.#pulse && this.#unwatch()]);
    this.watch();
    this.#options.onOutcome('grown');
    return true;
  }

  /** Events that cannot be written stay with the journal, so the follower need not tell them again. */
  async #take(events: readonly SessionEvent[]): Promise<void> {
    const { session, every, onEvents } = this.#options;
    await onEvents?.(events);
    session.apply(events);
    session.journal.hold(events);
    this.#waiting += events.filter(({ type }) => type === 'message').length;
    clearTimeout(this.#quiet);
    if (this.#waiting >= every()) {
      this.#waiting = 0;
      await session.journal.flush();
    } else if (!this.#closed) {
      this.#quiet = setTimeout(() => {
        this.#waiting = 0;
        void session.journal.flush().catch(session.warn);
      }, QUIET_MS);
    }
    if (session.journal.failure) this.#retryAt = performance.now() + RETRY_MS;
  }
}
