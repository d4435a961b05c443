import type { SessionStore } from '../../core/index.ts';
import type { Agent, AgentHome, CommandLine, NativeProblem, ResumeOptions } from '../agent.ts';
import type { HandOverReport } from './handOver.ts';
import type { Reduction } from './reduce.ts';

export interface GiveOptions {
  readonly store: SessionStore;
  /** Of the saved session. */
  readonly name: string;
  /** The agent that is to go on with it: its own, or another. */
  readonly to: Agent;
  readonly where: AgentHome;
  /** The workspace folder, absolute. */
  readonly folder: string;
  readonly reduction?: Reduction;
  /** ms since the epoch */
  readonly now: () => number;
}

/** What giving a session to an agent takes. */
export type GivePlan =
  /** Nothing is to be written: the agent has it. */
  | { readonly kind: 'present'; readonly nativeId: string; readonly transcript: string }
  | {
      readonly kind: 'to-write';
      readonly nativeId: string;
      /** `raw`: from the bytes of the agent's own transcript, nothing is lost. `messages`: from the neutral history. */
      readonly from: 'raw' | 'messages';
      /** What becomes of the history; of `raw` undefined. */
      readonly report?: HandOverReport;
    }
  /** The agent keeps a session of this id for another folder. */
  | { readonly kind: 'elsewhere'; readonly transcript: string }
  /** The agent cannot be given sessions, or a value from the snapshot is unsafe, or the snapshot cannot be opened. */
  | {
      readonly kind: 'refused';
      readonly code: 'not-native' | 'unsafe-id' | 'not-open' | 'newer-schema';
      readonly detail?: string;
    };

export type Given =
  | { readonly kind: 'given'; readonly nativeId: string; readonly transcript: string; readonly before?: CommandLine }
  /** Our own validator found what the agent would pass over in silence; nothing was left behind. */
  | { readonly kind: 'invalid'; readonly problems: readonly NativeProblem[] }
  | Exclude<GivePlan, { readonly kind: 'present' | 'to-write' }>;

/** Finds out what `giveSession` would do; writes nothing. */
export function planGift(_options: GiveOptions): Promise<GivePlan> {
  return Promise.reject(new Error('not built'));
}

/** Makes sure that the agent has the session: natively written where it must be, validated first. */
export function giveSession(_options: GiveOptions): Promise<Given> {
  return Promise.reject(new Error('not built'));
}

/** The command that goes on with it; undefined where a person has to open it in the agent. */
export function commandFor(_to: Agent, _nativeId: string, _options?: ResumeOptions): CommandLine | undefined {
  throw new Error('not built');
}
