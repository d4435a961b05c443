import { type StructuredPatchHunk, structuredPatch } from 'diff';
import { normaliseText } from '../../files/normalise.ts';

/** Lines around a hunk: enough to find the place. */
const CONTEXT = 2;
/** A bigger text is not compared at all. */
const MAX_CHARACTERS = 1 << 20;
/** From the first line that differs to the last. Comparing twice as much can take more than 10 ms. */
const MAX_BETWEEN = 1 << 15;
/** More lines than these no briefing shows, and looking for them takes longer with their square. */
export const MAX_DIFFERING_LINES = 300;

export type TextDiff =
  /** Nothing but line ends or a byte order mark differs. */
  | { readonly kind: 'same-text' }
  | { readonly kind: 'hunks'; readonly added: number; readonly removed: number; readonly hunks: readonly string[] }
  /** More than `MAX_DIFFERING_LINES` lines differ, or what lies between the first and the last is too long. */
  | { readonly kind: 'too-different' };

/** What became of a text, as unified hunks (without a file header); bounded, so that it may be done in one go. */
export function diffTexts(seen: string, now: string): TextDiff {
  if (seen.length > MAX_CHARACTERS || now.length > MAX_CHARACTERS) return { kind: 'too-different' };
  const before = normaliseText(seen);
  const after = normaliseText(now);
  if (before === after) return { kind: 'same-text' };
  const { from, tail } = between(before, after);
  const old = before.slice(from, before.length - tail);
  const is = after.slice(from, after.length - tail);
  if (old.length > MAX_BETWEEN || is.length > MAX_BETWEEN) return { kind: 'too-different' };
  // Bounded by the number of edits, not by time: the same texts have the same briefing on a busy machine.
  const options = { context: CONTEXT, maxEditLength: MAX_DIFFERING_LINES };
  const patch = structuredPatch('a', 'b', old, is, undefined, undefined, options);
  if (patch === undefined) return { kind: 'too-different' };
  const above = countLines(before, from);
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  return {
    kind: 'hunks',
    added: lines.filter((line) => line.startsWith('+')).length,
    removed: lines.filter((line) => line.startsWith('-')).length,
    hunks: patch.hunks.map((hunk) => unified(hunk, above)),
  };
}

/** Where whole lines begin and end to be the same, less the lines of context: `tail` counts from the end. */
function between(before: string, after: string): { readonly from: number; readonly tail: number } {
  const shorter = Math.min(before.length, after.length);
  let from = 0;
  while (from < shorter && before.charCodeAt(from) === after.charCodeAt(from)) from += 1;
  from = lineStart(before, from);
  for (let line = 0; line < CONTEXT; line += 1) from = lineStart(before, from - 1);
  let tail = 0;
  while (
    tail < shorter - from &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  ) {
    tail += 1;
  }
  for (let line = 0; line <= CONTEXT && tail > 0; line += 1) {
    const end = before.indexOf('\n', before.length - tail);
    tail = end === -1 ? 0 : before.length - end - 1;
  }
  return { from, tail };
}

function lineStart(text: string, at: number): number {
  return at <= 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}

function countLines(text: string, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

function unified({ oldStart, oldLines, newStart, newLines, lines }: StructuredPatchHunk, above: number): string {
  return [`@@ -${range(oldStart, oldLines, above)} +${range(newStart, newLines, above)} @@`, ...lines].join('\n');
}

/** An empty range is named by the line before it. */
function range(start: number, lines: number, above: number): string {
  return `${start + above - (lines === 0 ? 1 : 0)},${lines}`;
}
