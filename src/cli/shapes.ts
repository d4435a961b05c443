import type { FileFreshness, LateConflict, Parent, Problem, ReadCacheEntry, Stamp } from '../core/index.ts';
import { plainLine } from './plain.ts';
import { problemWords } from './words.ts';

/** Pieces of the JSON that several verbs print. Absent values are null, so that every document has every field. */
export interface ProblemJson {
  readonly code: Problem['code'];
  readonly line: number | null;
  readonly detail: string | null;
}

export function problemsJson(problems: readonly Problem[]): readonly ProblemJson[] {
  return problems.map(({ code, line, detail }) => ({ code, line: line ?? null, detail: detail ?? null }));
}

export function parentJson(parent: Parent | undefined): { session_id: string; message: number } | null {
  return parent === undefined ? null : { session_id: parent.session_id, message: parent.message };
}

/** A file's version: hash of its bytes, size in bytes, time of the last change (ISO 8601). */
export interface StampJson {
  readonly sha256: string | null;
  readonly size: number | null;
  readonly mtime: string | null;
}

/** Displaced versions that somebody has written into since: in full, and kept. */
export function lateJson(late: readonly LateConflict[]): {
  readonly recovered: readonly { readonly key: string; readonly file: string }[];
} {
  return { recovered: late.map(({ key, kept }) => ({ key, file: kept })) };
}

export function stampJson(stamp: Stamp | undefined): StampJson | null {
  if (stamp === undefined) return null;
  return { sha256: stamp.sha256, size: stamp.size, mtime: isoTime(stamp.mtimeMs) };
}

export function entryJson(entry: ReadCacheEntry | undefined): (StampJson & { readonly seen_at: string | null }) | null {
  if (entry === undefined) return null;
  return {
    sha256: entry.sha256 ?? null,
    size: entry.file_size_bytes ?? null,
    mtime: isoTime(entry.file_mtime_ms),
    seen_at: entry.seen_at ?? null,
  };
}

export function fileJson(
  file: FileFreshness,
  entry: ReadCacheEntry | undefined,
): {
  key: string;
  freshness: string;
  moved_to: string | null;
  saved: ReturnType<typeof entryJson>;
  now: StampJson | null;
} {
  const { key, freshness, movedTo = null, stamp } = file;
  return { key, freshness, moved_to: movedTo, saved: entryJson(entry), now: stampJson(stamp) };
}

/** ms since the epoch as ISO 8601; null for what is no time, since the number may come from any file. */
export function isoTime(ms: number | undefined): string | null {
  if (ms === undefined) return null;
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** Rows as aligned columns for a terminal. The last one is cut where it is a remark; names, ids and paths are there to be copied. */
export function table(
  rows: readonly (readonly string[])[],
  { lastIsRemark = true }: { readonly lastIsRemark?: boolean } = {},
): string {
  const cells = rows.map((row) =>
    row.map((cell, column) => (lastIsRemark && column === row.length - 1 ? cut(plainLine(cell)) : plainLine(cell))),
  );
  const columns = cells.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: columns }, (_, column) =>
    cells.reduce((widest, row) => Math.max(widest, columnsOf(row[column] ?? '')), 0),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - columnsOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function problemLines(problems: readonly Problem[]): readonly string[] {
  return problems.map((problem) =>
    plainLine(`  ${problem.line === undefined ? '' : `line ${problem.line}: `}${problemWords(problem)}`),
  );
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** How many columns a terminal gives a text: two for the characters of East Asia and most emoji, none for accents. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/\p{Mark}|\u200d/u.test(character)) continue;
    columns += WIDE.test(character) ? 2 : 1;
  }
  return columns;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Script=Han}|\p{Emoji_Presentation}/u;

function cut(cell: string): string {
  return cell.length > 50 ? `${cell.slice(0, 49)}…` : cell;
}
