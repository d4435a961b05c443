import path from 'node:path';
import { type Disposable, type Uri, window, workspace } from 'vscode';
import { type FileWatcher, type ReadCache, watchFiles } from '../../core/index.ts';
import type { Place } from '../places.ts';

/** What moves when the folder's commit or branch does; git writes one of them at every commit, checkout and reset. */
const GIT_HEAD = ['.git/HEAD', '.git/logs/HEAD'];
/** So many watchers at most: then one is made for all files. */
const MAX_WATCHERS = 16;

/**
 * Watches what a session has read, and tells when something may be different now: news only make a check run early,
 * the check at a write is the truth. Owns its watchers; does not know what a check is.
 *
 * VS Code's own watcher sees the folder, however many files were read, but leaves out what the user excluded and what
 * lies outside: for those the files are watched one by one as well.
 */
export class Watching implements Disposable {
  readonly #place: Place;
  readonly #cache: ReadCache;
  readonly #recheck: () => void;
  readonly #warn: (error: unknown) => void;
  readonly #listening: readonly Disposable[];
  #watchers: FileWatcher[] = [];
  #watched = new Set<string>();
  #closed = false;

  constructor(place: Place, cache: ReadCache, recheck: () => void, warn: (error: unknown) => void) {
    this.#place = place;
    this.#cache = cache;
    this.#recheck = recheck;
    this.#warn = warn;
    const seen = (uri: Uri): void => {
      if (uri.scheme === 'file' && this.#concerns(uri.fsPath)) recheck();
    };
    const inFolder = workspace.createFileSystemWatcher('**/*');
    this.#listening = [
      inFolder,
      inFolder.onDidChange(seen),
      inFolder.onDidCreate(seen),
      inFolder.onDidDelete(seen),
      workspace.onDidChangeTextDocument(({ document }) => seen(document.uri)),
      window.onDidChangeWindowState(({ focused }) => {
        if (focused) recheck();
      }),
    ];
    this.update();
  }

  /** The session has read other files since. Only the new ones get a watcher: making it anew for all costs as much as all. */
  update(): void {
    if (this.#closed || (this.#watchers.length > 0 && this.#cache.size === this.#watched.size)) return;
    const keys = this.#cache.list().map(([key]) => key);
    const added = keys.filter((key) => !this.#watched.has(key));
    if (added.length === 0 && this.#watchers.length > 0) return;
    this.#watched = new Set(keys);
    const anew = this.#watchers.length >= MAX_WATCHERS;
    const paths = (anew ? keys : added).flatMap((key) => this.#cache.absolute(key) ?? []);
    const old = anew ? this.#watchers : [];
    this.#watchers = [...(anew ? [] : this.#watchers), watchFiles(paths, this.#recheck, this.#warn)];
    for (const one of old) void one.close().catch(this.#warn);
  }

  dispose(): void {
    this.#closed = true;
    for (const one of this.#listening) one.dispose();
    for (const one of this.#watchers) void one.close().catch(this.#warn);
    this.#watchers = [];
  }

  /** VS Code knows a file below the folder as it was opened, which may be a link. */
  #concerns(file: string): boolean {
    for (const base of [this.#cache.root, this.#place.path]) {
      if (!file.startsWith(base + path.sep)) continue;
      const key = file.slice(base.length + 1).replaceAll(path.sep, '/');
      return this.#cache.get(key) !== undefined || GIT_HEAD.includes(key);
    }
    return this.#cache.get(file) !== undefined;
  }
}
