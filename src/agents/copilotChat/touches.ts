import type { FileTouch } from '../../core/index.ts';
import { type CallTouches, NO_TOUCHES } from '../callTouches.ts';
import { applyPatch, parsePatch } from '../codex/applyPatch.ts';
import { replaceText } from '../patches.ts';
import { resolvePath } from '../paths.ts';
import { type JsonObject, list, number, object, optional, string } from '../shape.ts';
import { isPartOf, type TouchLog } from '../touchLog.ts';
import { isFailure, type ToolCall } from './parts.ts';

/** Where in the conversation calls were made, and between which two times: no call has a time of its own. */
export interface CallPlace {
  readonly messageId: string;
  readonly cwd: string | undefined;
  readonly startedAt: string | undefined;
  readonly endedAt: string | undefined;
  /** Files that this request has written so far. */
  readonly written: Set<string>;
}

/** What a successful call of one of Copilot's file tools did (FORMATS 4A). */
export function touchesOf(call: ToolCall, place: CallPlace, log: TouchLog): CallTouches {
  const input = object(call.input);
  if (input === undefined || call.output === undefined || isFailure(call.output)) return NO_TOUCHES;
  const touch = createTouch(place, log);
  switch (call.name) {
    case 'read_file':
    case 'copilot_readFile':
      return read(input, call.output, touch);
    case 'create_file':
    case 'copilot_createFile':
      return edited(touch.write(string(input['filePath']), () => string(input['content']), 'write'));
    case 'replace_string_in_file':
    case 'copilot_replaceString':
      return edited(replaced(input, touch));
    case 'multi_replace_string_in_file':
    case 'copilot_multiReplaceString':
      return edited(
        list(input['replacements']).reduce<number>(
          (sum, one) => sum + replaced({ filePath: input['filePath'], ...object(one) }, touch),
          0,
        ),
      );
    case 'insert_edit_into_file':
    case 'copilot_insertEdit':
    case 'edit_notebook_file':
    case 'copilot_editNotebook':
      return edited(touch.write(string(input['filePath']), () => undefined));
    case 'apply_patch':
    case 'copilot_applyPatch':
      return edited(patched(string(input['input']) ?? '', touch));
    default:
      return NO_TOUCHES;
  }
}

/** A file that the chat shows as edited, by a call that is not recorded: what is in it now is not known. */
export function shownEdit(path: string, place: CallPlace, log: TouchLog): void {
  const resolved = resolvePath(place.cwd, path);
  if (resolved !== undefined && !place.written.has(resolved)) createTouch(place, log).write(path, () => undefined);
}

function edited(edits: number): CallTouches {
  return { ...NO_TOUCHES, edits };
}

interface Touch {
  /** How many files were written: 1, or 0 where the path is unknown. */
  write(
    path: string | undefined,
    text: (known: string | undefined) => string | undefined,
    op?: FileTouch['op'],
  ): number;
  remove(path: string): number;
  read(path: string, full: boolean, text: (known: string | undefined) => string | undefined): void;
}

function createTouch(place: CallPlace, log: TouchLog): Touch {
  const { messageId, cwd, startedAt, endedAt, written } = place;
  const add = (path: string, op: FileTouch['op'], full: boolean, text: string | undefined): void => {
    // A change from outside while the request ran must not pass for read; the request's own edit must.
    const at = written.has(path) ? endedAt : startedAt;
    log.add({ path, op, full, messageId, ...optional('at', at), ...optional('text', text) });
  };
  return {
    write(named, textOf, op = 'edit') {
      const path = named === undefined ? undefined : resolvePath(cwd, named);
      if (path === undefined) return 0;
      const text = textOf(log.text(path));
      written.add(path);
      add(path, op, text !== undefined, text);
      return 1;
    },
    remove(named) {
      const path = resolvePath(cwd, named);
      if (path === undefined) return 0;
      written.add(path);
      add(path, 'delete', true, undefined);
      return 1;
    },
    read(named, full, textOf) {
      const path = resolvePath(cwd, named);
      if (path !== undefined) add(path, 'read', full, textOf(log.text(path)));
    },
  };
}

const RANGES = ['startLine', 'endLine', 'offset', 'limit', 'startLineNumberBaseZero', 'endLineNumberBaseZero'];

function read(input: JsonObject, output: string, touch: Touch): CallTouches {
  const named = string(input['filePath']);
  if (named === undefined) return NO_TOUCHES;
  const excerpt = excerptOf(output);
  const whole = excerpt !== undefined && excerpt.from === 1 && excerpt.to === excerpt.total;
  const full = whole || (excerpt === undefined && RANGES.every((field) => number(input[field]) === undefined));
  touch.read(named, full, (known) => {
    if (excerpt?.text === undefined) return undefined;
    if (whole) return excerpt.text;
    return known !== undefined && isPartOf(known, excerpt.text, excerpt.from) ? known : undefined;
  });
  return { reads: 1, fullReads: full ? 1 : 0, edits: 0 };
}

/** The lines that the tool says it read; the text only where it has exactly as many. */
function excerptOf(
  output: string,
): { readonly from: number; readonly to: number; readonly total: number; readonly text?: string } | undefined {
  const head = /^\s*File: `[^`\n]*`\. Lines (\d+) to (\d+) \((\d+) lines total\)[^\n]*\n/.exec(output);
  if (head === null) return undefined;
  const [from, to, total] = [Number(head[1]), Number(head[2]), Number(head[3])];
  const fenced = /^(`{3,})[^\n]*\n([\s\S]*)\n\1\s*$/.exec(output.slice(head[0].length));
  const text = fenced?.[2];
  const lines = text === undefined ? 0 : text.split('\n').length;
  return { from, to, total, ...(text !== undefined && lines === to - from + 1 ? { text } : {}) };
}

function replaced(input: JsonObject, touch: Touch): number {
  const [before, after] = [string(input['oldString']), string(input['newString'])];
  return touch.write(string(input['filePath']), (known) =>
    known === undefined || before === undefined || after === undefined
      ? undefined
      : replaceText(known, before, after, false),
  );
}

function patched(text: string, touch: Touch): number {
  let edits = 0;
  for (const patch of parsePatch(text)) {
    if (patch.op === 'delete') edits += touch.remove(patch.path);
    else if (patch.op === 'add') edits += touch.write(patch.path, () => patch.content, 'write');
    else {
      let updated: string | undefined;
      const target = patch.moveTo ?? patch.path;
      edits += touch.write(patch.path, (known) => {
        updated = known === undefined ? undefined : applyPatch(known, patch);
        return updated;
      });
      if (target === patch.path) continue;
      touch.remove(patch.path);
      touch.write(target, () => updated, 'write');
    }
  }
  return edits;
}
