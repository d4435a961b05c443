import { type Disposable, type Event, EventEmitter, type Memento } from 'vscode';
import { now, type Place } from '../places.ts';
import type { ActiveSession } from './activeSession.ts';
import type { SaveNews } from './saveState.ts';

/** Which session the window works with: the one owner; everybody else listens. */
export class ActiveSessions implements Disposable {
  readonly #changed = new EventEmitter<ActiveSession | undefined>();
  readonly #updated = new EventEmitter<ActiveSession>();
  readonly #news = new EventEmitter<SaveNews>();
  readonly #memento: Memento;
  readonly #key: string;
  #current: ActiveSession | undefined;
  #listening: Disposable[] = [];

  /** Another session is active, or none. */
  readonly onDidChangeActive: Event<ActiveSession | undefined> = this.#changed.event;
  /** The active session's report, name or hold changed. */
  readonly onDidUpdate: Event<ActiveSession> = this.#updated.event;
  readonly onNews: Event<SaveNews> = this.#news.event;

  constructor(memento: Memento, key: string) {
    this.#memento = memento;
    this.#key = key;
  }

  get current(): ActiveSession | undefined {
    return this.#current;
  }

  is(place: Place, name: string): boolean {
    return this.#current?.place.path === place.path && this.#current.name === name;
  }

  /** Makes a loaded session the active one; the one before it is saved and closed. */
  async activate(session: ActiveSession): Promise<void> {
    await this.close();
    this.#current = session;
    this.#listening = [
      session.onDidChange(() => {
        this.#remember();
        this.#updated.fire(session);
      }),
      session.onNews((news) => this.#news.fire(news)),
    ];
    this.#remember();
    this.#news.fire({
      type: 'loaded',
      name: session.name,
      revision: session.body.revision,
      messages: session.messageCount,
      at: now(),
      driver: session.driver,
    });
    this.#news.fire({ type: 'stale', files: session.staleFiles });
    this.#news.fire({ type: 'held', held: session.waits });
    this.#changed.fire(session);
  }

  /** Saves what waits and lets the active session go. */
  async close(): Promise<void> {
    const session = this.#detach();
    if (!session) return;
    await this.#memento.update(this.#key, undefined);
    await session.close();
  }

  /** Lets the active session go without writing. */
  async abandon(): Promise<void> {
    const session = this.#detach();
    if (!session) return;
    await this.#memento.update(this.#key, undefined);
    await session.abandon();
  }

  /** As `close`, but the next start of this window loads the session again. */
  async suspend(): Promise<void> {
    await this.#detach()?.close();
  }

  /** The session that was active when the window closed. */
  remembered(): { readonly folder: string; readonly name: string } | undefined {
    const value: unknown = this.#memento.get(this.#key);
    if (typeof value !== 'object' || value === null || !('folder' in value) || !('name' in value)) return undefined;
    const { folder, name } = value;
    return typeof folder === 'string' && typeof name === 'string' ? { folder, name } : undefined;
  }

  async forget(): Promise<void> {
    await this.#memento.update(this.#key, undefined);
  }

  dispose(): void {
    for (const one of this.#listening) one.dispose();
    this.#changed.dispose();
    this.#updated.dispose();
    this.#news.dispose();
  }

  #detach(): ActiveSession | undefined {
    const session = this.#current;
    if (!session) return undefined;
    this.#current = undefined;
    for (const one of this.#listening) one.dispose();
    this.#listening = [];
    this.#changed.fire(undefined);
    this.#news.fire({ type: 'closed' });
    return session;
  }

  #remember(): void {
    const session = this.#current;
    if (!session) return;
    void this.#memento.update(this.#key, { folder: session.place.folder.uri.toString(), name: session.name });
  }
}
