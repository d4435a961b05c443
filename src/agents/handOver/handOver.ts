import type { Message } from '../../core/index.ts';
import type { Accepts, AgentId } from '../agent.ts';

/** What is left out of a history before it is handed over; without any of these, nothing. */
export interface Reduction {
  /** Outputs of tools are shortened to a line that says so, except in the last turns and in pinned messages. */
  readonly dropToolOutputs?: boolean;
  /** Only so many turns (a turn begins with a prompt), and pinned messages before them. At least 1. */
  readonly lastTurns?: number;
  /** Ids of messages that are kept whole. */
  readonly pinned?: readonly string[];
}

export interface HandOverOptions {
  readonly from: AgentId | undefined;
  readonly to: AgentId;
  readonly accepts: Accepts;
  readonly reduction?: Reduction;
}

/** What became of the parts of a history. */
export interface HandOverReport {
  readonly messages: number;
  /** Calls that the agent gets as calls: under a name of its own, or under their own. */
  readonly callsMapped: number;
  readonly callsKept: number;
  /** Calls, with their results, that became text. */
  readonly callsAsText: number;
  readonly reasoningDropped: number;
  readonly systemDropped: number;
  readonly imagesKept: number;
  readonly imagesAsText: number;
  readonly outputsDropped: number;
  readonly messagesDropped: number;
  /** Calls that had no result and got one that says so. */
  readonly interrupted: number;
  /** Estimated, of what is handed over. */
  readonly tokens: number;
}

export interface HandedOver {
  readonly history: readonly Message[];
  readonly report: HandOverReport;
}

/**
 * A history as another agent takes it: tool calls under its names where the tool is one of the four that all have
 * (read, edit, write, shell), others as `accepts` says; no reasoning, whose signatures hold for one account only.
 * `history` has its blobs inlined.
 */
export function handOver(_history: readonly Message[], _options: HandOverOptions): HandedOver {
  throw new Error('not built');
}

/** Tokens that a history will take, estimated: good for a choice between variants, not for a bill. */
export function estimateTokens(_history: readonly Message[]): number {
  throw new Error('not built');
}
