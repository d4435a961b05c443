import { userInfo } from 'node:os';
import { type Disposable, type Event, EventEmitter, type LogOutputChannel, type Uri, window, workspace } from 'vscode';
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
  type LeaseHolder,
  type Message,
  type Pulse,
  type ReadCache,
  type ReadOutcome,
  type SessionEvent,
  type SnapshotBody,
  watchFiles,
} from '../../core/index.ts';
import { type CurrentTools, createCurrentTools } from '../currentTools.ts';
import { driftNow } from '../drift.ts';
import { openEditors } from '../editing/editors.ts';
import { seenBytes } from '../editing/seenText.ts';
import { now, type Place, random } from '../places.ts';
import type { Settings } from '../settings.ts';
import { Journal } from './journal.ts';
import { ModelUnread } from './modelUnread.ts';
import type { SaveNews } from './saveState.ts';

/** Why a loaded session may not edit files: a policy asks or blocks, or somebody chose to go on only reading. */
export type Hold = 'ask' | 'block' | 'read-only';

export interface LoadOptions {
  readonly settings: Settings;
  readonly log: LogOutputChannel;
  /** Whether anything may be written for this session now. */
  readonly mayWrite: () => boolean;
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
 * One loaded session: its read-cache, its guard, the files it watches, its journal and the last report of what
 * changed. Created by `loadSession`, disposed by whoever made it the active one.
 */
export class ActiveSession {
  readonly place: Place;
  readonly body: SnapshotBody;
  readonly cache: ReadCache;
  readonly guard: Guard;
  readonly journal: Journal;
  readonly modelUnread: ModelUnread;
  /** Messages on disk when the session was loaded. */
  readonly messageCount: number;
  /** The last message on disk when the session was loaded. */
  readonly lastMessage: Message | undefined;
  readonly readOnly: boolean;
  /** False in Restricted Mode, where sessions are turned off, and for a file of a newer schema. */
  readonly mayWrite: () => boolean;
  /** What was decided on its reports so far. */
  readonly decisions: Decision[];
  hold: Hold | undefined;
  report: DriftReport | undefined;

  readonly #changed = new EventEmitter<void>();
  readonly #late = new EventEmitter<LateConflict>();
  readonly #news = new EventEmitter<SaveNews>();
  readonly #disposables: Disposable[] = [];
  readonly #log: LogOutputChannel;
  readonly #currentTools: CurrentTools;
  #name: string;
  #watcher: { close(): Promise<void> } | undefined;
  #watched: ReadonlySet<string> = new Set();
  /** Of the read-cache, when the watcher was made. */
  #watchedSize = 0;
  #pulse: Pulse;
  #followed: LeaseHolder | undefined;
  #closed = false;

  /** The report, or what may be done, is another one. */
  readonly onDidChange: Event<void> = this.#changed.event;
  readonly onNews: Event<SaveNews> = this.#news.event;
  /** Somebody wrote into a version of a file that a write of this session had displaced. */
  readonly onLate: Event<LateConflict> = this.#late.event;

  constructor(place: Place, name: string, facts: LoadedFacts, options: LoadOptions) {
    this.place = place;
    this.#name = name;
    this.body = facts.body;
    this.messageCount = facts.messageCount;
    this.lastMessage = facts.lastMessage;
    this.readOnly = facts.readOnly;
    this.decisions = [...(facts.body.decisions ?? [])];
    this.#log = options.log;
    this.#currentTools = createCurrentTools(place, facts.body, this.warn);
    this.mayWrite = () => !this.readOnly && !this.#followed && options.mayWrite();
    this.journal = new Journal(place.store, name, facts.bytes, this.mayWrite);
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
        this.#watch();
      },
    });
    this.#pulse = createPulse(() => this.#check(), { onError: this.warn });
    this.#disposables.push(this.journal.onNews((news) => this.#news.fire(news)));
  }

  /** Who drives the session, while this window only follows it. */
  get followed(): LeaseHolder | undefined {
    return this.#followed;
  }

  /** Another one drives the session from now on; without a holder this window does. */
  follow(holder: LeaseHolder | undefined): void {
    this.#followed = holder;
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
      this.#watch();
    }
  }

  /**
   * Reads for the model, which has seen this version from then on; of a version that is new to it, only where it is
   * shown the whole.
   */
  async read(path: string, showsPart: (bytes: Uint8Array) => boolean): Promise<ReadOutcome> {
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
    this.holdFor(action === 'read-only' ? 'read-only' : undefined);
    await this.decide(action);
  }

  /** Keeps what was decided on the report, or on a part of it; whether the session may go on is another question. */
  async decide(action: Decision['action'], on: DriftReport | undefined = this.report): Promise<void> {
    if (!on) return;
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

  /** Begins to watch; news only make a check run early, the check at a write is the truth. */
  watch(): void {
    const seen = (uri: Uri): void => {
      if (this.#watched.has(uri.fsPath)) this.recheckSoon();
    };
    const inFolder = workspace.createFileSystemWatcher('**/*');
    this.#disposables.push(
      inFolder,
      inFolder.onDidChange(seen),
      inFolder.onDidCreate(seen),
      inFolder.onDidDelete(seen),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.scheme === 'file') seen(document.uri);
      }),
      window.onDidChangeWindowState(({ focused }) => {
        if (focused) this.recheckSoon();
      }),
    );
    this.#watch();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pulse.close();
    this.guard.close();
    for (const one of this.#disposables) one.dispose();
    await this.#watcher?.close();
    await this.journal.close();
    this.#changed.dispose();
    this.#news.dispose();
    this.#late.dispose();
  }

  /** VS Code's watcher leaves out what the user excluded and what lies outside the folder. */
  #watch(): void {
    if (this.#closed || (this.#watcher && this.cache.size === this.#watchedSize)) return;
    this.#watchedSize = this.cache.size;
    const paths = Object.keys(this.cache.entries()).flatMap((key) => this.cache.absolute(key) ?? []);
    this.#watched = new Set(paths);
    const old = this.#watcher;
    this.#watcher = watchFiles(paths, () => this.recheckSoon(), this.warn);
    void old?.close();
  }

  async #check(): Promise<void> {
    const report = await driftNow(this.place, this.body, this.cache, openEditors, this.#currentTools);
    if (this.#closed) return;
    this.report = report;
    this.#news.fire({ type: 'stale', files: this.staleFiles });
    this.#changed.fire();
  }
}
