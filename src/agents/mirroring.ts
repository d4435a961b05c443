import type { SessionStore } from '../core/index.ts';
import type { Agent } from './agent.ts';
import { isSystemError } from './files.ts';
import { type Mirrored, mirrorUpTo } from './mirrorUpTo.ts';
import type { RecordSource } from './recordSource.ts';

/** A whole copy costs what the transcript's length does: the next one waits so many times as long as the last took. */
const PAUSE = 10;
/** A copy that took less is no burden however often it is made, ms. */
const QUICK_MS = 20;

export interface MirroringOptions {
  readonly agent: Agent;
  readonly transcript: string;
  readonly sessionId: string;
  readonly source: RecordSource;
  readonly store?: SessionStore;
  /** As it was saved. */
  readonly raw?: Mirrored;
}

/** Keeps the mirror of a transcript that is followed; one that is written as a whole falls behind now and then. */
export interface Mirroring {
  /** Messages were read that the mirror does not hold; `lost`: and it holds some that are not there any more. */
  isBehind(lost: boolean): void;
  /** Mirrors what is due. True where the mirror is another one now. Rejects where the store cannot be written. */
  catchUp(): Promise<boolean>;
  /** What the session holds of its mirror. */
  mirrored(): Mirrored | undefined;
}

export function createMirroring(options: MirroringOptions): Mirroring {
  const { agent, transcript, sessionId, source, store } = options;
  const isAppended = agent.layout(transcript).kind === 'lines';
  let mirrored = options.raw;
  let behind = false;
  let lost = false;
  let notBefore = 0;
  return {
    isBehind(news) {
      behind = true;
      lost ||= news;
    },
    async catchUp() {
      if (!behind || store === undefined || (!isAppended && performance.now() < notBefore)) return false;
      const started = performance.now();
      const anew = lost;
      const next = await untilGone(
        mirrorUpTo(store, agent, sessionId, transcript, {
          read: source.position().bytes,
          state: source.state?.(),
          anew: async () => anew,
        }),
      );
      const took = performance.now() - started;
      notBefore = took < QUICK_MS ? 0 : started + took * (PAUSE + 1);
      if (next === undefined) return false;
      const isOther = next.file !== mirrored?.file || next.bytes !== mirrored.bytes;
      mirrored = next;
      behind = false;
      lost = false;
      return isOther;
    },
    mirrored: () => mirrored,
  };
}

/** The transcript may go at any moment: what was mirrored of it stays. */
async function untilGone<T>(mirroring: Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await mirroring;
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
