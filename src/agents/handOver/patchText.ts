import { replaceText } from '../patches.ts';
import type { NeutralCall } from './neutralCall.ts';

/**
 * An `apply_patch` text for an edit. Patches are of whole lines: where the file's content before the edit is known, the
 * lines around `before` are completed from it; else the strings stand for whole lines. Undefined for an edit of several
 * places, and for a path that the grammar cannot say.
 */
export function updatePatch(
  call: NeutralCall & { readonly kind: 'edit' },
  text: string | undefined,
): string | undefined {
  if (call.all === true || call.before === '' || /[\r\n]/.test(call.path)) return undefined;
  const { old, fresh } = wholeLines(call.before, call.after, text);
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < fresh.length - head &&
    old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]
  )
    tail += 1;
  const changed = [
    ...old.slice(0, head).map((line) => ` ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...fresh.slice(head, fresh.length - tail).map((line) => `+${line}`),
    ...old.slice(old.length - tail).map((line) => ` ${line}`),
  ];
  return ['*** Begin Patch', `*** Update File: ${call.path}`, '@@', ...changed, '*** End Patch', ''].join('\n');
}

/** An `apply_patch` text that makes a file; its content ends with a line break, as the patch's does. */
export function addPatch(call: NeutralCall & { readonly kind: 'write' }): string | undefined {
  if (/[\r\n]/.test(call.path)) return undefined;
  const lines = linesOf(call.content).map((line) => `+${line}`);
  return ['*** Begin Patch', `*** Add File: ${call.path}`, ...lines, '*** End Patch', ''].join('\n');
}

/** A last line break ends a line and begins none. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

interface Lines {
  readonly old: readonly string[];
  readonly fresh: readonly string[];
}

/** The lines that hold the edit, before and after; where the file is not known, the strings stand for whole lines. */
function wholeLines(before: string, after: string, text: string | undefined): Lines {
  if (text === undefined || replaceText(text, before, after, false) === undefined)
    return { old: linesOf(before), fresh: linesOf(after) };
  const at = text.indexOf(before);
  const end = at + before.length;
  const head = text.slice(at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1, at);
  const made = head + after;
  const isWhole = before.endsWith('\n') && (end === text.length || made === '' || made.endsWith('\n'));
  if (isWhole) return { old: linesOf(head + before), fresh: linesOf(made) };
  // What follows is on the same line afterwards.
  const next = text.indexOf('\n', end);
  const tail = text.slice(end, next === -1 ? text.length : next);
  return { old: (head + before + tail).split('\n'), fresh: (made + tail).split('\n') };
}
