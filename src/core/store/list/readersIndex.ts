import { crc32 } from 'node:zlib';
import { type ReadCacheEntry, readCacheEntry, type SnapshotBody } from '../../session/snapshot.ts';
import { pacer } from '../disk/files.ts';
import { parseJson } from '../snapshot/checkBody.ts';
import { readDerived, writeDerived } from './derived.ts';
import type { FileVersion } from './sessionVersion.ts';

/** The files that one session has read, and the version of its files of which that is true. */
export interface ReaderBlock {
  readonly version: FileVersion;
  readonly journals: string;
  /** Undefined where the session cannot be read. */
  readonly sessionId: string | undefined;
  /** `"<key>":<entry>` lines, each between two line breaks, so that one is found without parsing the others. */
  readonly lines: Buffer;
}

const FILE = 'readers.jsonl';
const START = 'holdfast-readers/1\n';

/** Of an entry what tells a person, or a comparison with the file. */
const FIELDS: readonly (keyof ReadCacheEntry)[] = [
  'file_mtime_ms',
  'file_size_bytes',
  'sha256',
  'text_sha256',
  'seen_at',
  'message',
  'outside',
  'unsaved',
  'model_unread',
];

export async function linesOf(body: SnapshotBody): Promise<Buffer> {
  const pace = pacer();
  const parts: string[] = ['\n'];
  for (const [key, entry] of Object.entries(body.read_cache ?? {})) {
    const kept = Object.fromEntries(FIELDS.map((field) => [field, entry[field]]));
    parts.push(`${JSON.stringify(key)}:${JSON.stringify(kept)}\n`);
    await pace();
  }
  return Buffer.from(parts.join(''));
}

/** What begins the line of a key. */
export function needleOf(key: string): Buffer {
  return Buffer.from(`\n${JSON.stringify(key)}:`);
}

export function entryIn({ lines }: ReaderBlock, needle: Buffer): ReadCacheEntry | undefined {
  const at = lines.indexOf(needle);
  if (at < 0) return undefined;
  const from = at + needle.length;
  const parsed = parseJson(lines.toString('utf8', from, lines.indexOf(0x0a, from)));
  const checked = readCacheEntry.safeParse('value' in parsed ? parsed.value : undefined);
  return checked.success ? checked.data : undefined;
}

/**
 * The derived index: a line that names its version, then for every session `<crc32> <bytes> <JSON>` with what is not
 * `lines`, and its `lines`. From the first damage on nothing is taken: those sessions are read themselves.
 */
export async function readReadersIndex(root: string): Promise<Map<string, ReaderBlock>> {
  const blocks = new Map<string, ReaderBlock>();
  const bytes = await readDerived(root, FILE);
  if (!bytes?.subarray(0, START.length).equals(Buffer.from(START))) return blocks;
  const pace = pacer();
  for (let at = START.length; at < bytes.length; ) {
    const headEnd = bytes.indexOf(0x0a, at);
    const match = /^([0-9a-f]{8}) (\d{1,12}) (.*)$/s.exec(bytes.toString('utf8', at, headEnd < 0 ? at : headEnd));
    const [, crc = '', length = '', head = ''] = match ?? [];
    const end = headEnd + Number(length);
    if (!match || end > bytes.length) break;
    // The head's line break is the one before the first line.
    const lines = bytes.subarray(headEnd, end);
    if (crc32(lines, crc32(head)) !== Number.parseInt(crc, 16)) break;
    const row = parseHead(head);
    if (!row) break;
    blocks.set(row.name, { ...row.block, lines });
    at = end;
    await pace();
  }
  return blocks;
}

function parseHead(head: string): { readonly name: string; readonly block: Omit<ReaderBlock, 'lines'> } | undefined {
  const parsed = parseJson(head);
  if (!('value' in parsed) || !Array.isArray(parsed.value)) return undefined;
  const [name, size, mtimeMs, ctimeMs, ino, journals, sessionId] = parsed.value;
  if (typeof name !== 'string' || (sessionId !== null && typeof sessionId !== 'string')) return undefined;
  return { name, block: { version: { size, mtimeMs, ctimeMs, ino }, journals, sessionId: sessionId ?? undefined } };
}

export async function writeReadersIndex(root: string, blocks: Iterable<readonly [string, ReaderBlock]>): Promise<void> {
  const parts: (string | Buffer)[] = [START];
  const pace = pacer();
  for (const [name, { version, journals, sessionId, lines }] of blocks) {
    const { size, mtimeMs, ctimeMs, ino } = version;
    const head = JSON.stringify([name, size, mtimeMs, ctimeMs, ino, journals, sessionId ?? null]);
    const crc = crc32(lines, crc32(head)).toString(16).padStart(8, '0');
    parts.push(`${crc} ${lines.length} ${head}`, lines);
    await pace();
  }
  await writeDerived(root, FILE, parts);
}
