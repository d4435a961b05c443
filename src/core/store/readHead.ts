import fs from 'node:fs';
import type { Problem } from '../session/problem.ts';
import type { SnapshotHead } from '../session/snapshot.ts';
import { checkBody, parseJson } from './checkBody.ts';
import { codeOf } from './files.ts';
import { HEAD_FIELDS, OWN_START } from './layout.ts';
import { nameProblem } from './name.ts';
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

function failed(code: Problem['code'], detail?: string): HeadResult {
  return { readOnly: true, problems: [detail === undefined ? { code } : { code, detail }] };
}

/**
 * The head of a snapshot from its first 4 KiB, synchronously: three short calls are several times faster than the
 * thread pool. Undefined where the file has another layout or its head is cut off (see `readForeignHead`).
 */
export function readOwnHead(file: string, size: number, createdAt: string): HeadResult | undefined {
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
      if (buffer.toString('latin1', 0, OWN_START.length) !== OWN_START) return undefined;
      const end = endOfHead(buffer, length);
      if (end > 0) return withEnd(fd, size, parseHead(buffer.toString('utf8', 0, end - 2), createdAt));
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

/** The offset of the first line that no list shows; 0 where it is not in the first `length` bytes. */
function endOfHead(bytes: Buffer, length: number): number {
  for (let at = 2; at > 0 && at < length; at = bytes.indexOf(0x0a, at) + 1) {
    const quote = bytes[at] === 0x22 ? bytes.indexOf(0x22, at + 1) : at;
    if (quote < 0 || quote >= length) return 0;
    if (!IN_HEAD.has(bytes.toString('latin1', at + 1, quote))) return at;
  }
  return 0;
}

function parseHead(text: string, createdAt: string): HeadResult {
  const parsed = parseJson(`${text}}`);
  if ('problem' in parsed) return { readOnly: true, problems: [parsed.problem] };
  const { body, ...checked } = checkBody(parsed.value, createdAt);
  return body ? { head: body, ...checked } : checked;
}

/** Undefined where the file does not end as our layout does: cut off, or laid out otherwise. */
function withEnd(fd: number, size: number, result: HeadResult): HeadResult | undefined {
  const end = Buffer.alloc(Math.min(8, size));
  fs.readSync(fd, end, 0, end.length, size - end.length);
  return end.toString('latin1').trimEnd().endsWith('\n]}') ? result : undefined;
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
