import type { SessionStore } from '../../core/index.ts';
import type { Agent, AgentHome, CommandLine, NativeProblem, ResumeOptions } from '../agent.ts';
import { InvalidTranscript } from '../checkWritten.ts';
import { optional } from '../shape.ts';
import type { HandOverReport } from './handOver.ts';
import { type Looked, lookAtGift } from './lookAtGift.ts';
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
  /** Messages that the session itself has pinned stay whole in any case. */
  readonly reduction?: Reduction;
  /**
   * Files that changed since the session read them, absolute or by their keys: what it read of them is not handed over.
   * Absent: those that differ on the disk now.
   */
  readonly staleFiles?: ReadonlySet<string>;
  /** ms since the epoch */
  readonly now: () => number;
}

/** What giving a session to an agent takes. */
export type GivePlan =
  /** Nothing is to be written: the agent has it. */
  | {
      readonly kind: 'present';
      readonly nativeId: string;
      readonly transcript: string;
      /** What the agent's command must name to go on with it: for `commandFor`. */
      readonly resumeWith?: Pick<ResumeOptions, 'provider'>;
    }
  | {
      readonly kind: 'to-write';
      readonly nativeId: string;
      /** `raw`: from the bytes of the agent's own transcript, nothing is lost. `messages`: from the neutral history. */
      readonly from: 'raw' | 'messages';
      /** What becomes of the history; of `raw` undefined. */
      readonly report?: HandOverReport;
      readonly resumeWith?: Pick<ResumeOptions, 'provider'>;
    }
  /** The agent keeps a session of this id for another folder. */
  | { readonly kind: 'elsewhere'; readonly nativeId: string; readonly transcript: string }
  /** The agent cannot be given sessions, or a value from the snapshot is unsafe, or the snapshot cannot be opened. */
  | {
      readonly kind: 'refused';
      readonly code: 'not-native' | 'unsafe-id' | 'not-open' | 'newer-schema';
      readonly detail?: string;
    };

export type Given =
  | {
      readonly kind: 'given';
      readonly nativeId: string;
      readonly transcript: string;
      readonly before?: CommandLine;
      readonly resumeWith?: Pick<ResumeOptions, 'provider'>;
      /** What became of the history, where it was written from messages just now. */
      readonly report?: HandOverReport;
    }
  /** Our own validator found what the agent would pass over in silence; nothing was left behind. */
  | { readonly kind: 'invalid'; readonly problems: readonly NativeProblem[] }
  | Exclude<GivePlan, { readonly kind: 'present' | 'to-write' }>;

/**
 * Finds out what `giveSession` would do; writes nothing.
 *
 * The session's own agent has it under its native id, another under one that follows from the session's identity, how
 * far it has come, and the reduction: the same session is handed over once, and one that grew is handed over anew.
 */
export async function planGift(options: GiveOptions): Promise<GivePlan> {
  const looked = await lookAtGift(options);
  if (looked.kind !== 'to-write') return looked;
  const { kind, nativeId, gift } = looked;
  return gift.from === 'raw'
    ? { kind, nativeId, from: gift.from, ...optional('resumeWith', gift.resumeWith) }
    : { kind, nativeId, from: gift.from, report: gift.handed.report };
}

/**
 * Makes sure that the agent has the session: natively written where it must be, validated first. Bytes of a transcript
 * that its agent would take amiss give way to the messages. Rejects with a system error (EEXIST where another one has
 * written it meanwhile).
 */
export async function giveSession(options: GiveOptions): Promise<Given> {
  const looked = await lookAtGift(options);
  if (looked.kind !== 'to-write') return asGiven(looked);
  const given = await written(looked, options);
  if (given.kind !== 'invalid' || looked.gift.from === 'messages') return given;
  const again = await lookAtGift(options, { raw: false });
  return again.kind === 'to-write' ? written(again, options) : asGiven(again);
}

function asGiven(looked: Exclude<Looked, { readonly kind: 'to-write' }>): Given {
  return looked.kind === 'present' ? { ...looked, kind: 'given' } : looked;
}

async function written(
  { form, gift, title, nativeId }: Extract<Looked, { readonly kind: 'to-write' }>,
  { where, folder, now }: GiveOptions,
): Promise<Extract<Given, { readonly kind: 'given' | 'invalid' }>> {
  const target = { folder, newId: nativeId, title, now: now() };
  try {
    if (gift.from === 'raw') {
      const { source, resumeWith } = gift;
      return {
        kind: 'given',
        ...(await form.fork(where, { ...target, ...source })),
        ...optional('resumeWith', resumeWith),
      };
    }
    const { history, report } = gift.handed;
    if (history.length === 0) return { kind: 'invalid', problems: [{ code: 'empty' }] };
    return { kind: 'given', ...(await form.write(where, { ...target, history })), report };
  } catch (error) {
    if (error instanceof InvalidTranscript) return { kind: 'invalid', problems: error.problems };
    throw error;
  }
}

/** The command that goes on with it; undefined where a person has to open it in the agent. Throws for what is no id. */
export function commandFor(to: Agent, nativeId: string, options?: ResumeOptions): CommandLine | undefined {
  return to.native?.resumeCommand?.(nativeId, options);
}
