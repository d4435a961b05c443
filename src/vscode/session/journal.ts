import { type Event, EventEmitter } from 'vscode';
import type { SessionEvent, SessionStore, WriteFailure } from '../../core/index.ts';
import { writeFailureReason } from '../failureWords.ts';
import { now } from '../places.ts';
import type { SaveNews } from './saveState.ts';

/** Folding costs a copy of the snapshot: it waits until the journal is worth one, so that the total stays linear. */
const FOLD_SHARE = 0.5;
const FOLD_MIN_BYTES = 256 * 1024;
/** Reading back costs at most this share of the time. */
const VERIFY_PAUSE = 20;
const VERIFY_PAUSE_MIN_MS = 1000;

/** What the window may do to the session's files, asked anew each time. */
export interface JournalRights {
  readonly mayAppend: () => boolean;
  /** Only who drives the session folds: everybody else's part ends with the append. */
  readonly mayFold: () => boolean;
}

/**
 * Writes one session's events, in order, and reads back what was written. Owns the events that are not on disk yet;
 * a failure keeps them for the next try. Does not know where events come from, nor who shows the news.
 */
export class Journal {
  readonly #news = new EventEmitter<SaveNews>();
  readonly #store: SessionStore;
  readonly #may: JournalRights;
  #name: string;
  #snapshotBytes: number;
  #pending: SessionEvent[] = [];
  #failure: WriteFailure | undefined;
  #work: Promise<void> = Promise.resolve();
  #verifyTimer: NodeJS.Timeout | undefined;
  /** By `performance.now()`: a clock may be set back. */
  #verifyNotBefore = 0;
  #closed = false;

  readonly onNews: Event<SaveNews> = this.#news.event;

  constructor(store: SessionStore, name: string, snapshotBytes: number, may: JournalRights) {
    this.#store = store;
    this.#name = name;
    this.#snapshotBytes = snapshotBytes;
    this.#may = may;
  }

  get failure(): WriteFailure | undefined {
    return this.#failure;
  }

  /** Events that are not on disk. */
  get pending(): readonly SessionEvent[] {
    return this.#pending;
  }

  rename(name: string): void {
    this.#name = name;
    this.#news.fire({ type: 'renamed', name });
  }

  /** Queues events without writing them yet. */
  hold(events: readonly SessionEvent[]): void {
    for (const event of events) this.#pending.push(event);
  }

  /** True when everything, these events included, is on disk. */
  async append(events: readonly SessionEvent[]): Promise<boolean> {
    if (!this.#may.mayAppend()) return false;
    this.hold(events);
    await this.flush();
    return this.#pending.length === 0;
  }

  /** Writes what waits. Calls queue up; each writes what is there when its turn comes. */
  flush(): Promise<void> {
    return this.#enqueue(() => this.#write());
  }

  /** Writes what waits and folds the journal into the snapshot. */
  fold(): Promise<void> {
    return this.#enqueue(async () => {
      await this.#write();
      if (this.#failure || !this.#may.mayFold()) return;
      await this.#fold();
      await this.#verify();
    });
  }

  /** Runs when everything that was asked for so far is done; what is asked for meanwhile waits. */
  async settled<T>(task: () => Promise<T>): Promise<T | undefined> {
    let result: T | undefined;
    await this.#enqueue(async () => {
      result = await task();
    });
    return result;
  }

  /** Ends without writing. */
  abandon(): void {
    this.#closed = true;
    this.#pending = [];
    clearTimeout(this.#verifyTimer);
    this.#news.dispose();
  }

  /** Folds and ends; what could not be written stays in the agent's transcript, from where the next load catches up. */
  async close(): Promise<void> {
    await this.fold();
    this.#closed = true;
    clearTimeout(this.#verifyTimer);
    this.#news.dispose();
  }

  /** Waits for the work that was asked for, and reads the disk back now. */
  verify(): Promise<void> {
    return this.#enqueue(() => this.#verify());
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.#work.then(() => (this.#closed ? undefined : task()));
    // The next task runs whatever became of this one; who asked for it sees the failure.
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #write(): Promise<void> {
    if (!this.#may.mayAppend()) return;
    if (!this.#may.mayFold()) this.#pending = withoutRewinds(this.#pending);
    if (this.#pending.length === 0) return;
    const batch = this.#pending.slice();
    this.#news.fire({ type: 'saving', at: now() });
    const outcome = await this.#store.append(this.#name, batch);
    if (outcome.kind !== 'appended') {
      this.#fail(outcome);
      return;
    }
    this.#failure = undefined;
    this.#pending = this.#pending.slice(batch.length);
    this.#news.fire({ type: 'written', all: this.#pending.length === 0 });
    if (this.#may.mayFold() && outcome.bytes > Math.max(FOLD_MIN_BYTES, this.#snapshotBytes * FOLD_SHARE))
      await this.#fold(outcome.bytes);
    await this.#verifySoon();
  }

  async #fold(journalBytes = 0): Promise<void> {
    const outcome = await this.#store.fold(this.#name);
    if (outcome.kind === 'saved') this.#snapshotBytes += journalBytes;
    else if (outcome.kind !== 'missing') this.#fail(outcome);
  }

  #fail(failure: WriteFailure): void {
    this.#failure = failure;
    this.#news.fire(
      failure.kind === 'conflict'
        ? { type: 'conflict', theirs: failure.theirs }
        : { type: 'failed', reason: writeFailureReason(failure), missing: failure.kind === 'missing' },
    );
  }

  /** Reads back now, or as soon as it may again. */
  async #verifySoon(): Promise<void> {
    const wait = this.#verifyNotBefore - performance.now();
    if (wait <= 0) return this.#verify();
    this.#verifyTimer ??= setTimeout(() => {
      this.#verifyTimer = undefined;
      void this.verify().catch((error: unknown) => {
        this.#news.fire({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
      });
    }, wait);
  }

  async #verify(): Promise<void> {
    const started = performance.now();
    const opened = await this.#store.open(this.#name);
    if (opened.kind !== 'open') {
      this.#news.fire({
        type: 'failed',
        reason: writeFailureReason(
          opened.kind === 'unreadable' ? { kind: 'read-only', problems: opened.problems } : opened,
        ),
      });
      return;
    }
    const { document } = opened;
    try {
      const ended = performance.now();
      this.#verifyNotBefore = ended + Math.max(VERIFY_PAUSE_MIN_MS, (ended - started) * VERIFY_PAUSE);
      if (this.#failure) return;
      const { messageCount: messages, body } = document;
      this.#news.fire({ type: 'verified', messages, revision: body.revision, at: now() });
    } finally {
      await document.close();
    }
  }
}

/**
 * What a window that has lost the lease may still append. Every event but a rewind may come twice, and late: the one
 * who drives now follows the same transcript, and a rewind that it has made already would cut what it wrote since. So a
 * rewind, and the messages after it, are left to it; what only this window knows is not.
 */
function withoutRewinds(events: readonly SessionEvent[]): SessionEvent[] {
  const at = events.findIndex(({ type }) => type === 'rewind' || type === 'cut');
  if (at < 0) return [...events];
  return [
    ...events.slice(0, at),
    ...events.slice(at).filter(({ type }) => type === 'read_cache' || type === 'decision'),
  ];
}
