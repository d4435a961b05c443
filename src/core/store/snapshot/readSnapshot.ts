import { isUtf8 } from 'node:buffer';
import fs from 'node:fs';
import { depthOf, MAX_DEPTH } from '../../session/parseMessage.ts';
import type { Problem } from '../../session/problem.ts';
import type { SnapshotBody } from '../../session/snapshot.ts';
import type { DataFile } from '../disk/disk.ts';
import * as disk from '../disk/disk.ts';
import { codeOf } from '../disk/files.ts';
import { checkBodyInSlices, parseJson } from './checkBody.ts';
import { type HistoryIndex, indexHistory, readRange } from './indexHistory.ts';
import { HISTORY_START, OWN_START } from './layout.ts';
import { scanDocument } from './scanDocument.ts';

/** A snapshot file as it lies there, its journal not yet looked at. Whoever opens it closes `file`. */
export interface Snapshot {
  readonly file: DataFile;
  readonly size: number;
  readonly ino: bigint;
  /** Fields as parsed, not folded. */
  readonly body: SnapshotBody;
  readonly readOnly: boolean;
  readonly problems: readonly Problem[];
  /** Where the first message stands in our own layout; undefined in others. */
  readonly historyStart: number | undefined;
  /** Reads the history's index; `wanted` are ids whose places are asked for. */
  index(wanted: ReadonlySet<string>): Promise<HistoryIndex>;
}

export type SnapshotResult =
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly problems: readonly Problem[] };

/** Larger fields than this between the head and the history are no session any more. */
const MAX_BODY = 256 << 20;

/** Opens a snapshot of any layout and size. A symbolic link is not followed: it may lead anywhere. */
export async function readSnapshot(path: string): Promise<SnapshotResult> {
  let file: DataFile;
  try {
    const stat = await disk.lstat(path);
    if (!stat) return { kind: 'missing' };
    if (!stat.isFile()) {
      const detail = stat.isSymbolicLink() ? 'symlink' : 'directory';
      return { kind: 'unreadable', problems: [{ code: 'not-a-file', detail }] };
    }
    file = await disk.open(path, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return { kind: 'missing' };
    if (code === undefined) throw error;
    return { kind: 'unreadable', problems: [{ code: 'unreadable', detail: code }] };
  }
  try {
    const { size, ino, mtimeMs } = await file.stat();
    const found = await describe(file, Number(size), Number(mtimeMs));
    if ('body' in found) return { kind: 'snapshot', snapshot: { file, size: Number(size), ino, ...found } };
    await file.close();
    return { kind: 'unreadable', problems: found.problems };
  } catch (error) {
    await file.close();
    const code = codeOf(error);
    if (code === undefined) throw error;
    return { kind: 'unreadable', problems: [{ code: 'unreadable', detail: code }] };
  }
}

type Described = Pick<Snapshot, 'body' | 'readOnly' | 'problems' | 'historyStart' | 'index'>;
type Undescribed = { readonly problems: readonly Problem[] };

async function describe(file: DataFile, size: number, mtimeMs: number): Promise<Described | Undescribed> {
  if (size === 0) return { problems: [{ code: 'empty-file' }] };
  return (await describeOwn(file, size, mtimeMs)) ?? describeForeign(file, size, mtimeMs);
}

/** Undefined where the file is not in our own layout, or is cut off before its history. */
async function describeOwn(file: DataFile, size: number, mtimeMs: number): Promise<Described | undefined> {
  let window = await readRange(file, 0, Math.min(size, 16 << 10));
  if (!window.toString('latin1', 0, OWN_START.length).startsWith(OWN_START)) return undefined;
  let at = window.indexOf(HISTORY_START);
  while (at < 0) {
    if (window.length >= Math.min(size, MAX_BODY)) return undefined;
    window = await readRange(file, 0, Math.min(size, window.length * 8));
    at = window.indexOf(HISTORY_START);
  }
  const head = window.subarray(0, at);
  const parsed = parseBody(head, '"history":[]}');
  if ('problem' in parsed) return undefined;
  // What was parsed took its time already.
  await new Promise((resolve) => setImmediate(resolve));
  const { body, ...checked } = await checkBodyInSlices(withoutHistory(parsed.value), mtimeMs);
  if (!body) return undefined;
  const historyStart = at + HISTORY_START.length;
  const index = async (wanted: ReadonlySet<string>) =>
    (await indexHistory(file, historyStart, size, wanted)) ?? (await foreignIndex(file, size));
  return { body, ...checked, historyStart, index };
}

function parseBody(head: Buffer, end: string): ReturnType<typeof parseJson> {
  if (depthOf(head) > MAX_DEPTH) return { problem: { code: 'bad-shape', detail: 'nesting' } };
  return parseJson(head.toString('utf8') + end);
}

function withoutHistory(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'history'));
}

/** Any other JSON document: its top-level fields are found without parsing the whole. */
async function describeForeign(file: DataFile, size: number, mtimeMs: number): Promise<Described | Undescribed> {
  const map = await scanDocument(file, size);
  const problems: Problem[] = [];
  let readOnly = false;
  switch (map.state) {
    case 'not-an-object':
    case 'trailing':
      return { problems: [{ code: 'bad-json', detail: map.state }] };
    case 'truncated':
      problems.push({ code: 'truncated' });
      readOnly = true;
      break;
    case 'whole':
      break;
    default:
      map.state satisfies never;
  }
  const fields: [string, unknown][] = [];
  for (const [key, [from, to]] of map.fields) {
    if (key === 'history') continue;
    const bytes = to - from > MAX_BODY ? Buffer.from('[') : await readRange(file, from, to);
    if (!isUtf8(bytes)) problems.push({ code: 'invalid-utf8', detail: key });
    const parsed = parseBody(bytes, '');
    if ('value' in parsed) fields.push([key, parsed.value]);
    else {
      readOnly = true;
      problems.push({ ...parsed.problem, detail: key });
    }
  }
  const checked = await checkBodyInSlices(Object.fromEntries(fields), mtimeMs);
  if (!checked.body) return { problems: [...problems, ...checked.problems] };
  return {
    body: checked.body,
    readOnly: readOnly || checked.readOnly,
    problems: [...problems, ...checked.problems],
    historyStart: undefined,
    index: async () => indexOf(map),
  };
}

async function foreignIndex(file: DataFile, size: number): Promise<HistoryIndex> {
  return indexOf(await scanDocument(file, size));
}

function indexOf({ history, state }: Awaited<ReturnType<typeof scanDocument>>): HistoryIndex {
  return {
    count: history.starts.length,
    start: (index) => history.starts.at(index),
    end: (index) => history.ends.at(index),
    places: new Map(),
    own: false,
    truncated: state === 'truncated',
  };
}
