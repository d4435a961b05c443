import { commands, type Disposable, type Event, EventEmitter } from 'vscode';
import type { App } from './app.ts';
import { commandId } from './ids.ts';

/** A saved session, as other extensions see it. */
export interface HoldfastSession {
  readonly name: string;
  readonly sessionId: string | undefined;
  /** `claude-code`, `codex`, … */
  readonly agent: string | undefined;
  readonly folder: string;
  readonly file: string;
  /** Last change, ms since the epoch. */
  readonly changedAt: number;
  readonly messages: number | undefined;
  readonly parent: string | undefined;
}

/** What `extensions.getExtension('holdfast.holdfast').exports` is. Names are those of the Sessions view. */
export interface HoldfastApi {
  /** The saved sessions of the open folders. */
  list(): Promise<readonly HoldfastSession[]>;
  /** Saves the active session, or asks which live one; the name it is saved under, undefined if it was not saved. */
  save(): Promise<string | undefined>;
  /** Makes a session the window's active one; the user sees what changed since it was saved. */
  load(name: string): Promise<void>;
  /** Asks for the fork's name; `messages` is how many it keeps (default: all). */
  fork(name: string, messages?: number): Promise<string | undefined>;
  /** The name of the active session. */
  readonly active: string | undefined;
  /** Sessions came, went or changed, or another one is active. */
  readonly onDidChangeSessions: Event<void>;
}

export function createApi(app: App): HoldfastApi & Disposable {
  const changed = new EventEmitter<void>();
  const listening = [app.catalog.onDidChange(() => changed.fire()), app.active.onDidChangeActive(() => changed.fire())];
  return {
    async list() {
      const lists = await Promise.all(
        app.places.all().map(async (place) => {
          const entries = await app.catalog.saved(place);
          return entries.map(({ name, file, changedAt, head }) => ({
            name,
            sessionId: head?.session_id,
            agent: head?.source?.agent,
            folder: place.path,
            file,
            changedAt,
            messages: head?.message_count,
            parent: head?.parent?.session_id,
          }));
        }),
      );
      return lists.flat();
    },
    save: async () => commands.executeCommand<string | undefined>(commandId('save')),
    load: async (name) => commands.executeCommand<void>(commandId('load'), name),
    fork: async (name, messages) =>
      messages === undefined
        ? commands.executeCommand<string | undefined>(commandId('fork'), name)
        : commands.executeCommand<string | undefined>(commandId('forkFromMessage'), name, messages),
    get active() {
      return app.active.current?.name;
    },
    onDidChangeSessions: changed.event,
    dispose() {
      for (const one of listening) one.dispose();
      changed.dispose();
    },
  };
}
