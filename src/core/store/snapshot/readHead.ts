import fs from 'node:fs';
import type { Problem } from '../../session/problem.ts';
import type { SnapshotHead } from '../../session/snapshot.ts';
import { codeOf } from '../disk/files.ts';
import { nameProblem } from '../name.ts';
import { checkBody, parseJson } from './checkBody.ts';
import { HEAD_FIELDS, OWN_START } from './layout.ts';
import { readSnapshot } from './readSnapshot.ts';

/** What a list needs of one snapshot. */
export interface HeadResult {
  readonly head?: SnapshotHead;
  readonly readOnly: boolean;
  readonly problems: readonly Problem[];
}

const WINDOW = 4096;
const MAX_HEAD = 1 << 20;
const IN_HEAD: ReadonlySet<string> = new Set(HEAD_FIELDS);
const buffer = Buffer.allocUnsafe(MAX_HEAD);
const ending = Buffer.alloc(8);

function failed(code: Problem['code'], detail?: string): HeadResult {
  return { readOnly: true, problems: [detail === undefined ? { code } : { code, detail }] };
}

/**
 * The head of a snapshot from its first 4 KiB, synchronously: three short calls are several times faster than the
 * thread pool. Undefined where the file has another layout or its head is cut off (see `readForeignHead`).
 */
export function readOwnHead(file: string, size: number, mtimeMs: number): HeadResult | undefined {
  if (size === 0) return failed('empty-file');
  let fd: number;
  try {
    fd = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    return failed('unreadable', code);
  }
  try {
    let length = 0;
    for (let window = WINDOW; window <= MAX_HEAD; window *= 4) {
      length += fs.readSync(fd, buffer, length, window - length, length);
      const text = buffer.toString('latin1', 0, length);
      if (!text.startsWith(OWN_START)) return undefined;
      const end = endOfHead(text);
      if (end > 0) return withEnd(fd, size, parseHead(buffer.toString('utf8', 0, end - 2), mtimeMs));
      if (length < window) return undefined;
    }
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    return failed('unreadable', code);
  } finally {
    fs.closeSync(fd);
  }
}

/** The offset of the first line that no list shows; 0 where it is not in the text. */
function endOfHead(text: string): number {
  for (let at = 2; at > 0 && at < text.length; at = text.indexOf('\n', at) + 1) {
    const quote = text.startsWith('"', at) ? text.indexOf('"', at + 1) : at;
    if (quote < 0) return 0;
    if (!IN_HEAD.has(text.slice(at + 1, quote))) return at;
  }
  return 0;
}

function parseHead(text: string, mtimeMs: number): HeadResult {
  const parsed = parseJson(`${text}}`);
  if ('problem' in parsed) return { readOnly: true, problems: [parsed.problem] };
  const { body, readOnly, problems } = checkBody(parsed.value, mtimeMs);
  return body ? { head: body, readOnly, problems } : { readOnly, problems };
}

/** Undefined where the file does not end as our layout does: cut off, or laid out otherwise. */
function withEnd(fd: number, size: number, result: HeadResult): HeadResult | undefined {
  const length = fs.readSync(fd, ending, 0, ending.length, Math.max(0, size - ending.length));
  return ending.toString('latin1', 0, length).trimEnd().endsWith('\n]}') ? result : undefined;
}

/** The head of a snapshot in any layout; slower, and sliced. Undefined where the file is gone. */
export async function readForeignHead(file: string): Promise<HeadResult | undefined> {
  const result = await readSnapshot(file);
  switch (result.kind) {
    case 'missing':
      return undefined;
    case 'unreadable':
      return { readOnly: true, problems: result.problems };
    case 'snapshot': {
      const { snapshot } = result;
      try {
        const { count, truncated } = await snapshot.index(new Set());
        const counted = truncated
          ? { ...snapshot.body, message_count: count }
          : { message_count: count, ...snapshot.body };
        const head = Object.fromEntries(Object.entries(counted).filter(([key]) => IN_HEAD.has(key)));
        const { session_id, created_at } = snapshot.body;
        const told = snapshot.problems.some(({ code }) => code === 'truncated');
        const problems =
          truncated && !told ? [...snapshot.problems, { code: 'truncated' } as const] : snapshot.problems;
        return { head: { ...head, session_id, created_at }, readOnly: snapshot.readOnly || truncated, problems };
      } finally {
        await snapshot.file.close();
      }
    }
    default:
      return result satisfies never;
  }
}

/** A file whose name this store would refuse can be seen but not written. */
export function withNameProblem(name: string, result: HeadResult): HeadResult {
  const problem = nameProblem(name);
  if (!problem) return result;
  return {
    ...result,
    readOnly: true,
    problems: [...result.problems, { code: 'bad-shape', detail: `name: ${problem}` }],
  };
}
