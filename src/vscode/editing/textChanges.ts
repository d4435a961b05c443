import { diffArrays } from 'diff';

/** One stretch of a text that is another in the next version. Offsets are UTF-16 units of the text before. */
export interface TextChange {
  readonly start: number;
  /** After its last unit. */
  readonly end: number;
  readonly text: string;
}

/** Compared in one go: as fast as the memory is read. */
const STRETCH = 1 << 16;
/** A longer region between first and last difference is one change. */
const MAX_DIFFED = 1 << 18;
const MAX_DIFF_MS = 10;

/**
 * The least changes, in order, that make `before` into `after`: line by line, then to the characters of a line. What
 * differs too much to be compared at once is one change.
 */
export function textChanges(before: string, after: string): TextChange[] {
  const start = commonStart(before, after);
  const same = commonEnd(before, after, start);
  const [old, next] = [before.slice(start, before.length - same), after.slice(start, after.length - same)];
  if (old === '' && next === '') return [];
  const whole = { start, end: start + old.length, text: next };
  if (old.length + next.length > MAX_DIFFED) return [whole];
  const parts = diffArrays(linesOf(old), linesOf(next), { timeout: MAX_DIFF_MS });
  if (parts === undefined) return [whole];
  const changes: TextChange[] = [];
  let at = start;
  let removed = '';
  let added = '';
  const end = (): void => {
    if (removed !== '' || added !== '') changes.push(trimmed(at - removed.length, removed, added));
    removed = '';
    added = '';
  };
  for (const part of parts) {
    const text = part.value.join('');
    if (part.added) added += text;
    else if (part.removed) {
      removed += text;
      at += text.length;
    } else {
      end();
      at += text.length;
    }
  }
  end();
  return changes;
}

/** Where a place in the text before lies in the text after; what was replaced counts as its end. */
export function placeAfter(changes: readonly TextChange[], offset: number): number {
  let shift = 0;
  for (const { start, end, text } of changes) {
    if (offset < start || (offset === start && end > start)) break;
    // Inside of what was replaced: as far from its start, if there is so much.
    if (offset < end) return start + shift + Math.min(offset - start, text.length);
    shift += text.length - (end - start);
  }
  return offset + shift;
}

function trimmed(start: number, removed: string, added: string): TextChange {
  const head = commonStart(removed, added);
  const tail = commonEnd(removed, added, head);
  return {
    start: start + head,
    end: start + removed.length - tail,
    text: added.slice(head, added.length - tail),
  };
}

function commonStart(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at + STRETCH <= most && a.slice(at, at + STRETCH) === b.slice(at, at + STRETCH)) at += STRETCH;
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return isSplit(a, at) || isSplit(b, at) ? at - 1 : at;
}

/** How many units at the end are the same, the first `start` of both aside. */
function commonEnd(a: string, b: string, start: number): number {
  const most = Math.min(a.length, b.length) - start;
  let n = 0;
  while (n + STRETCH <= most && a.slice(-n - STRETCH, a.length - n) === b.slice(-n - STRETCH, b.length - n))
    n += STRETCH;
  while (n < most && a.charCodeAt(a.length - n - 1) === b.charCodeAt(b.length - n - 1)) n++;
  return n > 0 && (isSplit(a, a.length - n) || isSplit(b, b.length - n)) ? n - 1 : n;
}

/** Inside a surrogate pair, or between CR and LF: no editor has a place there. */
function isSplit(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false;
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  if (before === 0x0d) return after === 0x0a;
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}
