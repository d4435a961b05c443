import {
  type Disposable,
  type Event,
  EventEmitter,
  FileDecoration,
  type FileDecorationProvider,
  l10n,
  ThemeColor,
  Uri,
} from 'vscode';
import { type FileFreshness, isStale } from '../../core/index.ts';
import { colors } from '../ids.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import type { ActiveSessions } from '../session/activeSessions.ts';
import type { Settings } from '../settings.ts';

/** Files for which VS Code is told of a change at once: it asks again for each of them. */
const AT_ONCE = 500;

type Freshness = FileFreshness['freshness'];

/** Badges, in the Explorer and on tabs, of the files that are not what the active session saw. */
export class StaleDecorations implements FileDecorationProvider, Disposable {
  readonly #active: ActiveSessions;
  readonly #settings: Settings;
  readonly #changed = new EventEmitter<Uri[]>();
  readonly #listening: readonly Disposable[];
  /** By absolute path, in every spelling that leads to the file. */
  #stale: ReadonlyMap<string, Freshness> = new Map();
  #session = '';
  #firing: readonly string[] = [];
  #soon: NodeJS.Immediate | undefined;

  readonly onDidChangeFileDecorations: Event<Uri[]> = this.#changed.event;

  constructor(active: ActiveSessions, settings: Settings) {
    this.#active = active;
    this.#settings = settings;
    const update = (): void => this.#update();
    this.#listening = [
      active.onDidChangeActive(update),
      active.onDidUpdate(update),
      settings.decorations.onDidChange(update),
    ];
    this.#update();
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    const freshness = uri.scheme === 'file' ? this.#stale.get(uri.fsPath) : undefined;
    if (freshness === undefined) return undefined;
    return new FileDecoration('≠', tooltip(freshness, this.#session), new ThemeColor(colors.staleFile));
  }

  dispose(): void {
    clearImmediate(this.#soon);
    for (const one of this.#listening) one.dispose();
    this.#changed.dispose();
  }

  #update(): void {
    const session = this.#active.current;
    const shows = session !== undefined && this.#settings.decorations.value(session.place.folder.uri);
    const stale = shows ? staleOf(session) : new Map<string, Freshness>();
    const name = session?.name ?? '';
    const before = this.#stale;
    const renamed = name !== this.#session;
    const paths = new Set([...before.keys(), ...stale.keys()]);
    const differing = [...paths].filter((path) => renamed || before.get(path) !== stale.get(path));
    this.#stale = stale;
    this.#session = name;
    if (differing.length === 0) return;
    this.#firing = [...this.#firing, ...differing];
    this.#soon ??= setImmediate(() => this.#fire());
  }

  /** Only what differs, and of thousands some at a time. */
  #fire(): void {
    const paths = this.#firing.slice(0, AT_ONCE);
    this.#firing = this.#firing.slice(AT_ONCE);
    this.#soon = this.#firing.length > 0 ? setImmediate(() => this.#fire()) : undefined;
    this.#changed.fire(paths.map((path) => Uri.file(path)));
  }
}

function staleOf({ report, cache }: ActiveSession): Map<string, Freshness> {
  const stale = new Map<string, Freshness>();
  for (const file of report?.files ?? []) {
    if (!isStale(file)) continue;
    stale.set(file.path, file.freshness);
    for (const path of cache.spellings(file.key)) stale.set(path, file.freshness);
  }
  return stale;
}

function tooltip(freshness: Freshness, session: string): string {
  switch (freshness) {
    case 'deleted':
    case 'moved':
      return l10n.t('Gone since the session {0} read it', session);
    case 'unsaved':
      return l10n.t('Has unsaved changes that the session {0} has not read', session);
    case 'unreadable':
      return l10n.t('Cannot be read any more; the session {0} has read it', session);
    case 'changed':
    case 'same':
    case 'touched':
    case 'unknown':
      return l10n.t('Changed since the session {0} read it', session);
  }
}
