import { crc32 } from 'node:zlib';
import { pacer } from '../disk/files.ts';
import type { HeadResult } from '../snapshot/readHead.ts';
import { readDerived, writeDerived } from './derived.ts';
import type { FileVersion } from './sessionVersion.ts';

/** Heads by file name, each with the version of the file that it was read from. */
export type ListCache = ReadonlyMap<string, { readonly version: FileVersion; readonly result: HeadResult }>;

type Row = readonly [file: string, size: number, mtimeMs: number, ctimeMs: number, ino: number, result: HeadResult];

const FILE = 'list.jsonl';
const ROWS_PER_LINE = 128;

/**
 * The derived cache: lines of `<crc32> <JSON array of rows>`. Whatever is missing, damaged or of another version of a
 * file is read from the file itself, so that a wrong cache costs time and nothing else.
 */
export async function readListCache(root: string): Promise<ListCache> {
  const rows = new Map<string, { version: FileVersion; result: HeadResult }>();
  const bytes = await readDerived(root, FILE);
  if (!bytes) return rows;
  const pace = pacer();
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(0x0a, at);
    const end = found < 0 ? bytes.length : found;
    for (const [file, size, mtimeMs, ctimeMs, ino, result] of parseRows(bytes.subarray(at, end))) {
      rows.set(file, { version: { size, mtimeMs, ctimeMs, ino }, result });
    }
    at = end + 1;
    await pace();
  }
  return rows;
}

/** The checksum says that these rows are as `writeListCache` wrote them. */
function parseRows(line: Buffer): readonly Row[] {
  const json = line.subarray(9);
  if (line.length < 10 || crc32(json) !== Number.parseInt(line.toString('latin1', 0, 8), 16)) return [];
  try {
    const rows: unknown = JSON.parse(json.toString());
    return Array.isArray(rows) ? rows : [];
  } catch {
    return [];
  }
}

/** Replaces the cache. A folder that cannot be written has none. */
export async function writeListCache(
  root: string,
  known: Iterable<readonly [name: string, { readonly version: FileVersion; readonly result: HeadResult }]>,
): Promise<void> {
  const pace = pacer();
  const lines: string[] = [];
  let rows: Row[] = [];
  const flush = () => {
    const json = JSON.stringify(rows);
    lines.push(`${crc32(json).toString(16).padStart(8, '0')} ${json}\n`);
    rows = [];
  };
  for (const [name, { version, result }] of known) {
    rows.push([`${name}.json`, version.size, version.mtimeMs, version.ctimeMs, version.ino, result]);
    if (rows.length === ROWS_PER_LINE) flush();
    await pace();
  }
  if (rows.length > 0) flush();
  await writeDerived(root, FILE, lines);
}
