import {
  createBases,
  createGuard,
  createReadCache,
  type Guard,
  type LateConflict,
  type ReadCache,
  recoverDisplaced,
  type WriteFailure,
} from '../core/index.ts';
import type { Context } from './context.ts';
import { type Failed, failed, openFailed, writeFailed } from './ending.ts';
import { plainLine } from './plain.ts';

export interface SessionGuard {
  readonly guard: Guard;
  readonly cache: ReadCache;
  /** Why stamps could not be kept; the guard's call has then thrown. */
  readonly failure: () => Failed | undefined;
  /**
   * Waits until the versions that were read and written are kept as bases of later merges. Tells on stderr, and returns,
   * what programs wrote into versions that an earlier write had displaced: whoever writes ends before they do.
   */
  readonly end: () => Promise<readonly LateConflict[]>;
}

/**
 * The guard of a saved session. Every stamp goes to the session's journal before the outcome is told, so that the next
 * process knows what this one has read.
 */
export async function openGuard(context: Context, name: string): Promise<SessionGuard | Failed> {
  const { store, folder, sessionsFolder, io } = context;
  const opened = await store.open(name);
  if (opened.kind !== 'open') return openFailed(name, opened);
  const { body, readOnly, problems } = opened.document;
  await opened.document.close();
  if (readOnly) return failed('read-only', name, problems.map(({ code }) => code).join(', '));
  const cache = createReadCache(folder, body.read_cache);
  const kept = createBases({ sessionsFolder: store.root });
  const puts: Promise<void>[] = [];
  const late = [...(await recoverDisplaced(store.root))];
  let failure: Failed | undefined;
  const guard = createGuard({
    folder,
    sessionsFolder,
    cache,
    now: io.now,
    bases: {
      get: kept.get,
      put: (sha256, bytes) => {
        const put = kept.put(sha256, bytes);
        puts.push(put);
        return put;
      },
    },
    onLate: (one) => void late.push(one),
    onStamps: async (set) => {
      const appended = await store.append(name, [{ type: 'read_cache', set }]);
      if (appended.kind === 'appended') return;
      failure = writeFailed(name, appended satisfies WriteFailure);
      throw new Error(failure.code);
    },
  });
  const end = async (): Promise<readonly LateConflict[]> => {
    await Promise.all(puts);
    guard.close();
    for (const { key, kept } of late) {
      const what = `holdfast: somebody wrote into ${key} just after it had been replaced. Their version is kept at ${kept}`;
      await io.err(`${plainLine(what)}\n`);
    }
    return late;
  };
  return { guard, cache, failure: () => failure, end };
}
