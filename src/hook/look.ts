import fs from 'node:fs';
import type { HookStamp } from '../agents/index.ts';
import {
  ioFailure,
  judge,
  normaliseText,
  openFile,
  type ReadCacheEntry,
  readVersion,
  textSha256,
  toEntry,
  toStamp,
  type Version,
} from '../core/index.ts';

/** A file as it is now. A big one is not read: its size and times stand for it. */
export type Look =
  | { readonly kind: 'missing' }
  | { readonly kind: 'not-a-file' }
  | { readonly kind: 'unreadable'; readonly code: string }
  | { readonly kind: 'big'; readonly stat: fs.BigIntStats }
  | { readonly kind: 'read'; readonly version: Version };

/** Hashing more would be felt by who waits for the agent. */
const BIG_BYTES = 100 * 1024 * 1024;
/** The text of bigger files is not compared. */
const TEXT_BYTES = 8 * 1024 * 1024;
/** The wording of bigger files is not kept. */
const WORDING_BYTES = 1024 * 1024;
/** A formatter that is started by an edit (another hook, an editor, the agent itself) has ended then. */
const FORMATTER_MS = 10_000;
/** What rested so long before a call ended was not changed between the call and its hook. */
const REST_MS = 30_000;

/** `path` is real: a link that was put there since is not followed. */
export async function lookAt(path: string): Promise<Look> {
  try {
    const opened = openFile(path);
    if (opened.kind !== 'open') return opened;
    try {
      if (opened.stat.size > BIG_BYTES) return { kind: 'big', stat: opened.stat };
      return { kind: 'read', version: await readVersion(opened.fd) };
    } finally {
      fs.closeSync(opened.fd);
    }
  } catch (error) {
    return { kind: 'unreadable', code: ioFailure(error, path).code };
  }
}

/** What a read-cache keeps of a version, with the hash of its text. */
export async function entryOf(look: Extract<Look, { kind: 'big' | 'read' }>, now: number): Promise<ReadCacheEntry> {
  if (look.kind === 'big') {
    const { size, mtimeNs, ino } = look.stat;
    const mtime = Number(mtimeNs / 1_000_000n);
    return { file_size_bytes: Number(size), file_mtime_ms: mtime, mtime_ns: String(mtimeNs), ino: String(ino) };
  }
  const { version } = look;
  const text = isText(version) ? { text_sha256: await textSha256(version.bytes) } : {};
  return { ...toEntry(toStamp(version, now)), ...text };
}

/** The session has seen what is there now. */
export async function stampNow(
  path: string,
  look: Extract<Look, { kind: 'big' | 'read' }>,
  now: number,
): Promise<HookStamp> {
  return { path, at: now, entry: await entryOf(look, now) };
}

/** The same with its wording: an edit by the session itself. */
export async function stampMade(
  path: string,
  look: Extract<Look, { kind: 'big' | 'read' }>,
  now: number,
): Promise<HookStamp> {
  const stamp = await stampNow(path, look, now);
  const isWorded = look.kind === 'read' && look.version.bytes.length <= WORDING_BYTES && isText(look.version);
  return isWorded ? { ...stamp, wording: await wordingOf(look.version.bytes) } : stamp;
}

/** A hash of a text without what formatters change: white space, quotes, and marks that may be left out. */
export function wordingOf(content: Uint8Array | string): Promise<string> {
  return textSha256(normaliseText(content).replace(/[\s"'`;,()]+/g, ''));
}

/** Is what the session has seen what is there now? */
export async function compare(
  { at, entry, expect, wording }: HookStamp,
  look: Extract<Look, { kind: 'big' | 'read' }>,
): Promise<'fresh' | 'changed' | 'unknown'> {
  if (look.kind === 'big') {
    const same = entry.mtime_ns === String(look.stat.mtimeNs) && entry.file_size_bytes === Number(look.stat.size);
    return same ? 'fresh' : 'changed';
  }
  const { bytes, sha256, stat } = look.version;
  const mtimeMs = Number(stat.mtimeNs / 1_000_000n);
  const text = () => textSha256(bytes);
  const verdict = await judge(entry, { size: Number(stat.size), mtimeMs, sha256: () => sha256, textSha256: text });
  if (verdict === 'fresh') return verdict;
  if (expect !== undefined && expect === (await text())) return 'fresh';
  const mayBeFormatted = wording !== undefined && mtimeMs - at < FORMATTER_MS && bytes.length <= WORDING_BYTES;
  return mayBeFormatted && wording === (await wordingOf(bytes)) ? 'fresh' : verdict;
}

/** Neither binary nor UTF-16, which agents decode, nor too big. */
export function isText({ bytes }: Version): boolean {
  return bytes.length <= TEXT_BYTES && !bytes.includes(0);
}

/** True where what the model was shown stands in the file now. A newline at the end is not told by all agents. */
export function isShown(version: Version, shown: { readonly text: string; readonly whole: boolean }): boolean {
  const now = withoutEnd(normaliseText(version.bytes));
  const then = withoutEnd(normaliseText(shown.text));
  return shown.whole ? now === then : now.includes(then);
}

function withoutEnd(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

export function isAtRest({ stat }: Version, now: number): boolean {
  const restedMs = (sinceNs: bigint): number => now - Number(sinceNs / 1_000_000n);
  return Math.min(restedMs(stat.mtimeNs), restedMs(stat.ctimeNs)) > REST_MS;
}

/** Names a version without reading it. */
export function versionName(stat: fs.BigIntStats): string {
  return `${stat.mtimeNs}:${stat.size}:${stat.ino}`;
}
