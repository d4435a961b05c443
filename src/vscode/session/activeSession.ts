import { userInfo } from 'node:os';
import { type Event, EventEmitter, type LogOutputChannel, l10n } from 'vscode';
import {
  type Decision,
  type DriftReport,
  decisionOn,
  type Guard,
  isStale,
  type LateConflict,
  type Message,
  type ReadCache,
  type ReadOutcome,
  type SessionEvent,
  type SnapshotBody,
} from '../../core/index.ts';
import { type Driver, letGo } from '../driving/driver.ts';
import { HumanError } from '../humanError.ts';
import { now, type Place, random } from '../places.ts';
import type { Settings } from '../settings.ts';
import { Checking } from './checking.ts';
import { Journal } from './journal.ts';
import type { ModelUnread } from './modelUnread.ts';
import type { SaveNews } from './saveState.ts';
import { SessionFiles } from './sessionFiles.ts';

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
 * One loaded session: its files, its journal, its lease and the comparison with now, tied to each other. Created by
 * `loadSession`, closed by whoever made it the active one. Without the lease it follows: it shows what the one who
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

  readonly #changed = new EventEmitter<void>();
  readonly #late = new EventEmitter<LateConflict>();
  readonly #news = new EventEmitter<SaveNews>();
  readonly #log: LogOutputChannel;
  readonly #files: SessionFiles;
  readonly #checking: Checking;
  #name: string;
  #body: SnapshotBody;
  #driver: Driver;
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
    const mayAppend = () => !this.readOnly && options.mayWrite();
    this.mayWrite = () => this.#driver.kind === 'me' && mayAppend();
    this.journal = new Journal(place.store, name, facts.bytes, { mayAppend, mayFold: this.mayWrite });
    const body = () => this.#body;
    this.#files = new SessionFiles({
      place,
      body,
      keep: async (event) => {
        await this.journal.append([event]);
        this.#checking.filesChanged();
      },
      onLate: (late) => this.#late.fire(late),
    });
    this.cache = this.#files.cache;
    this.guard = this.#files.guard;
    this.modelUnread = this.#files.modelUnread;
    const onReport = (isNew: boolean): void => {
      this.#news.fire({ type: 'stale', files: this.staleFiles });
      if (isNew) this.#changed.fire();
    };
    this.#checking = new Checking({ place, cache: this.cache, body, onReport, warn: this.warn });
    this.journal.onNews((news) => {
      if (!this.#closed) this.#news.fire(news);
    });
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
    const before = this.#body;
    this.#body = body;
    this.decisions = [...(body.decisions ?? [])];
    if (this.#files.adopt(before, body)) this.#checking.filesChanged();
    this.#news.fire({ type: 'read', messages, revision: body.revision, at: now() });
    this.#changed.fire();
  }

  get name(): string {
    return this.#name;
  }

  /** The last comparison with now; undefined before the first. */
  get report(): DriftReport | undefined {
    return this.#checking.report;
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
    if (this.#files.apply(events)) this.#checking.filesChanged();
  }

  /** `SessionFiles.read`; throws a HumanError while another one drives. */
  async read(path: string, showsPart: (bytes: Uint8Array) => boolean): Promise<ReadOutcome> {
    this.mustDrive();
    return this.#files.read(path, showsPart);
  }

  /** `SessionFiles.takeForKnown`; throws a HumanError while another one drives. */
  async takeForKnown(path: string): Promise<ReadOutcome> {
    this.mustDrive();
    return this.#files.takeForKnown(path);
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
    return this.#checking.now();
  }

  recheckSoon(): void {
    this.#checking.soon();
  }

  /** Begins to watch what it has read. */
  watch(): void {
    this.#checking.watch();
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
    this.#checking.dispose();
    this.guard.close();
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
}
