import type { Driver } from '../driving/driver.ts';

/**
 * What the status bar knows of the active session, as a pure state machine without VS Code. Times are ms since the
 * epoch; counts are messages.
 */
export interface SaveState {
  readonly name: string;
  readonly revision: number | undefined;
  /** Messages that the conversation has, as far as we know. */
  readonly live: number;
  /** Messages that are on disk: the system has said so. */
  readonly disk: number;
  /** Of them, those that were read back, and when. */
  readonly verified: number;
  readonly verifiedAt: number | undefined;
  readonly savingSince: number | undefined;
  /** Why the last write did not succeed, in words. */
  readonly failure: string | undefined;
  /** Another window saved this revision over ours. */
  readonly conflict: number | undefined;
  /** Files of the read-cache that are not what the session saw. */
  readonly stale: number;
  /** The user has to decide before the session may edit files. */
  readonly held: boolean;
  readonly driver: Driver;
}

export type SaveNews =
  | {
      readonly type: 'loaded';
      readonly name: string;
      readonly revision: number | undefined;
      readonly messages: number;
      readonly at: number;
      readonly driver: Driver;
    }
  | { readonly type: 'closed' }
  | { readonly type: 'renamed'; readonly name: string }
  /** The agent's transcript holds this many messages now. */
  | { readonly type: 'grew'; readonly messages: number }
  | { readonly type: 'saving'; readonly at: number }
  /** The write is on disk, not read back yet; `all`: nothing waits to be written. */
  | { readonly type: 'written'; readonly all: boolean }
  /** The disk was read back: this is what it holds. */
  | { readonly type: 'verified'; readonly messages: number; readonly revision: number | undefined; readonly at: number }
  /** The session as the one who drives it left it on the disk. */
  | { readonly type: 'read'; readonly messages: number; readonly revision: number | undefined; readonly at: number }
  | { readonly type: 'driven'; readonly driver: Driver }
  /** `missing`: its file is not where it was, and is being looked for. */
  | { readonly type: 'failed'; readonly reason: string; readonly missing?: boolean }
  | { readonly type: 'conflict'; readonly theirs: number }
  | { readonly type: 'stale'; readonly files: number }
  | { readonly type: 'held'; readonly held: boolean };

export function nextSaveState(state: SaveState | undefined, news: SaveNews): SaveState | undefined {
  if (news.type === 'loaded') {
    return {
      name: news.name,
      revision: news.revision,
      live: news.messages,
      disk: news.messages,
      verified: news.messages,
      verifiedAt: news.at,
      savingSince: undefined,
      failure: undefined,
      conflict: undefined,
      stale: 0,
      held: false,
      driver: news.driver,
    };
  }
  if (!state || news.type === 'closed') return undefined;
  switch (news.type) {
    case 'renamed':
      return { ...state, name: news.name };
    case 'grew':
      return { ...state, live: news.messages };
    case 'saving':
      return { ...state, savingSince: state.savingSince ?? news.at };
    case 'written':
      // Reading back is spaced out: a save has ended when it is on disk.
      return { ...state, savingSince: undefined, disk: news.all ? state.live : state.disk };
    case 'verified':
      return {
        ...state,
        disk: news.messages,
        verified: news.messages,
        // A rewind leaves fewer; a session that nobody follows has what the disk has.
        live: Math.max(state.live, news.messages),
        revision: news.revision,
        verifiedAt: news.at,
        savingSince: undefined,
        failure: undefined,
        conflict: undefined,
      };
    case 'read': {
      const { messages, revision, at } = news;
      return { ...state, live: messages, disk: messages, verified: messages, revision, verifiedAt: at };
    }
    case 'driven':
      return { ...state, driver: news.driver };
    case 'failed':
      return { ...state, failure: news.reason, savingSince: undefined };
    case 'conflict':
      return { ...state, conflict: news.theirs, savingSince: undefined };
    case 'stale':
      return { ...state, stale: news.files };
    case 'held':
      return { ...state, held: news.held };
  }
}

export type SaveFace =
  | 'none'
  | 'failed'
  | 'conflict'
  | 'following'
  | 'free'
  | 'held'
  | 'behind'
  | 'saving'
  | 'stale'
  | 'saved';

/** A save shorter than this is not worth a moving icon. */
export const SLOW_SAVE_MS = 500;

/** The one thing that matters most now. */
export function saveFace(state: SaveState | undefined, at: number): SaveFace {
  if (!state) return 'none';
  if (state.failure !== undefined) return 'failed';
  if (state.conflict !== undefined) return 'conflict';
  if (state.driver.kind === 'other') return 'following';
  if (state.driver.kind === 'nobody') return 'free';
  if (state.held) return 'held';
  if (state.savingSince !== undefined) {
    if (at - state.savingSince > SLOW_SAVE_MS) return 'saving';
  } else if (state.live > state.disk) {
    return 'behind';
  }
  return state.stale > 0 ? 'stale' : 'saved';
}
