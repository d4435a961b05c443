import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import type { ReadCacheEntry } from '../session/snapshot.ts';
import { judge, needsContent } from './freshness/judge.ts';
import { createLocator, type Locator } from './locate.ts';
import { textSha256 } from './normalise.ts';
import { createPacer } from './pacer.ts';
import { keyFromElsewhere, platformOf, thisPlatform } from './paths.ts';
import type { FileTouch } from './touch.ts';
import { openFile, readVersion, toEntry, toStamp } from './version.ts';
import { MAX_VIA } from './via.ts';

export interface BindOptions {
  /** The workspace folder on this machine. */
  readonly folder: string;
  /** The folder as the transcript names it, where it was recorded elsewhere: paths below it are taken to be below `folder`. */
  readonly fromFolder?: string;
  /**
   * What the session knew before these touches, where a transcript is followed piece by piece: a look at a part of a
   * file takes nothing from that, so it gives no new entry.
   */
  readonly known?: (key: string) => ReadCacheEntry | undefined;
  /** Number (1-based) of the message with this id. */
  readonly messageNumber?: (messageId: string) => number | undefined;
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** ms since the epoch, as the disk's clock has it */
  readonly now?: () => number;
}

/** What a session knows of a file after its last touch. */
interface Known {
  readonly at: string | undefined;
  readonly text: string | undefined;
  readonly openEnd: boolean;
  readonly sha256: string | undefined;
  readonly mtimeMs: number | undefined;
  readonly size: number | undefined;
  readonly messageId: string;
}

/** How a transcript's path led to a file; `path` is absent for one outside. */
interface Way {
  readonly path: string | undefined;
  /** Paths relative to the folder that led through a symlink (`Place`). */
  readonly via: readonly string[];
}

/** A bigger file is not read to compare it with a transcript. */
const MAX_BYTES = 50 * 1024 * 1024;

/**
 * Makes a read-cache from what a transcript tells (FORMATS 0.3). Recorded content that is on disk now, or a file that
 * is not newer than the session's last touch where no content was recorded, gets a full stamp; for all others the
 * entry says what the session has seen, so that a sweep or a write finds them changed or unknown.
 *
 * Files outside the folder are not opened (a transcript may come from anywhere): their entries are marked `outside`.
 */
export async function bindTouches(
  touches: readonly FileTouch[],
  options: BindOptions,
): Promise<Record<string, ReadCacheEntry>> {
  const pause = createPacer();
  const locator = createLocator(options.folder);
  const known = new Map<string, Known & Way>();
  for (const touch of touches) {
    const place = placeOf(locator, touch.path, options);
    if (place === undefined) continue;
    const before = known.get(place.key);
    if (isPartOf(touch, before, options.known?.(place.key))) continue;
    const state = after(touch);
    // Deleted and set anew, so that the order is that of the last touch.
    known.delete(place.key);
    const via = [...new Set([...(before?.via ?? []), ...place.via])].slice(-MAX_VIA);
    if (state !== undefined) known.set(place.key, { ...state, path: place.path, via });
    await pause();
  }
  const entries = new Map<string, ReadCacheEntry>();
  for (const [key, file] of known) {
    options.signal?.throwIfAborted();
    entries.set(key, await bind(file, options));
    await pause();
  }
  return Object.fromEntries(entries);
}

function placeOf(
  locator: Locator,
  path: string,
  { folder, fromFolder }: BindOptions,
): (Way & { readonly key: string }) | undefined {
  const moved = fromFolder === undefined ? undefined : keyFromElsewhere(path, fromFolder);
  const platform = platformOf(path);
  if (moved === undefined && platform !== undefined && platform !== thisPlatform) {
    // Another system's path that is not below the folder: nothing here can be meant.
    return { key: path, path: undefined, via: [] };
  }
  const place = locator.locate(moved === undefined ? path : nodePath.resolve(folder, moved));
  if (place.kind === 'nowhere' || place.key === '.') return undefined;
  if (place.outside) return { key: place.key, path: undefined, via: [] };
  return { key: place.key, path: place.path, via: place.via === undefined ? [] : [place.via] };
}

/** A look at a part of a file whose whole content is known: nothing new is known of the whole. */
function isPartOf(touch: FileTouch, before: Known | undefined, entry: ReadCacheEntry | undefined): boolean {
  if (touch.op !== 'read' || touch.full || touch.text !== undefined || touch.sha256 !== undefined) return false;
  if (before !== undefined) return before.text !== undefined || before.sha256 !== undefined;
  return entry !== undefined && needsContent(entry);
}

/** Undefined after a delete. An edit whose result was not recorded leaves nothing of what was known before. */
function after({ op, at, messageId, text, openEnd = false, sha256, mtimeMs, size }: FileTouch): Known | undefined {
  return op === 'delete' ? undefined : { at, text, openEnd, sha256, mtimeMs, size, messageId };
}

async function bind(file: Known & Way, options: BindOptions): Promise<ReadCacheEntry> {
  const now = options.now ?? Date.now;
  const message = options.messageNumber?.(file.messageId);
  const seenAt = file.at === undefined || Number.isNaN(Date.parse(file.at)) ? undefined : file.at;
  const via = file.via.length === 0 ? {} : { via: [...file.via] };
  const seen: ReadCacheEntry = {
    ...(file.sha256 === undefined ? {} : { sha256: file.sha256 }),
    // Where the end was not shown, a newline is by far the likelier one.
    ...(file.text === undefined ? {} : { text_sha256: await textSha256(file.openEnd ? `${file.text}\n` : file.text) }),
    ...(file.mtimeMs === undefined ? {} : { file_mtime_ms: file.mtimeMs }),
    ...(file.size === undefined ? {} : { file_size_bytes: file.size }),
    ...(seenAt === undefined ? {} : { seen_at: seenAt }),
    ...(message === undefined ? {} : { message }),
    ...(file.path === undefined ? { outside: true } : {}),
    ...via,
  };
  if (file.path === undefined) return seen;
  try {
    const opened = openFile(file.path);
    if (opened.kind !== 'open') return seen;
    try {
      if (opened.stat.size > MAX_BYTES) return seen;
      const version = await readVersion(opened.fd);
      const disk = {
        size: Number(version.stat.size),
        mtimeMs: Number(version.stat.mtimeNs / 1_000_000n),
        sha256: () => version.sha256,
        textSha256: () => textSha256(version.bytes),
      };
      let verdict = await judge(seen, disk);
      if (verdict !== 'fresh' && file.openEnd && file.text !== undefined) {
        verdict = await judge({ ...seen, text_sha256: await textSha256(file.text) }, disk);
      }
      if (verdict !== 'fresh') return seen;
      const stamp = toEntry(toStamp(version, now()), { message });
      return { ...stamp, ...(seenAt === undefined ? {} : { seen_at: seenAt }), ...via };
    } finally {
      fs.closeSync(opened.fd);
    }
  } catch (error) {
    // What can't be read now is reported by the sweep; what the session has seen of it is known all the same.
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return seen;
  }
}
