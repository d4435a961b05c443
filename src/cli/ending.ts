import type { LeaseHolder, NameProblem, OpenFailure, WriteFailure } from '../core/index.ts';

/** The codes of `{ "error": { "code" } }`. They are part of the interface: scripts compare them. */
export type ErrorCode =
  | 'usage'
  | 'internal'
  | 'invalid-name'
  | 'invalid-tag'
  | 'no-folder'
  | 'no-such-session'
  | 'no-such-live-session'
  | 'no-such-message'
  | 'no-such-trash'
  | 'no-such-file'
  | 'ambiguous-id'
  | 'unknown-agent'
  | 'unknown-format'
  | 'unreadable'
  | 'exists'
  | 'conflict'
  | 'read-only'
  | 'disk-full'
  | 'no-permission'
  | 'io'
  | 'outside'
  | 'not-a-file'
  | 'protected'
  | 'too-big'
  | 'bad-json'
  | 'not-native'
  | 'invalid-transcript'
  | 'elsewhere'
  | 'unsafe-id'
  | 'no-agent-program'
  | 'agent-failed'
  | 'held'
  | 'changed-meanwhile'
  | 'not-confirmed';

/** How a verb ends. `json` is the one document that `--json` prints; `text` is for people, without a last newline. */
export type Ending =
  | { readonly kind: 'done'; readonly json: unknown; readonly text: string }
  /** Conflict or drift: exit code 3. */
  | { readonly kind: 'differs'; readonly json: unknown; readonly text: string }
  /** The verb has written its document or text itself, piece by piece. */
  | { readonly kind: 'written' }
  | Failed;

export interface Failed {
  readonly kind: 'failed';
  readonly code: ErrorCode;
  /** What it is about, as data: a name, a path, the system's message. */
  readonly about: string;
  /** A closer reason under the code (a `NameProblem`, the system's error code). */
  readonly reason?: string;
  /** Who holds the session's lease. */
  readonly holder?: LeaseHolder;
}

export function isFailed(value: unknown): value is Failed {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'failed';
}

export function failed(code: ErrorCode, about: string, reason?: string): Failed {
  return { kind: 'failed', code, about, ...(reason === undefined ? {} : { reason }) };
}

export function exitCode(ending: Ending): 0 | 1 | 2 | 3 {
  switch (ending.kind) {
    case 'done':
    case 'written':
      return 0;
    case 'differs':
      return 3;
    case 'failed':
      if (ending.code === 'usage') return 2;
      return ending.code === 'conflict' || ending.code === 'held' ? 3 : 1;
  }
}

export function badName(name: string, problem: NameProblem): Failed {
  return failed('invalid-name', name, problem);
}

export function openFailed(name: string, failure: OpenFailure): Failed {
  switch (failure.kind) {
    case 'missing':
      return failed('no-such-session', name);
    case 'invalid-name':
      return badName(name, failure.problem);
    case 'unreadable':
      return failed('unreadable', failure.file, failure.problems.map(({ code }) => code).join(', '));
  }
}

export function writeFailed(name: string, failure: WriteFailure): Failed {
  switch (failure.kind) {
    case 'missing':
      return failed('no-such-session', name);
    case 'invalid-name':
      return badName(name, failure.problem);
    case 'conflict':
      return failed('conflict', name, `revision ${failure.theirs}`);
    case 'exists':
      return failed('exists', name);
    case 'read-only':
      return failed('read-only', name, failure.problems.map(({ code }) => code).join(', '));
    case 'io':
      return systemFailed(failure);
  }
}

/** A system error as a code that says what to do about it. */
export function systemFailed(error: {
  readonly code: string;
  readonly path: string;
  readonly message: string;
}): Failed {
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return failed('disk-full', error.path, error.code);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return failed('no-permission', error.path, error.code);
    case 'ENOENT':
      return failed('no-such-file', error.path, error.code);
    case 'EISDIR':
    case 'ENOTDIR':
      return failed('not-a-file', error.path, error.code);
    default:
      return failed('io', error.path, error.message);
  }
}

/** A thrown system error as an ending; anything else is a defect and is thrown on. */
export function thrownSystemError(error: unknown, path: string): Failed {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error) {
    return systemFailed({ code: error.code, path, message: error.message });
  }
  throw error;
}
