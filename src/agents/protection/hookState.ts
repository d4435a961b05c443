import type { ReadCacheEntry } from '../../core/index.ts';
import { number, object, string } from '../shape.ts';

/*
 * What hooks know of a session: a file of lines that is only appended to, since two hooks of one session may run at the
 * same time. A record begins with a newline, so that a torn one before it does no harm, and the last record of a file
 * counts. A record of a file begins with its path, so that it is found among thousands without parsing them.
 */

/** What the session has seen of a file, as the hooks saw it happen. */
export interface HookStamp {
  /** Real and absolute. */
  readonly path: string;
  /** ms since the epoch */
  readonly at: number;
  /** As in a read-cache; `sha256` is absent where the session saw something else than what was on disk. */
  readonly entry: ReadCacheEntry;
  /** The session deleted it, or was told that it is gone: in the call that is named here. */
  readonly gone?: string;
  /** `text_sha256` of what a patch that was let through makes of it. */
  readonly expect?: string;
  /** Of an edit by the session: a hash of its words alone, by which it is known again when a formatter was at it. */
  readonly wording?: string;
  /** SHA-256 of the version that was on disk when the session was shown something else. */
  readonly doubt?: string;
  /** It was noticed that the file changed: by what, and which version was there (its times and size). */
  readonly stale?: { readonly via: 'shell' | 'edit' | 'read'; readonly version: string };
}

/** What is known of the session as a whole: since when the hooks have seen everything that it read. */
export interface HookKnowledge {
  readonly at: number;
  /** `start`: from its first moment. `transcript`: what it read before was taken from there. `nothing`: nothing can be known of before. */
  readonly from: 'start' | 'transcript' | 'nothing';
}

const STRINGS = ['sha256', 'text_sha256', 'mtime_ns', 'ctime_ns', 'ino', 'seen_at'] as const;

export function stampLine({ path, at, entry, ...more }: HookStamp): string {
  return `\n${JSON.stringify({ path, at, ...entry, ...more })}`;
}

export function knowledgeLine(knowledge: HookKnowledge): string {
  return `\n${JSON.stringify({ known: knowledge.from, at: knowledge.at })}`;
}

/** The beginning of every record of a file, as bytes to be looked for. */
export function stampStart(path: string): string {
  return `\n{"path":${JSON.stringify(path)},`;
}

export const KNOWLEDGE_START = '\n{"known":';

/** An edit of a file was denied while `version` was there (its times and size). */
export function denialLine(denial: { readonly path: string; readonly version: string }): string {
  return `\n${JSON.stringify({ denied: denial.path, version: denial.version })}`;
}

export const DENIAL_START = '\n{"denied":';

export function parseDenial(line: string): { readonly path: string; readonly version: string } | undefined {
  const value = parsed(line);
  const path = string(value?.['denied']);
  const version = string(value?.['version']);
  return path === undefined || version === undefined ? undefined : { path, version };
}

/** Undefined for what is no record (torn, foreign, hostile). */
export function parseStamp(line: string): HookStamp | undefined {
  const value = parsed(line);
  const path = string(value?.['path']);
  const at = number(value?.['at']);
  if (value === undefined || path === undefined || at === undefined) return undefined;
  const entry: Record<string, string | number | boolean> = {};
  for (const name of STRINGS) {
    const text = string(value[name]);
    if (text !== undefined) entry[name] = text;
  }
  for (const name of ['file_mtime_ms', 'file_size_bytes']) {
    const found = number(value[name]);
    if (found !== undefined) entry[name] = found;
  }
  for (const name of ['racy', 'model_unread']) if (value[name] === true) entry[name] = true;
  const stale = object(value['stale']);
  const via = string(stale?.['via']);
  const gone = string(value['gone']);
  const expect = string(value['expect']);
  const doubt = string(value['doubt']);
  const wording = string(value['wording']);
  return {
    path,
    at,
    entry,
    ...(gone === undefined ? {} : { gone }),
    ...(expect === undefined ? {} : { expect }),
    ...(doubt === undefined ? {} : { doubt }),
    ...(wording === undefined ? {} : { wording }),
    ...(via === 'shell' || via === 'edit' || via === 'read'
      ? { stale: { via, version: string(stale?.['version']) ?? '' } }
      : {}),
  };
}

export function parseKnowledge(line: string): HookKnowledge | undefined {
  const value = parsed(line);
  const from = value?.['known'];
  const at = number(value?.['at']);
  if (at === undefined || (from !== 'start' && from !== 'transcript' && from !== 'nothing')) return undefined;
  return { at, from };
}

/** The last record of each file, by its path, those that were recorded last at the end. */
export function stampsOf(text: string): ReadonlyMap<string, HookStamp> {
  const stamps = new Map<string, HookStamp>();
  for (const line of text.split('\n')) {
    if (!line.startsWith('{"path":')) continue;
    const stamp = parseStamp(line);
    if (stamp === undefined) continue;
    stamps.delete(stamp.path);
    stamps.set(stamp.path, stamp);
  }
  return stamps;
}

function parsed(line: string) {
  try {
    return object(JSON.parse(line));
  } catch {
    // A record that is being written, or was torn: the one before it counts.
    return undefined;
  }
}
