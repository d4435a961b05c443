import { type Disposable, type Event, EventEmitter, type LogOutputChannel, window } from 'vscode';
import { createReadCache, type FileFreshness, findMoved, isStale, type SessionEntry, sweep } from '../../core/index.ts';
import { openEditors } from '../editing/editors.ts';
import type { Place } from '../places.ts';

/** How many of the newest sessions are checked without being asked. */
const UNASKED = 20;
/** A bigger snapshot is checked only when somebody opens its row. */
const UNASKED_BYTES = 8 * 1024 * 1024;

/** Knows which files of saved sessions that are not active changed since; checks one session at a time, in the background. */
export interface Freshener extends Disposable {
  /** Stale files, where the session was checked already. */
  known(place: Place, entry: SessionEntry): readonly FileFreshness[] | undefined;
  /** For somebody who looks: also says where files lie now that are gone from their place. */
  check(place: Place, entry: SessionEntry): Promise<readonly FileFreshness[]>;
  /** Checks the newest sessions that were not checked yet, without a search for what is gone. */
  checkNewest(place: Place, entries: readonly SessionEntry[]): void;
  /** Files may have changed: what was known is checked again when it is asked for. */
  forget(): void;
  readonly onDidChange: Event<void>;
}

export function createFreshener(log: LogOutputChannel): Freshener {
  const changed = new EventEmitter<void>();
  /** Results of the checks so far; the older ones answer until newer ones are there. */
  let fresh = new Map<string, { readonly searched: boolean; readonly files: Promise<readonly FileFreshness[]> }>();
  const results = new Map<string, readonly FileFreshness[]>();
  let work: Promise<unknown> = Promise.resolve();
  let disposed = false;

  const keyOf = (place: Place, entry: SessionEntry): string => `${place.path}\0${entry.name}\0${entry.changedAt}`;

  const check = (place: Place, entry: SessionEntry, search: boolean): Promise<readonly FileFreshness[]> => {
    const key = keyOf(place, entry);
    const known = fresh.get(key);
    if (known && (known.searched || !search)) return known.files;
    const checking = work.then(() => staleFiles(place, entry, search));
    fresh.set(key, { searched: search, files: checking });
    work = checking.then(
      (files) => {
        const before = results.get(key);
        results.set(key, files);
        if (!disposed && before?.length !== files.length && (before || files.length > 0)) changed.fire();
      },
      (error: unknown) => {
        log.warn(`Checking the files of ${entry.name}: ${error instanceof Error ? error.message : String(error)}`);
        fresh.delete(key);
      },
    );
    return checking;
  };

  const forget = (): void => {
    fresh = new Map();
  };
  const listening = window.onDidChangeWindowState(({ focused }) => {
    if (!focused) return;
    forget();
    changed.fire();
  });

  return {
    known: (place, entry) => results.get(keyOf(place, entry)),
    check: (place, entry) => check(place, entry, true),
    checkNewest(place, entries) {
      for (const entry of entries.slice(0, UNASKED)) {
        // A failure is in the log, and the row opens all the same.
        if (entry.head && entry.bytes <= UNASKED_BYTES) void check(place, entry, false).catch(() => undefined);
      }
    },
    forget,
    onDidChange: changed.event,
    dispose() {
      disposed = true;
      listening.dispose();
      changed.dispose();
    },
  };
}

async function staleFiles(place: Place, entry: SessionEntry, search: boolean): Promise<readonly FileFreshness[]> {
  const opened = await place.store.open(entry.name);
  // A file that cannot be opened says so on its own row.
  if (opened.kind !== 'open') return [];
  const { body } = opened.document;
  await opened.document.close();
  const cache = createReadCache(place.path, body.read_cache);
  const swept = await sweep(cache, { editors: openEditors });
  const found = search ? await findMoved(cache, swept, { head: body.workspace?.git?.head }) : swept;
  return found.filter(isStale);
}
