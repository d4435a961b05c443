import type { FileTouch } from '../../core/index.ts';
import { type CallTouches, NO_TOUCHES } from '../callTouches.ts';
import { applyPatch, parsePatch } from '../codex/applyPatch.ts';
import { replaceText } from '../patches.ts';
import { resolvePath } from '../paths.ts';
import { count, type JsonObject, list, object, optional, parseObject, string } from '../shape.ts';
import { isPartOf, type TouchLog } from '../touchLog.ts';
import type { SaidCall, SaidResult } from './said.ts';

export interface CallPlace {
  readonly messageId: string;
  readonly cwd: string | undefined;
  /** Of the result. */
  readonly at: string | undefined;
}

/** What a successful call of a file tool did: those of Cline's tasks and sessions, and of Roo Code (FORMATS 6, 0.7). */
export function touchesOf(call: SaidCall, result: SaidResult, place: CallPlace, log: TouchLog): CallTouches {
  const input = object(call.input) ?? {};
  if (result.failed) return NO_TOUCHES;
  switch (call.name) {
    case 'read_file':
      return readTask(input, result.text, place, log);
    case 'read_files':
      return readSession(input, result.text, place, log);
    case 'write_to_file':
      return write(
        string(input['path']) ?? string(input['absolutePath']),
        'write',
        place,
        log,
        () => shownText(result.text) ?? string(input['content']),
      );
    case 'replace_in_file':
    case 'apply_diff':
    case 'insert_content':
    case 'search_and_replace':
    case 'edit_file':
      return write(string(input['path']) ?? string(input['absolutePath']) ?? pathIn(input), 'edit', place, log, () =>
        shownText(result.text),
      );
    case 'editor':
      return editor(input, place, log);
    case 'apply_patch':
      return patch(string(input['input']) ?? string(input['patch']) ?? '', place, log);
    default:
      return NO_TOUCHES;
  }
}

function pathIn(input: JsonObject): string | undefined {
  return /<path>([^<]{1,4096})<\/path>/.exec(string(input['args']) ?? '')?.[1];
}

function note(
  named: string,
  touch: Pick<FileTouch, 'op' | 'full'> & { readonly text: string | undefined },
  { messageId, at, cwd }: CallPlace,
  log: TouchLog,
): void {
  const path = resolvePath(cwd, named);
  if (path === undefined) return;
  const { op, full, text } = touch;
  log.add({ path, op, full, messageId, ...optional('at', at), ...optional('text', text) });
}

function knownText(named: string, { cwd }: CallPlace, log: TouchLog): string | undefined {
  const path = resolvePath(cwd, named);
  return path === undefined ? undefined : log.text(path);
}

function write(
  named: string | undefined,
  op: 'write' | 'edit',
  place: CallPlace,
  log: TouchLog,
  textOf: (known: string | undefined) => string | undefined,
): CallTouches {
  if (named === undefined) return NO_TOUCHES;
  const text = textOf(knownText(named, place, log));
  note(named, { op, full: text !== undefined, text }, place, log);
  return { ...NO_TOUCHES, edits: 1 };
}

/** The file as it was saved, which Cline shows the model after an edit. */
function shownText(result: string): string | undefined {
  const open = /<final_file_content path="[^"\n]{0,4096}">\r?\n/.exec(result);
  const end = result.lastIndexOf('\n</final_file_content>');
  if (open === null || end < open.index + open[0].length - 1) return undefined;
  return result.slice(open.index + open[0].length, Math.max(end, open.index + open[0].length));
}

interface Numbered {
  readonly from: number;
  readonly text: string;
}

/** The text behind `1 | line`, where every line is numbered in turn. */
function unnumbered(text: string): Numbered | undefined {
  const out: string[] = [];
  let from: number | undefined;
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+) \| ?(.*)$/s.exec(line);
    if (match === null) return undefined;
    from ??= Number(match[1]);
    if (Number(match[1]) !== from + out.length) return undefined;
    out.push(match[2] as string);
  }
  return from === undefined ? undefined : { from, text: out.join('\n') };
}

/** `read_file`: one file, or in Roo Code several in `<args>`. */
function readTask(input: JsonObject, shown: string, place: CallPlace, log: TouchLog): CallTouches {
  const one = string(input['path']);
  const ranged =
    input['start_line'] !== undefined || input['end_line'] !== undefined || input['line_range'] !== undefined;
  if (one !== undefined) return read(one, wholeText(shown), ranged, place, log);
  const args = string(input['args']);
  const files = args === undefined ? list(input['files']) : [...args.matchAll(/<path>([^<]{1,4096})<\/path>/g)];
  const named = files.flatMap(
    (file) => string(object(file)?.['path']) ?? (Array.isArray(file) ? string(file[1]) : undefined) ?? [],
  );
  const partial = ranged || args?.includes('<line_range>') === true;
  return named.reduce((sum, path) => added(sum, read(path.trim(), undefined, partial, place, log)), NO_TOUCHES);
}

/** A result that says how many lines the file has tells its text for certain, but for the newline at its end. */
function wholeText(shown: string): { readonly excerpt: Numbered; readonly whole: boolean } | undefined {
  const end = /\n\n\(File has (\d+) lines total\.\)\s*$/.exec(shown);
  const excerpt = unnumbered(end === null ? shown : shown.slice(0, end.index));
  if (excerpt === undefined) return undefined;
  const lines = excerpt.text.split('\n').length;
  return { excerpt, whole: excerpt.from === 1 && (end === null || Number(end[1]) === lines) };
}

function read(
  named: string,
  shown: ReturnType<typeof wholeText>,
  ranged: boolean,
  place: CallPlace,
  log: TouchLog,
): CallTouches {
  const known = knownText(named, place, log);
  const full = !ranged && shown?.whole !== false;
  // Whether the file ends in a newline is not shown: what is known stays known, nothing new is claimed.
  const same = known !== undefined && shown !== undefined && isPartOf(known, shown.excerpt.text, shown.excerpt.from);
  note(named, { op: 'read', full, text: same ? known : undefined }, place, log);
  return { reads: 1, fullReads: full ? 1 : 0, edits: 0 };
}

function added(a: CallTouches, b: CallTouches): CallTouches {
  return { reads: a.reads + b.reads, fullReads: a.fullReads + b.fullReads, edits: a.edits + b.edits };
}

/** `read_files`: each file has its own outcome, `[{query, result, success}]`. */
function readSession(input: JsonObject, shown: string, place: CallPlace, log: TouchLog): CallTouches {
  const outcomes = list(parseObject(`{"v":${shown}}`)?.['v']).map((one) => object(one));
  const files = Array.isArray(input['files']) ? input['files'] : list(input['file_paths'] ?? input['paths']);
  let sum = NO_TOUCHES;
  for (const [index, value] of files.entries()) {
    const file = object(value);
    const named = string(value) ?? string(file?.['path']);
    const outcome = outcomes[index];
    if (named === undefined || outcome?.['success'] === false) continue;
    const ranged = count(file?.['start_line']) > 0 || count(file?.['end_line']) > 0;
    sum = added(sum, read(named, wholeText(string(outcome?.['result']) ?? ''), ranged, place, log));
  }
  return sum;
}

/** `editor`: a replacement where there is an old text, else the whole file. */
function editor(input: JsonObject, place: CallPlace, log: TouchLog): CallTouches {
  const [named, before, after] = [string(input['path']), string(input['old_text']), string(input['new_text'])];
  const whole = before === undefined && input['insert_line'] === undefined;
  return write(named, whole ? 'write' : 'edit', place, log, (known) => {
    if (whole) return after;
    return known === undefined || before === undefined || after === undefined
      ? undefined
      : replaceText(known, before, after, false);
  });
}

function patch(text: string, place: CallPlace, log: TouchLog): CallTouches {
  let edits = 0;
  for (const one of parsePatch(text)) {
    edits += 1;
    const known = knownText(one.path, place, log);
    const updated = one.op === 'add' ? one.content : known === undefined ? undefined : applyPatch(known, one);
    if (one.op === 'delete' || one.moveTo !== undefined)
      note(one.path, { op: 'delete', full: true, text: undefined }, place, log);
    if (one.op === 'delete') continue;
    const op = one.op === 'add' ? 'write' : 'edit';
    note(one.moveTo ?? one.path, { op, full: updated !== undefined, text: updated }, place, log);
  }
  return { ...NO_TOUCHES, edits };
}
