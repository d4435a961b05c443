import { list, number, object, string } from './shape.ts';

/**
 * The text after replacing `before` by `after`; undefined where that is not certain: `before` is missing, or occurs
 * more than once and not all are meant.
 */
export function replaceText(text: string, before: string, after: string, all: boolean): string | undefined {
  if (before === '') return text === '' ? after : undefined;
  const first = text.indexOf(before);
  if (first === -1) return undefined;
  if (all) return text.split(before).join(after);
  if (text.indexOf(before, first + 1) !== -1) return undefined;
  return text.slice(0, first) + after + text.slice(first + before.length);
}

/** A hunk of a unified diff: `lines` begin with ' ', '-' or '+'; `start` is the 1-based line in the old text. */
export interface Hunk {
  readonly start: number;
  readonly lines: readonly string[];
}

/** The text after the hunks, each at exactly its line; undefined where a context line is not what the hunk says. */
export function applyHunks(text: string, hunks: readonly Hunk[]): string | undefined {
  const old = text.split('\n');
  const out: string[] = [];
  let at = 0;
  for (const hunk of hunks) {
    const start = Math.max(0, hunk.start - 1);
    if (start < at || start > old.length) return undefined;
    while (at < start) out.push(old[at++] as string);
    for (const line of hunk.lines) {
      const body = line.slice(1);
      if (line.startsWith('\\')) continue;
      if (line.startsWith('+')) out.push(body);
      else if (old[at] !== body) return undefined;
      else {
        if (!line.startsWith('-')) out.push(body);
        at += 1;
      }
    }
  }
  while (at < old.length) out.push(old[at++] as string);
  return out.join('\n');
}

/** Claude Code's `structuredPatch`. */
export function structuredHunks(value: unknown): readonly Hunk[] {
  return list(value).flatMap((one) => {
    const hunk = object(one);
    const start = number(hunk?.['oldStart']);
    if (hunk === undefined || start === undefined) return [];
    return [{ start, lines: list(hunk['lines']).flatMap((line) => string(line) ?? []) }];
  });
}

/** The hunks of a unified diff without its file header. */
export function unifiedHunks(diff: string): readonly Hunk[] {
  const hunks: { start: number; lines: string[] }[] = [];
  for (const line of diff.split('\n')) {
    const header = /^@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@/.exec(line);
    if (header !== null) hunks.push({ start: Number(header[1]), lines: [] });
    else if (/^[ +\\-]/.test(line)) hunks.at(-1)?.lines.push(line);
  }
  return hunks;
}
