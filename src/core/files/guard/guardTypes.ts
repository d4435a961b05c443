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
  /**
   * The file at this path was just replaced on disk: an open editor without unsaved changes follows, undoably. Never
   * rejects; what it can't do, the host's own reload does later.
   */
  afterWrite?(path: string, before: Uint8Array, after: Uint8Array): Promise<void>;
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

/** What a three-way merge of the edit with `theirs` would take, or make. */
export interface MergeOffer {
  /** What the session read. */
  readonly base: Uint8Array;
  /** `base` with the session's edit. */
  readonly ours: Uint8Array;
  /** All three together; absent where both sides changed the same lines, or lines that touch, or it would take too long. */
  readonly merged?: Uint8Array;
}

/** A program wrote into a version of a file after a guarded write had displaced it; its bytes are kept. */
export interface LateConflict {
  /** Key in the read-cache. */
  readonly key: string;
  /** Absolute path where the displaced version lies, with what was written into it. */
  readonly kept: string;
}

export type WriteOutcome =
  | {
      readonly kind: 'written';
      readonly key: string;
      readonly stamp: Stamp;
      readonly created: boolean;
      /** Written into an open editor, which is unsaved, not to the disk. */
      readonly unsaved: boolean;
      /** The file had changed since the session read it, and the edit was merged with that: the session has not seen all of it. */
      readonly merged?: true;
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
      /** Present where the base is known, all sides are text of 4 MiB at most and the edit can be applied to the base. */
      readonly merge?: MergeOffer;
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
   * `merge` merges the content with what changed since, where both did not change the same lines. Bytes are not copied:
   * they must stay as they are until the outcome is there.
   */
  write(
    path: string,
    content: Uint8Array | string,
    options?: { readonly force?: boolean; readonly merge?: boolean },
  ): Promise<WriteOutcome>;
  /**
   * Replaces `old`, which must occur exactly once (or every occurrence with `all`), in the version that the session has
   * seen. `merge` as in `write`.
   */
  edit(
    path: string,
    edit: { readonly old: string; readonly new: string; readonly all?: boolean },
    options?: { readonly merge?: boolean },
  ): Promise<WriteOutcome>;
  /** Ends looks at displaced files that are still to come; what they would have found, a next writer finds. */
  close(): void;
}
