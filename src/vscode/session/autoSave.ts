import { type Disposable, type LogOutputChannel, l10n, window, workspace } from 'vscode';
import { type SessionEvent, watchFiles } from '../../core/index.ts';
import { ioReason, writeFailureReason } from '../failureWords.ts';
import type { Settings } from '../settings.ts';
import type { ActiveSession } from './activeSession.ts';
import type { ActiveSessions } from './activeSessions.ts';
import { type Followed, openFollower } from './openFollower.ts';
import { tellNotSaved } from './tellNotSaved.ts';

/** A look at a file's size, for what the watcher missed. */
const LOOK_MS = 3000;
/** The agent has been quiet for this long: what waits for more messages waits no longer. */
const QUIET_MS = 5000;
/** A session whose agent keeps no transcript is looked for again this often, at most. */
const SEARCH_MS = 5000;
/** After a failure, tried again by itself this often. */
const RETRY_MS = 30_000;

export interface AutoSaveParts {
  readonly active: ActiveSessions;
  readonly settings: Settings;
  readonly log: LogOutputChannel;
}

/**
 * Keeps the active session on disk while its agent goes on: follows the transcript and hands every turn to the
 * session's journal. Owns the follower and its timers; does not know how a journal is written.
 */
export class AutoSave implements Disposable {
  readonly #parts: AutoSaveParts;
  readonly #listening: readonly Disposable[];
  #session: ActiveSession | undefined;
  #followed: Followed | undefined;
  #watcher: { close(): Promise<void> } | undefined;
  #waiting = 0;
  #looking: NodeJS.Timeout | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #retryAt = 0;
  #searchAt = 0;
  /** Whether the session was to be followed when it was looked at last. */
  #attached = false;
  #told = false;
  #attaching: Promise<void> = Promise.resolve();

  constructor(parts: AutoSaveParts) {
    this.#parts = parts;
    const { active, settings } = parts;
    this.#listening = [
      active.onDidChangeActive((session) => this.#attach(session)),
      active.onDidUpdate((session) => {
        // `Continue` was chosen, or another one drives from now on.
        if (this.#maySave(session) !== this.#attached) this.#attach(session);
      }),
      active.onNews((news) => {
        // A check has ended: its agent may have been started meanwhile.
        if (news.type === 'stale' && this.#attached && !this.#followed && Date.now() >= this.#searchAt)
          this.#attach(active.current);
        // A file that is not there may have another name by now: `Driving` finds out, and says what is to be said.
        if (news.type === 'failed' && news.missing !== true) this.#tellOnce(news.reason);
        if (news.type === 'verified') this.#told = false;
      }),
      settings.autoSave.onDidChange(() => this.#attach(active.current)),
      settings.enabled.onDidChange(() => this.#attach(active.current)),
      workspace.onDidGrantWorkspaceTrust(() => this.#attach(active.current)),
      window.onDidChangeWindowState(({ focused }) => {
        if (focused) void this.#look();
      }),
    ];
  }

  /** Why the last write failed, in words; undefined when it did not. */
  get lastFailure(): string | undefined {
    const failure = this.#session?.journal.failure;
    return failure && writeFailureReason(failure);
  }

  /** Reads what the transcript has now and writes it, whatever `everyMessages` says. */
  async catchUp(): Promise<void> {
    await this.#attaching;
    const session = this.#parts.active.current;
    if (!session || session.follows) return session?.journal.flush();
    if (this.#followed) {
      await this.#poll();
    } else {
      // Auto-save is off: one look. Opening a follower reads what is new.
      const once = await openFollower(session, (events) => this.#take(session, events));
      await once?.follower.close();
    }
    await session.journal.flush();
    this.#waiting = 0;
  }

  /** Writes what could not be written; a failure is told again, since somebody asked. */
  async retry(): Promise<void> {
    this.#told = false;
    this.#retryAt = 0;
    const session = this.#parts.active.current;
    if (!session) return;
    if (!this.#followed) this.#attach(session);
    await this.catchUp();
    if (!session.journal.failure) await session.journal.verify();
  }

  dispose(): void {
    for (const one of this.#listening) one.dispose();
    this.#detach();
  }

  #attach(session: ActiveSession | undefined): void {
    this.#detach();
    this.#session = session;
    this.#attached = session !== undefined && this.#maySave(session);
    if (!session || !this.#attached) return;
    this.#searchAt = Date.now() + SEARCH_MS;
    this.#attaching = this.#attaching.then(() => this.#follow(session)).catch((error) => this.#failed(error));
  }

  #maySave(session: ActiveSession): boolean {
    return !session.waits && session.mayWrite() && this.#parts.settings.autoSave.value(session.place.folder.uri);
  }

  async #follow(session: ActiveSession): Promise<void> {
    if (this.#session !== session || this.#followed) return;
    const followed = await openFollower(session, (events) => this.#take(session, events));
    if (!followed) {
      this.#parts.log.info(`${session.name}: no transcript to follow`);
      return;
    }
    if (this.#session !== session) return followed.follower.close();
    this.#followed = followed;
    this.#watcher = watchFiles([followed.transcript], () => void this.#look(), session.warn);
    this.#looking = setInterval(() => void this.#look(), LOOK_MS);
    await this.#look();
  }

  #detach(): void {
    clearInterval(this.#looking);
    clearTimeout(this.#quiet);
    this.#waiting = 0;
    this.#told = false;
    const { log } = this.#parts;
    const closed = [this.#watcher?.close(), this.#followed?.follower.close()];
    void Promise.all(closed).catch((error: unknown) => log.warn(`Auto-save did not end cleanly: ${String(error)}`));
    this.#watcher = undefined;
    this.#followed = undefined;
    this.#session = undefined;
  }

  async #look(): Promise<void> {
    if (this.#session?.journal.failure && Date.now() < this.#retryAt) return;
    try {
      await this.#poll();
      const journal = this.#session?.journal;
      if (journal?.failure) await journal.flush();
    } catch (error) {
      this.#failed(error);
    }
  }

  async #poll(): Promise<void> {
    const followed = this.#followed;
    const session = this.#session;
    if (!followed || !session) return;
    const outcome = await followed.follower.poll();
    if (this.#followed !== followed) return;
    switch (outcome.kind) {
      case 'same':
      case 'closed':
        return;
      case 'grown':
        // A turn: what the agent is about to edit must be known to be fresh.
        session.recheckSoon();
        return;
      case 'missing':
        session.tell({ type: 'failed', reason: l10n.t('the agent’s transcript is gone') });
        return;
      case 'replaced':
        this.#detach();
        this.#session = session;
        session.tell({ type: 'failed', reason: l10n.t('the agent’s transcript was replaced') });
        return;
    }
  }

  /** Events that cannot be written stay with the journal, so the follower need not tell them again. */
  async #take(session: ActiveSession, events: readonly SessionEvent[]): Promise<void> {
    session.apply(events);
    session.journal.hold(events);
    for (const event of events) {
      if (event.type === 'message') this.#waiting += 1;
      else if (event.type === 'head' && event.set.message_count !== undefined)
        session.tell({ type: 'grew', messages: event.set.message_count });
    }
    const every = this.#parts.settings.everyMessages.value(session.place.folder.uri);
    clearTimeout(this.#quiet);
    if (this.#waiting >= every) {
      this.#waiting = 0;
      await session.journal.flush();
    } else {
      this.#quiet = setTimeout(() => {
        this.#waiting = 0;
        void session.journal.flush().catch(session.warn);
      }, QUIET_MS);
    }
    if (session.journal.failure) this.#retryAt = Date.now() + RETRY_MS;
  }

  #failed(error: unknown): void {
    const { log } = this.#parts;
    log.error(`Auto-save: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
    this.#retryAt = Date.now() + RETRY_MS;
    this.#session?.tell({ type: 'failed', reason: code === undefined ? l10n.t('see the log') : ioReason(code) });
  }

  /** One notification per failure, however often it is tried again. */
  #tellOnce(reason: string): void {
    const session = this.#session ?? this.#parts.active.current;
    if (this.#told || !session) return;
    this.#told = true;
    this.#parts.log.error(`${session.name} is not saved: ${reason}`);
    void tellNotSaved(session.name, reason).catch(session.warn);
  }
}
