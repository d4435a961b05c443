import type { SessionEvent } from '../session/event.ts';
import type { Message } from '../session/message.ts';
import type { Problem } from '../session/problem.ts';
import type { Session } from '../session/session.ts';
import type { ReadCacheEntry, SnapshotBody, SnapshotHead } from '../session/snapshot.ts';
import type { LeaseHolder, LeaseOptions, LeaseOutcome } from './lease/lease.ts';
import type { NameProblem } from './name.ts';
import type { Marks, MarksOutcome } from './setMarks.ts';

/** One row of a list: read from the first bytes of a file, never from its whole. */
export interface SessionEntry {
  readonly name: string;
  /** Absolute path of the snapshot. */
  readonly file: string;
  readonly bytes: number;
  /** Last change of snapshot or journal, ms since the epoch. */
  readonly changedAt: number;
  /** Absent where the file cannot be read as a snapshot: then `problems` says why. */
  readonly head?: SnapshotHead;
  /** The file holds events that are not folded yet. */
  readonly hasJournal: boolean;
  /** A newer schema: can be shown, never written. */
  readonly readOnly: boolean;
  readonly problems: readonly Problem[];
}

/** An entry of `.sessions/trash/`. `id` is unique, so that one name can be deleted more than once. */
export interface TrashEntry {
  readonly id: string;
  readonly name: string;
  /** ms since the epoch */
  readonly deletedAt: number;
  readonly bytes: number;
}

/**
 * An open snapshot, folded with its journal. Messages are read and parsed on demand from a line index, so that a
 * file of any size opens without holding its text. Whoever opens it closes it.
 */
export interface SessionDocument {
  readonly name: string;
  readonly body: SnapshotBody;
  readonly messageCount: number;
  readonly readOnly: boolean;
  /** Events recovered from the journal, and how many were there. */
  readonly recovered: { readonly events: number; readonly of: number };
  readonly problems: readonly Problem[];
  /** Messages `from` (0-based, included) to `to` (excluded). A line that is not a message becomes a problem, not a throw. */
  messages(from: number, to: number): Promise<readonly Message[]>;
  /** The whole session in memory. */
  toSession(): Promise<Session>;
  close(): Promise<void>;
}

/** Why a named session could not be opened; the file is kept as it is. */
export type OpenFailure =
  | { readonly kind: 'missing' }
  | { readonly kind: 'invalid-name'; readonly problem: NameProblem }
  | { readonly kind: 'unreadable'; readonly file: string; readonly problems: readonly Problem[] };

/** Why nothing was written; what was there before is untouched. */
export type WriteFailure =
  | { readonly kind: 'invalid-name'; readonly problem: NameProblem }
  | { readonly kind: 'missing' }
  /** Another save came first: `theirs` is the revision on disk. */
  | { readonly kind: 'conflict'; readonly theirs: number }
  /** Another session has this name. */
  | { readonly kind: 'exists'; readonly sessionId: string | undefined }
  /** A newer schema, or a file that is not a snapshot: never overwritten. */
  | { readonly kind: 'read-only'; readonly problems: readonly Problem[] }
  /** `code` is the system's (ENOSPC, EACCES, EROFS, EDQUOT, ...). */
  | { readonly kind: 'io'; readonly code: string; readonly path: string; readonly message: string };

export type SaveOutcome = { readonly kind: 'saved'; readonly revision: number; readonly file: string } | WriteFailure;
export type AppendOutcome =
  /** `bytes` is the journal's size after the append; every event up to there is on disk. */
  { readonly kind: 'appended'; readonly events: number; readonly bytes: number } | WriteFailure;
export type ForkOutcome =
  | {
      readonly kind: 'forked';
      readonly name: string;
      readonly sessionId: string;
      readonly messages: number;
      /** Resolves when the fork's own file no longer shares bytes with its parent's; the fork is durable before. */
      readonly settled: Promise<void>;
    }
  | WriteFailure
  | OpenFailure
  | { readonly kind: 'no-such-message'; readonly messages: number };
export type MoveOutcome = { readonly kind: 'done'; readonly name: string } | WriteFailure;
export type DeleteOutcome = { readonly kind: 'deleted'; readonly id: string } | WriteFailure;

/** A saved session that has read a file. */
export interface FileReader {
  readonly name: string;
  readonly sessionId: string;
  /** Last change of the session, ms since the epoch. */
  readonly changedAt: number;
  /** What it has seen of the file. */
  readonly entry: ReadCacheEntry;
}

/** Where sessions live. One store per workspace folder; several processes may use the same folder at once. */
export interface SessionStore {
  /** Absolute path of the sessions' folder (`<workspace>/.sessions`). */
  readonly root: string;

  /** Every session, damaged ones included, newest change first. Changes nothing but a derived cache. */
  list(): Promise<readonly SessionEntry[]>;
  open(name: string): Promise<{ readonly kind: 'open'; readonly document: SessionDocument } | OpenFailure>;
  /** `open`, `toSession`, `close`. */
  load(name: string): Promise<
    | {
        readonly kind: 'loaded';
        readonly session: Session;
        readonly readOnly: boolean;
        readonly recovered: { readonly events: number; readonly of: number };
        readonly problems: readonly Problem[];
      }
    | OpenFailure
  >;

  /**
   * Writes a whole session. `expected` is the revision that the caller has seen; `undefined` means that no session
   * of this name may exist. The new revision is `expected + 1` (1 for a new one; one more where a fold that was cut off
   * had to be finished first). Events that others appended to the journal since the session was loaded (its
   * `folded_journals` tell) are folded in, never dropped.
   */
  save(name: string, session: Session, expected: number | undefined): Promise<SaveOutcome>;
  /**
   * Appends events to the journal, durably (data-synced). The cost is that of the events, whatever the history's length.
   * A journal that outgrows half of its snapshot (and 1 MiB) is folded in the background, which is a new revision.
   */
  append(name: string, events: readonly SessionEvent[]): Promise<AppendOutcome>;
  /**
   * Folds the journal into the snapshot by copying bytes; the revision grows by one. Without a journal it does nothing
   * and returns the revision. A journal with damaged lines is kept beside it, as `<name>.kept-...`.
   */
  fold(name: string, expected?: number): Promise<SaveOutcome>;

  /** `messages` is how many of the parent's messages to keep (default: all); `name` is the fork's. */
  fork(name: string, options: { readonly name: string; readonly messages?: number }): Promise<ForkOutcome>;
  rename(name: string, to: string): Promise<MoveOutcome>;
  /**
   * Sets tags and pins. They go to the journal: no revision is used up, so a save of whoever drives the session meets no
   * conflict, and its own copy of the head loses nothing. Where nobody drives it, the journal is folded in the background.
   */
  setMarks(name: string, marks: Marks): Promise<MarksOutcome>;
  /** Moves the session to `.sessions/trash/`. */
  delete(name: string): Promise<DeleteOutcome>;
  listTrash(): Promise<readonly TrashEntry[]>;
  /** Brings back a trash entry, under its old name, or a free variant of it (`name 2`). */
  restore(id: string): Promise<MoveOutcome>;
  /** A name that no session has yet, made valid from any text (a title, a first prompt). */
  freeName(from: string): Promise<string>;

  /** Stores bytes under their SHA-256 (hex) in `blobs/`; the same bytes twice are one file. */
  putBlob(bytes: Uint8Array): Promise<{ readonly blob: string; readonly bytes: number }>;
  /** Undefined when the blob is missing; the content is checked against its name. */
  getBlob(blob: string): Promise<Uint8Array | undefined>;
  /**
   * Copies the bytes [mirrored, end of file) of a transcript into `raw/<session_id>.jsonl`, whole lines only but at
   * least up to byte `read` (a last line may be whole before its end is written), and returns how many bytes are
   * mirrored now; `file` is relative to `root`. A transcript that shrank or was replaced starts a new mirror file.
   */
  mirrorRaw(
    sessionId: string,
    transcript: string,
    read?: number,
  ): Promise<{ readonly file: string; readonly bytes: number }>;
  /**
   * Keeps a whole text in `raw/<session_id>.json`, in the place of the one before; where it is the same, nothing is
   * written. It is on disk when this resolves. Rejects with what `text` throws; then, as where this gives undefined, the
   * one before stays. No piece of text ends within a character.
   */
  mirrorDocument(
    sessionId: string,
    text: AsyncIterable<string | Uint8Array>,
    options?: {
      /** True where the text before (its absolute path) holds what this one does not: it stays, and a new file is begun. */
      readonly anew?: (before: string) => Promise<boolean>;
      /** Asked when all was written: false where the text turned out to be half of one, or of two. */
      readonly isWhole?: () => Promise<boolean>;
    },
  ): Promise<{ readonly file: string; readonly bytes: number } | undefined>;

  /**
   * Which saved sessions have read a file, newest change first; `key` as in a read-cache. Answered from a derived index
   * (`.cache/`): only sessions that changed since it was written are opened.
   */
  readers(key: string): Promise<readonly FileReader[]>;

  /**
   * Takes the lease of a session: whoever holds it drives the session, others may follow. It protects people from
   * confusion, not data from loss: appends and saves of several processes are safe without it. A holder that is dead
   * (its heartbeat stopped, or its process on this machine ended) counts as none.
   */
  takeLease(sessionId: string, options: LeaseOptions): Promise<LeaseOutcome>;
  /** The living holder of a session's lease, this process included. */
  leaseHolder(sessionId: string): Promise<LeaseHolder | undefined>;

  /** Releases open journals and leases. */
  close(): Promise<void>;
}
