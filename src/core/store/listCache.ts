import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { codeOf, ifThere, pacer } from './files.ts';
import type { FileVersion } from './listSessions.ts';
import type { HeadResult } from './readHead.ts';

/** Heads by file name, each with the version of the file that it was read from. */
export type ListCache = ReadonlyMap<string, { readonly version: FileVersion; readonly result: HeadResult }>;

type Row = readonly [file: string, size: number, mtimeMs: number, ctimeMs: number, ino: number, result: HeadResult];

const FOLDER = '.cache';
const FILE = 'list.jsonl';
const ROWS_PER_LINE = 128;

/**
 * The derived cache: lines of `<crc32> <JSON array of rows>`. Whatever is missing, damaged or of another version of a
 * file is read from the file itself, so that a wrong cache costs time and nothing else.
 */
export async function readListCache(root: string): Promise<ListCache> {
  const rows = new Map<string, { version: FileVersion; result: HeadResult }>();
  let bytes: Buffer | undefined;
  try {
    bytes = await ifThere(fs.promises.readFile(path.join(root, FOLDER, FILE)));
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
  }
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
  const folder = path.join(root, FOLDER);
  const temporary = path.join(folder, `${FILE}.${randomBytes(6).toString('hex')}.tmp`);
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
  try {
    await fs.promises.mkdir(folder, { mode: 0o700 }).catch((error) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    if (!(await fs.promises.lstat(folder)).isDirectory()) return;
    await fs.promises.writeFile(temporary, lines, { mode: 0o600, flag: 'wx' });
    await fs.promises.rename(temporary, path.join(folder, FILE));
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    await ifThere(fs.promises.unlink(temporary)).catch(() => undefined);
  }
}
