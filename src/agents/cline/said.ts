import type { Role, Usage } from '../../core/index.ts';
import type { Part } from '../agent.ts';

export interface SaidCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

export interface SaidResult {
  readonly callId: string;
  readonly text: string;
  readonly failed: boolean;
}

/** What one record of a transcript says: one message of the history. */
export interface Said {
  readonly role: Role;
  readonly content: string | readonly Part[];
  /** A person's words, a task or an answer. */
  readonly prompt?: string;
  readonly calls?: readonly SaidCall[];
  readonly results?: readonly SaidResult[];
}

/** What a record tells beside it. */
export interface RecordFacts {
  readonly at?: string;
  readonly model?: string;
  readonly provider?: string;
  readonly usage?: Usage;
  /** US dollars */
  readonly cost?: number;
}
