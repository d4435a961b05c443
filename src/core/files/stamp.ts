/**
 * A version of a file on disk. Times are nanoseconds since the epoch as decimal strings (they exceed 2^53);
 * `sha256` is over the raw bytes, hex.
 */
export interface Stamp {
  readonly sha256: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly mtimeNs: string;
  readonly ctimeNs: string;
  readonly ino: string;
  /**
   * The file changed within a minute of the read (longer where the kernel writes back later), so equal times do not
   * prove equal bytes (git's "racily clean").
   */
  readonly racy: boolean;
}

/**
 * same: equal bytes. touched: other times, equal bytes. unsaved: an open editor holds other text. unknown: the
 * transcript tells neither content nor a usable time. unreadable: no permission, or not a file any more. moved: gone,
 * and found elsewhere (`movedTo`).
 */
export type Freshness = 'same' | 'touched' | 'changed' | 'deleted' | 'moved' | 'unsaved' | 'unknown' | 'unreadable';

export interface FileFreshness {
  /** Key in the read-cache: folder-relative with `/`, or absolute where outside. */
  readonly key: string;
  /** Absolute path. */
  readonly path: string;
  readonly freshness: Freshness;
  /** The disk's version now; absent where it was not read. */
  readonly stamp?: Stamp;
  /** Key of the file that holds its content now, or that git says it became. */
  readonly movedTo?: string;
}
