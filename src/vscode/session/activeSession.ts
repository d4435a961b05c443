import { userInfo } from 'node:os';
import { type Disposable, type Event, EventEmitter, type LogOutputChannel, l10n } from 'vscode';
import {
  createBases,
  createGuard,
  createPulse,
  createReadCache,
  type Decision,
  type DriftReport,
  decisionOn,
  type Guard,
  isStale,
  type LateConflict,
  type Message,
  type Pulse,
  type ReadCache,
  type ReadOutcome,
  type SessionEvent,
  type SnapshotBody,
} from '../../core/index.ts';
import { type CurrentTools, createCurrentTools } from '../currentTools.ts';
import { driftNow } from '../drift.ts';
import { openEditors } from '../editing/editors.ts';
import { seenBytes } from '../editing/seenText.ts';
import { HumanError } from '../humanError.ts';
import { now, type Place, random } from '../places.ts';
import type { Settings } from '../settings.ts';
import { adoptReadCache } from './adoptReadCache.ts';
import { type Driver, letGo } from './driver.ts';
import { Journal } from './journal.ts';
import { ModelUnread } from './modelUnread.ts';
import { sameReport } from './sameReport.ts';
import type { SaveNews } from './saveState.ts';
import { Watching } from './watching.ts';

/** Why a loaded session may not edit files: a policy asks or blocks, or somebody chose to go on only reading. */
export type Hold = 'ask' | 'block' | 'read-only';

export interface LoadOptions {
  readonly settings: Settings;
  readonly log: LogOutputChannel;
  /** Whether anything may be written for this session now. */
  readonly mayWrite: () => boolean;
  readonly driver: Driver;
}

/** What a snapshot told when it was opened. */
export interface LoadedFacts {
  readonly body: SnapshotBody;
  readonly bytes: number;
  readonly messageCount: number;
  readonly lastMessage: Message | undefined;
  readonly readOnly: boolean;
}

/**
 * One loaded session: its read-cache, its guard, its journal, its lease and the last report of what changed. Created
 * by `loadSession`, closed by whoever made it the active one. Without the lease it follows: it shows what the one who
 * drives it leaves on the disk, and writes nothing. It does not know how that news comes (`Driving`).
 */
export class ActiveSession {
  readonly place: Place;
  readonly cache: ReadCache;
  readonly guard: Guard;
  readonly journal: Journal;
  readonly modelUnread: ModelUnread;
  /** Messages on disk when the session was loaded. */
  readonly messageCount: number;
  /** The last message on disk when the session was loaded. */
  readonly lastMessage: Message | undefined;
  readonly readOnly: boolean;
  /** False in Restricted Mode, where sessions are turned off, for a file of a newer schema, and while another one drives. */
  readonly mayWrite: () => boolean;
  /** What was decided on its reports so far. */
  decisions: Decision[];
  hold: Hold | undefined;
  report: DriftReport | undefined;

  readonly #changed = new EventEmitter<void>();
  readonly #late = new EventEmitter<LateConflict>();
  readonly #news = new EventEmitter<SaveNews>();
  readonly #disposables: Disposable[] = [];
  readonly #log: LogOutputChannel;
  readonly #currentTools: CurrentTools;
  readonly #pulse: Pulse;
  #name: string;
  #body: SnapshotBody;
  #driver: Driver;
  #watching: Watching | undefined;
  #closed = false;

  /** The report, or what may be done, is another one. */
  readonly onDidChange: Event<void> = this.#changed.event;
  readonly onNews: Event<SaveNews> = this.#news.event;
  /** Somebody wrote into a version of a file that a write of this session had displaced. */
  readonly onLate: Event<LateConflict> = this.#late.event;

  constructor(place: Place, name: string, facts: LoadedFacts, options: LoadOptions) {
    this.place = place;
    this.#name = name;
    this.#body = facts.body;
    this.#driver = options.driver;
    this.messageCount = facts.messageCount;
    this.lastMessage = facts.lastMessage;
    this.readOnly = facts.readOnly;
    this.decisions = [...(facts.body.decisions ?? [])];
    this.#log = options.log;
    this.#currentTools = createCurrentTools(place, facts.body, this.warn);
    const mayAppend = () => !this.readOnly && options.mayWrite();
    this.mayWrite = () => this.#driver.kind === 'me' && mayAppend();
    this.journal = new Journal(place.store, name, facts.bytes, { mayAppend, mayFold: this.mayWrite });
    this.cache = createReadCache(place.path, facts.body.read_cache);
    this.modelUnread = new ModelUnread(this.cache);
    this.guard = createGuard({
      folder: place.path,
      sessionsFolder: place.sessionsFolder,
      cache: this.cache,
      editors: openEditors,
      now,
      bases: createBases({ sessionsFolder: place.store.root }),
      baseOf: (key, entry) => seenBytes(place, this.body, key, entry),
      onLate: (late) => this.#late.fire(late),
      onStamps: async (set) => {
        await this.journal.append([{ type: 'read_cache', set: this.modelUnread.mark(set) }]);
        this.recheckSoon();
        this.#watching?.update();
      },
    });
    this.#pulse = createPulse(() => this.#check(), { onError: this.warn });
    this.#disposables.push(this.journal.onNews((news) => this.#news.fire(news)));
  }

  /** What was on the disk when this window looked last; without what was appended since. */
  get body(): SnapshotBody {
    return this.#body;
  }

  get driver(): Driver {
    return this.#driver;
  }

  /** Another one drives the session, or did: this window writes nothing. */
  get follows(): boolean {
    return this.#driver.kind !== 'me';
  }

  /**
   * Another one drives from now on, or this window does. What this window did for the session and had not written when
   * it lost the lease goes to the disk all the same: appending to a journal is safe from several processes, and nobody
   * else knows it.
   */
  async drivenBy(driver: Driver): Promise<void> {
    const yields = this.#driver.kind === 'me' && driver.kind !== 'me';
    this.#driver = driver;
    this.#news.fire({ type: 'driven', driver });
    this.#changed.fire();
    if (yields) await this.journal.flush();
  }

  /** What the one who drives has left on the disk. */
  adopt(body: SnapshotBody, messages: number): void {
    if (this.#closed) return;
    const before = this.#body.read_cache;
    this.#body = body;
    this.decisions = [...(body.decisions ?? [])];
    if (adoptReadCache(this.place.path, this.cache, before, body.read_cache)) {
      this.modelUnread.readMarks();
      this.#watching?.update();
      this.recheckSoon();
    }
    this.#news.fire({ type: 'read', messages, revision: body.revision, at: now() });
    this.#changed.fire();
  }

  get name(): string {
    return this.#name;
  }

  get staleFiles(): number {
    return this.report?.files.filter(isStale).length ?? 0;
  }

  rename(name: string): void {
    this.#name = name;
    this.journal.rename(name);
    this.#changed.fire();
  }

  /** For what failed beside the thing that was asked for. */
  readonly warn = (error: unknown): void => {
    this.#log.warn(`${this.#name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };

  /** News of this session from whoever works for it. */
  tell(news: SaveNews): void {
    this.#news.fire(news);
  }

  /** What the agent read and wrote since counts from now on; the journal keeps it. */
  apply(events: readonly SessionEvent[]): void {
    for (const event of events) {
      if (event.type !== 'read_cache') continue;
      for (const [key, entry] of Object.entries(event.set ?? {})) {
        this.modelUnread.delete(key);
        this.cache.set(key, entry);
      }
      for (const key of event.remove ?? []) this.cache.delete(key);
      this.#watching?.update();
    }
  }

  /**
   * Reads for the model, which has seen this version from then on; of a version that is new to it, only where it is
   * shown the whole.
   */
  async read(path: string, showsPart: (bytes: Uint8Array) => boolean): Promise<ReadOutcome> {
    this.mustDrive();
    const key = this.cache.key(path);
    const before = key === undefined ? undefined : this.cache.get(key)?.sha256;
    const unread = this.modelUnread.delete(path);
    const outcome = await this.guard.read(path);
    if (outcome.kind !== 'read') {
      if (unread) this.modelUnread.add(path);
      return outcome;
    }
    const isNew = unread || before !== outcome.stamp.sha256;
    return isNew && showsPart(outcome.bytes) ? this.takeForKnown(path) : outcome;
  }

  /** Takes the version that is there now for known, though the model has not seen all of it. */
  async takeForKnown(path: string): Promise<ReadOutcome> {
    this.mustDrive();
    this.modelUnread.add(path);
    return this.guard.read(path);
  }

  /** Whether somebody has to decide before anything goes on. */
  get waits(): boolean {
    return this.hold === 'ask' || this.hold === 'block';
  }

  holdFor(hold: Hold | undefined): void {
    this.hold = hold;
    this.#news.fire({ type: 'held', held: this.waits });
    this.#changed.fire();
  }

  /** The user has seen the report and goes on; the session keeps who accepted what. */
  async proceed(action: Decision['action'] = 'continue'): Promise<void> {
    this.mustDrive();
    this.holdFor(action === 'read-only' ? 'read-only' : undefined);
    await this.decide(action);
  }

  /** Keeps what was decided on the report, or on a part of it; whether the session may go on is another question. */
  async decide(action: Decision['action'], on: DriftReport | undefined = this.report): Promise<void> {
    if (!on || this.follows) return;
    const decision = decisionOn(on, { id: random(), action, by: userInfo().username, at: now() });
    this.decisions.push(decision);
    this.#changed.fire();
    await this.journal.append([{ type: 'decision', decision }]);
  }

  /** Compares with now. */
  recheck(): Promise<void> {
    return this.#closed ? Promise.resolve() : this.#pulse.now();
  }

  recheckSoon(): void {
    this.#pulse.nudge();
  }

  /** Begins to watch what it has read. */
  watch(): void {
    this.#watching ??= new Watching(this.place, this.cache, () => this.recheckSoon(), this.warn);
  }

  /** Saves what waits, and lets the lease go. */
  async close(): Promise<void> {
    this.#end();
    await this.journal.close();
    await this.#release();
  }

  /** Closes without writing: for a session that is not there any more, so that nothing of it comes back. */
  async abandon(): Promise<void> {
    this.#end();
    this.journal.abandon();
    await this.#release();
  }

  #end(): void {
    this.#closed = true;
    this.#pulse.close();
    this.guard.close();
    this.#watching?.dispose();
    for (const one of this.#disposables) one.dispose();
  }

  async #release(): Promise<void> {
    await letGo(this.#driver);
    this.#changed.dispose();
    this.#news.dispose();
    this.#late.dispose();
  }

  /** What the session has read, it may write; so only who drives it reads in its name. */
  mustDrive(): void {
    if (this.follows)
      throw new HumanError(
        l10n.t('{0} is driven elsewhere, and this window only follows it. Take it over to go on here.', this.#name),
      );
  }

  async #check(): Promise<void> {
    const report = await driftNow(this.place, this.body, this.cache, openEditors, this.#currentTools);
    if (this.#closed) return;
    const isNew = !sameReport(this.report, report);
    this.report = report;
    this.#news.fire({ type: 'stale', files: this.staleFiles });
    if (isNew) this.#changed.fire();
  }
}
