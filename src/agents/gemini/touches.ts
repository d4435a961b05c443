import type { FileTouch } from '../../core/index.ts';
import { type CallTouches, NO_TOUCHES } from '../callTouches.ts';
import { replaceText } from '../patches.ts';
import { resolvePath } from '../paths.ts';
import { count, type JsonObject, object, optional, string } from '../shape.ts';
import { shellReads } from '../shell.ts';
import { isPartOf, type TouchLog } from '../touchLog.ts';
import type { ToldCall, ToldResult } from './content.ts';

/** What stands before, or instead of, the text of a file that was not shown as it is. */
const NOT_THE_TEXT =
  /^(?:IMPORTANT: The file content has been truncated|\[(?:WARNING: This file was truncated|File (?:content )?truncated)|Cannot display content of|Binary content provided|File is empty)/;
const RANGES = ['offset', 'limit', 'start_line', 'end_line'];

export interface CallPlace {
  readonly cwd: string | undefined;
  readonly messageId: string;
  readonly at: string | undefined;
}

/**
 * Notes what a successful call of a file tool did (FORMATS 3.5). A read by shell command is noted, too, but not counted:
 * its output tells no text for certain.
 */
export function touchFiles(call: ToldCall, result: ToldResult | undefined, at: CallPlace, log: TouchLog): CallTouches {
  const common = { messageId: at.messageId, ...optional('at', at.at) };
  const named = string(call.input['file_path']) ?? string(call.input['absolute_path']) ?? string(call.input['path']);
  const path = named === undefined ? undefined : resolvePath(at.cwd, named);
  switch (call.name) {
    case 'read_file': {
      const full = isWhole(call.input, result);
      // What came back is not told where a record has lost its result: after a resume of its own, for one.
      const seen = full && result !== undefined;
      if (path !== undefined) log.add({ ...common, path, ...readOf(call.input, result, seen, log.text(path)) });
      return { ...NO_TOUCHES, reads: 1, fullReads: full ? 1 : 0 };
    }
    case 'read_many_files': {
      const paths = manyPaths(result?.output ?? '');
      for (const one of paths) {
        const file = resolvePath(at.cwd, one.path);
        if (file !== undefined) log.add({ ...common, path: file, op: 'read', full: one.full });
      }
      return { ...NO_TOUCHES, reads: paths.length, fullReads: paths.filter((one) => one.full).length };
    }
    case 'replace':
    case 'write_file': {
      const op = call.name === 'replace' ? 'edit' : 'write';
      const text = path === undefined ? undefined : editedText(call, log.text(path));
      if (path !== undefined) log.add({ ...common, path, op, full: text !== undefined, ...optional('text', text) });
      return { ...NO_TOUCHES, edits: 1 };
    }
    case 'run_shell_command':
      if (!hasFailed(result?.output)) readsByShell(call, at, common, log);
      return NO_TOUCHES;
    default:
      return NO_TOUCHES;
  }
}

function isWhole(input: JsonObject, result: ToldResult | undefined): boolean {
  return RANGES.every((name) => input[name] === undefined) && !NOT_THE_TEXT.test(result?.output ?? '');
}

/** A command that ran is a success, whatever came of it. */
function hasFailed(output: string | undefined): boolean {
  return /^(?:Exit Code: [1-9]|Signal: |Error: (?!\(none\)))/m.test(output ?? '');
}

function readOf(
  input: JsonObject,
  result: ToldResult | undefined,
  full: boolean,
  known: string | undefined,
): Pick<FileTouch, 'op' | 'full' | 'text'> {
  const output = result?.output;
  // An image comes as a part of its own.
  if (full) return { op: 'read', full, ...optional('text', result?.images.length === 0 ? output : undefined) };
  // A part of what is known already: the whole is still known, as of now.
  const start = Math.max(1, count(input['start_line']) || count(input['offset']) + 1);
  const still = known !== undefined && output !== undefined && output !== '' && isPartOf(known, output, start);
  return { op: 'read', full: still, ...optional('text', still ? known : undefined) };
}

/** The tool tells the whole text after an edit in newer versions, with what the user changed in the proposal. */
function editedText(call: ToldCall, known: string | undefined): string | undefined {
  const display = object(call.entry?.['resultDisplay']);
  const told = string(display?.['newContent']);
  if (told !== undefined) return told;
  if (call.name === 'write_file') return string(call.input['content']);
  const [before, after] = [string(call.input['old_string']), string(call.input['new_string'])];
  if (known === undefined || before === undefined || after === undefined) return undefined;
  const all = call.input['allow_multiple'] === true || count(call.input['expected_replacements']) > 1;
  return replaceText(known, before, after, all);
}

/** `--- <path> ---` stands before each file. */
function manyPaths(output: string): readonly { readonly path: string; readonly full: boolean }[] {
  const heads = [...output.matchAll(/^--- (.+) ---$/gm)].filter((head) => head[1] !== 'End of content');
  return heads.map((head, index) => {
    const text = output.slice(head.index + head[0].length, heads[index + 1]?.index).trimStart();
    return { path: head[1] as string, full: !NOT_THE_TEXT.test(text) };
  });
}

function readsByShell(call: ToldCall, at: CallPlace, common: Pick<FileTouch, 'messageId' | 'at'>, log: TouchLog): void {
  const folder = string(call.input['dir_path']) ?? string(call.input['directory']);
  const cwd = folder === undefined ? at.cwd : (resolvePath(at.cwd, folder) ?? at.cwd);
  for (const read of shellReads(string(call.input['command']) ?? '')) {
    const from = read.folders.reduce<string | undefined>((base, to) => resolvePath(base, to) ?? base, cwd);
    const path = /[*?$`]/.test(read.path) ? undefined : resolvePath(from, read.path);
    if (path !== undefined) log.add({ ...common, path, op: 'read', full: read.full });
  }
}
