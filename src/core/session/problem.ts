/**
 * Something that was wrong with an input and did not stop us. `code` is for programs and for the rooms that hold the
 * words; `line` is 1-based; `detail` is data (an id, a field, the parser's message), never a sentence for people.
 */
export interface Problem {
  readonly code: ProblemCode;
  readonly line?: number;
  readonly detail?: string;
}

export type ProblemCode =
  /** A line or file that is not JSON. */
  | 'bad-json'
  /** A last line without its end: a write in progress, or a crash. */
  | 'torn-line'
  /** A line whose checksum does not match. */
  | 'bad-checksum'
  /** JSON of another shape than the format says. */
  | 'bad-shape'
  | 'invalid-utf8'
  | 'lone-surrogate'
  | 'duplicate-id'
  | 'empty-file'
  /** Not a file: a folder or a device named like one. */
  | 'not-a-file'
  /** A file that ends before its document does. */
  | 'truncated'
  /** A newer schema than this version writes: opened read-only. */
  | 'newer-schema'
  /** A tool call without its result. */
  | 'interrupted-call'
  /** A tool result without its call. */
  | 'orphan-result'
  /** A parent or reference that is not in the file. */
  | 'missing-reference'
  | 'unreadable';
