/**
 * What a transcript tells of one tool call on one file; the source of a read-cache for a session that Holdfast did
 * not watch itself (FORMATS 0.2, 0.3).
 */
export interface FileTouch {
  /**
   * Absolute path as on the machine of the transcript (resolved against the call's cwd); relative to the session's
   * folder where the transcript names no folder.
   */
  readonly path: string;
  readonly op: 'read' | 'edit' | 'write' | 'delete';
  /** ISO time of the call's result. */
  readonly at?: string;
  /** The whole file was seen, or its whole new content is known. */
  readonly full: boolean;
  /** The whole content after the call, as the agent recorded it, where known. */
  readonly text?: string;
  /** The agent does not show whether the text ends with a newline: `text` has none, the file may have one. */
  readonly openEnd?: boolean;
  /** SHA-256 (hex) of the raw bytes after the call, where the agent recorded it. */
  readonly sha256?: string;
  /** Time of the last change (ms since the epoch) and size (bytes) of the file when it was seen, where the agent recorded them. */
  readonly mtimeMs?: number;
  readonly size?: number;
  /** Id of the message whose call it was; '' where that is not recorded. */
  readonly messageId: string;
}
