import type { ReadCacheEntry } from '../../session/snapshot.ts';

/** What holds now, as far as an entry asks for it. */
export interface Evidence {
  readonly size: number;
  /** ms since the epoch */
  readonly mtimeMs: number;
  sha256(): string | Promise<string>;
  /** SHA-256 over the normalised text (FORMATS 0.3). */
  textSha256(): Promise<string>;
}

export type Verdict = 'fresh' | 'changed' | 'unknown';

/** How much later than the read a file's time may be: agents note the time of a result, disks the time of a write. */
const TIME_SLACK_MS = 1000;

/** True when only the content can tell whether the entry is fresh. */
export function needsContent(entry: ReadCacheEntry): boolean {
  return entry.sha256 !== undefined || entry.text_sha256 !== undefined;
}

/** Is the version that the session has seen the one that holds now? The content decides where it was recorded. */
export async function judge(entry: ReadCacheEntry, now: Evidence): Promise<Verdict> {
  if (entry.sha256 !== undefined && entry.sha256 === (await now.sha256())) return 'fresh';
  // An editor's text has neither BOM nor the disk's line ends for certain, so its saved form is compared as text too.
  if (entry.text_sha256 !== undefined && (entry.sha256 === undefined || entry.unsaved === true)) {
    return entry.text_sha256 === (await now.textSha256()) ? 'fresh' : 'changed';
  }
  if (entry.sha256 !== undefined) return 'changed';
  return judgeByTime(entry, now);
}

/** For entries without content: HelloAgents records mtime and size, other transcripts only the time of the read. */
export function judgeByTime(entry: ReadCacheEntry, now: Pick<Evidence, 'size' | 'mtimeMs'>): Verdict {
  if (entry.file_size_bytes !== undefined && entry.file_size_bytes !== now.size) return 'changed';
  if (entry.file_mtime_ms !== undefined && entry.file_size_bytes !== undefined) {
    return Math.floor(entry.file_mtime_ms) === Math.floor(now.mtimeMs) ? 'fresh' : 'unknown';
  }
  const seenAt = entry.seen_at === undefined ? Number.NaN : Date.parse(entry.seen_at);
  return now.mtimeMs <= seenAt + TIME_SLACK_MS ? 'fresh' : 'unknown';
}
