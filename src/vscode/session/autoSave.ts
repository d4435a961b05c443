import { type Disposable, type LogOutputChannel, l10n, window, workspace } from 'vscode';
import type { SessionEvent } from '../../core/index.ts';
import { ioReason, writeFailureReason } from '../failureWords.ts';
import type { Settings } from '../settings.ts';
import type { ActiveSession } from './activeSession.ts';
import type { ActiveSessions } from './activeSessions.ts';
import { SessionFollower } from './sessionFollower.ts';
import { tellNotSaved } from './tellNotSaved.ts';

/** A session whose agent keeps no transcript is looked for again this often, at most. */
const SEARCH_MS = 5000;

export interface AutoSaveParts {
  readonly active: ActiveSessions;
  readonly settings: Settings;
  readonly log: LogOutputChannel;
}

/**
 * Keeps the active session on disk while its agent goes on. Knows when it is to be followed, and tells what became of
 * it; how it is followed, the follower knows.
 */
export class AutoSave implements Disposable {
  readonly #parts: AutoSaveParts;
  readonly #listening: readonly Disposable[];
  #session: ActiveSession | undefined;
  #follower: SessionFollower | undefined;
  /** By `performance.now()`. */
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
        if (news.type === 'stale' && this.#attached && !this.#follower && performance.now() >= this.#searchAt)
          this.#attach(active.current);
        // A file that is not there may have another name by now: `Driving` finds out, and says what is to be said.
        if (news.type === 'failed' && news.missing !== true) this.#tellOnce(news.reason);
        if (news.type === 'verified') this.#told = false;
      }),
      settings.autoSave.onDidChange(() => this.#attach(active.current)),
      settings.enabled.onDidChange(() => this.#attach(active.current)),
      workspace.onDidGrantWorkspaceTrust(() => this.#attach(active.current)),
      window.onDidChangeWindowState(({ focused }) => {
        if (focused) void this.look();
      }),
    ];
  }

  /** Why the last write failed, in words; undefined when it did not. */
  get lastFailure(): string | undefined {
    const failure = this.#session?.journal.failure;
    return failure && writeFailureReason(failure);
  }

  /** The agent may have done something: takes what its transcript has now. Never rejects: what fails is told. */
  async look(): Promise<void> {
    await this.#follower?.look();
  }

  /** Reads what the transcript has now and writes it, whatever `everyMessages` says. */
  async catchUp(): Promise<void> {
    await this.#attaching;
    const session = this.#parts.active.current;
    if (!session || session.follows) return session?.journal.flush();
    if (this.#follower) return this.#follower.catchUp();
    // Auto-save is off: one look. Opening a follower reads what is new.
    const once = this.#followerOf(session);
    await once.open();
    await once.close();
    await session.journal.flush();
  }

  /** Writes what could not be written; a failure is told again, since somebody asked. */
  async retry(): Promise<void> {
    this.#told = false;
    this.#follower?.retryNow();
    const session = this.#parts.active.current;
    if (!session) return;
    if (!this.#follower) this.#attach(session);
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
    this.#searchAt = performance.now() + SEARCH_MS;
    this.#attaching = this.#attaching.then(() => this.#follow(session)).catch((error) => this.#failed(error));
  }

  #maySave(session: ActiveSession): boolean {
    return !session.waits && session.mayWrite() && this.#parts.settings.autoSave.value(session.place.folder.uri);
  }

  #followerOf(session: ActiveSession): SessionFollower {
    return new SessionFollower({
      session,
      every: () => this.#parts.settings.everyMessages.value(session.place.folder.uri),
      onEvents: (events) => tellGrowth(session, events),
      onOutcome: (outcome) => this.#became(session, outcome),
      onError: (error) => this.#failed(error),
    });
  }

  async #follow(session: ActiveSession): Promise<void> {
    if (this.#session !== session || this.#follower) return;
    const follower = this.#followerOf(session);
    if (!(await follower.open())) {
      this.#parts.log.info(`${session.name}: no transcript to follow`);
      return;
    }
    if (this.#session !== session) return follower.close();
    this.#follower = follower;
    follower.watch();
    await follower.look();
  }

  #detach(): void {
    this.#told = false;
    const { log } = this.#parts;
    void this.#follower?.close().catch((error: unknown) => log.warn(`Auto-save did not end cleanly: ${String(error)}`));
    this.#follower = undefined;
    this.#session = undefined;
  }

  #became(session: ActiveSession, outcome: 'grown' | 'missing' | 'replaced'): void {
    if (this.#parts.active.current !== session) return;
    switch (outcome) {
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
    }
  }

  #failed(error: unknown): void {
    const { log } = this.#parts;
    log.error(`Auto-save: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
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

function tellGrowth(session: ActiveSession, events: readonly SessionEvent[]): void {
  for (const event of events) {
    if (event.type === 'head' && event.set.message_count !== undefined)
      session.tell({ type: 'grew', messages: event.set.message_count });
  }
}
