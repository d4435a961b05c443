import type { JsonObject } from '../shape.ts';

/** A row, or a file of an old storage. */
export interface StoredRow {
  readonly id: string;
  /** ms since the epoch of its last change. */
  readonly stamp: number;
  /** Its JSON, ids included, as an export has it. Absent where it did not change since the time that was asked for. */
  readonly text?: string;
}

export interface StoredMessage extends StoredRow {
  /** ms since the epoch; 0 where the order is that of the ids alone. */
  readonly created: number;
}

/** One session as opencode keeps it, in a database or in a tree of files. All reject with a system error. */
export interface SessionSource {
  /** `info` is what an export calls so. */
  session(): Promise<(StoredRow & { readonly info: JsonObject }) | undefined>;
  /** From a message on, in order; texts only of what changed at `since` or later. */
  messages(
    from: { readonly created: number; readonly id: string } | undefined,
    since: number,
  ): AsyncIterable<StoredMessage>;
  parts(messageId: string, since: number): AsyncIterable<StoredRow>;
  /** The text of one, whenever it changed. */
  text(kind: 'message' | 'part', row: StoredRow, messageId: string): Promise<string | undefined>;
  close(): void;
}

export type OpenSource = () => Promise<SessionSource>;
