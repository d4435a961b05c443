import type { Stamp } from '../stamp.ts';

/**
 * What the guard knows of open editors; passed in, since only a host with windows has any. Paths are asked by their
 * real spelling first (`ReadCache.absolute`), then below the folder as it was given: a host that opens files by other
 * names (a link) compares `ReadCache.key` of its documents.
 */
export interface OpenEditors {
  /** The text of an open editor with unsaved changes on this absolute path; undefined when none is dirty. */
  unsavedText(path: string): string | undefined;
  /**
   * Replaces the text of that editor, undoable, and leaves it unsaved. False when `expected` is no longer its text.
   */
  replaceUnsaved(path: string, expected: string, text: string): Promise<boolean>;
}

/** The version that stood in the way. */
export interface Theirs {
  readonly stamp?: Stamp;
  /** The text of an open editor with unsaved changes. */
  readonly unsaved?: string;
  readonly bytes?: Uint8Array;
}

export type ReadOutcome =
  | {
      readonly kind: 'read';
      readonly key: string;
      readonly bytes: Uint8Array;
      readonly stamp: Stamp;
      /** The bytes are an open editor's unsaved text (UTF-8), not the disk's. */
      readonly unsaved: boolean;
    }
  | Refusal;

export type ConflictReason =
  /** The content is not what the session read. */
  | 'changed'
  | 'deleted'
  /** An open editor holds unsaved text that the session has not seen. */
  | 'unsaved'
  /** The session never read this file (for `write`: or only the user knows this version), and it exists. */
  | 'unread'
  /** The transcript does not tell what was read. */
  | 'unknown'
  /**
   * Someone wrote between compare and rename. Our version is taken back and theirs is on disk again; what could not be
   * put back (somebody wrote once more meanwhile) is at `kept`.
   */
  | 'slipped-in';

export type WriteOutcome =
  | {
      readonly kind: 'written';
      readonly key: string;
      readonly stamp: Stamp;
      readonly created: boolean;
      /** Written into an open editor, which is unsaved, not to the disk. */
      readonly unsaved: boolean;
      /** With `force`: absolute path where the version that it overwrote is kept. */
      readonly kept?: string;
    }
  | {
      readonly kind: 'conflict';
      readonly key: string;
      readonly reason: ConflictReason;
      readonly theirs: Theirs;
      /** What the session believes: its stamp, if it has one. */
      readonly seen?: { readonly sha256?: string; readonly seenAt?: string };
      /** Absolute path where displaced bytes were kept. */
      readonly kept?: string;
    }
  /** `edit` only: `old` occurs `matches` times in the current, fresh version. */
  | { readonly kind: 'no-match'; readonly key: string; readonly matches: number }
  | Refusal;

/** Nothing was read or written. */
export type Refusal =
  | { readonly kind: 'missing'; readonly key: string }
  | { readonly kind: 'outside'; readonly path: string }
  | { readonly kind: 'not-a-file'; readonly key: string }
  /** A path inside the sessions' folder or `.git`. */
  | { readonly kind: 'protected'; readonly key: string }
  | { readonly kind: 'too-big'; readonly key: string; readonly bytes: number; readonly limit: number }
  /** The system's code; also EINVAL (empty path, NUL), ELOOP, and ELOCKED: another process held the file's lock for 10 s. */
  | { readonly kind: 'io'; readonly code: string; readonly path: string; readonly message: string };

/** The only door through which a session writes a file (optimistic locking). */
export interface Guard {
  /** Reads the current version (an open editor's unsaved text counts) and records its stamp. */
  read(path: string): Promise<ReadOutcome>;
  /**
   * Replaces the whole content. `force` writes even where the session's version is stale, and keeps what it displaces.
   * Bytes are not copied: they must stay as they are until the outcome is there.
   */
  write(path: string, content: Uint8Array | string, options?: { readonly force?: boolean }): Promise<WriteOutcome>;
  /** Replaces `old`, which must occur exactly once (or every occurrence with `all`), in the version that the session has seen. */
  edit(
    path: string,
    edit: { readonly old: string; readonly new: string; readonly all?: boolean },
  ): Promise<WriteOutcome>;
}
