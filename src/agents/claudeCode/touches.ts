import type { FileTouch } from '../../core/index.ts';
import { applyHunks, replaceText, structuredHunks } from '../patches.ts';
import { resolvePath } from '../paths.ts';
import { count, type JsonObject, list, number, object, optional, string } from '../shape.ts';
import { isPartOf, type TouchLog } from '../touchLog.ts';

/** A `tool_use` that waits for its result. */
export interface Call {
  readonly name: string;
  readonly input: JsonObject;
  readonly cwd: string | undefined;
  readonly messageId: string;
}

/** The result: `block` is the `tool_result`, `detail` the line's `toolUseResult` (absent in copies and sub-agents). */
export interface Result {
  readonly block: JsonObject;
  readonly detail: JsonObject | undefined;
  readonly at: string | undefined;
}

export type TouchKind = 'read' | 'full-read' | 'edit';

const EDITS = new Set(['Edit', 'MultiEdit', 'Write', 'NotebookEdit']);

/** What a successful call did to a file; undefined where it is no file tool. */
export function touchKind(call: Call, result: Result): TouchKind | undefined {
  if (call.name === 'Read') return isFullRead(call, result) ? 'full-read' : 'read';
  return EDITS.has(call.name) ? 'edit' : undefined;
}

/**
 * The touch of a successful `Read`, `Edit`, `MultiEdit`, `Write` or `NotebookEdit` (FORMATS 1.5). The text comes from
 * the tool's own record; where that is missing, from the numbered text that the model saw, or from the text known
 * before. A text that cannot be told for certain is left out.
 */
export function touchOf(call: Call, result: Result, kind: TouchKind, log: TouchLog): FileTouch | undefined {
  const named = string(call.input['file_path']) ?? string(call.input['notebook_path']);
  const path = named === undefined ? undefined : resolvePath(call.cwd, named);
  if (path === undefined) return undefined;
  const known = log.text(path);
  const text = kind === 'edit' ? editedText(call, result, known) : readText(result, kind === 'full-read', known);
  return {
    path,
    op: kind !== 'edit' ? 'read' : call.name === 'Write' ? 'write' : 'edit',
    full: kind === 'full-read' || text !== undefined,
    messageId: call.messageId,
    ...optional('at', result.at),
    ...optional('text', text),
  };
}

/** A file that the user named with `@`: its text is in an attachment line. */
export function attachmentTouch(
  attachment: JsonObject,
  messageId: string,
  at: string | undefined,
): FileTouch | undefined {
  if (attachment['type'] !== 'file') return undefined;
  const file = object(object(attachment['content'])?.['file']);
  const named = string(file?.['filePath']);
  const path = named === undefined ? undefined : resolvePath(undefined, named);
  if (file === undefined || path === undefined) return undefined;
  const full = isWhole(file);
  return {
    path,
    op: 'read',
    full,
    messageId,
    ...optional('at', at),
    ...optional('text', full ? string(file['content']) : undefined),
  };
}

function isFullRead(call: Call, result: Result): boolean {
  const file = object(result.detail?.['file']);
  if (file !== undefined && number(file['numLines']) !== undefined) return isWhole(file);
  return !call.input['offset'] && !call.input['limit'];
}

function isWhole(file: JsonObject): boolean {
  return (number(file['startLine']) ?? 1) === 1 && number(file['numLines']) === number(file['totalLines']);
}

function readText(result: Result, full: boolean, known: string | undefined): string | undefined {
  const type = string(result.detail?.['type']);
  if (type === 'file_unchanged') return known;
  if (type !== undefined && type !== 'text') return undefined;
  const file = object(result.detail?.['file']);
  const content = string(file?.['content']);
  if (full) return content ?? unnumbered(result.block['content']);
  if (content === undefined || known === undefined) return undefined;
  // A part of what is known already: the whole is still known, as of now.
  return isPartOf(known, content, Math.max(1, count(file?.['startLine']))) ? known : undefined;
}

/** The text behind `%6d→line` (1.x) or `N\tline` (2.x); undefined where any line is not numbered in turn. */
function unnumbered(content: unknown): string | undefined {
  const shown = string(content) ?? string(object(list(content)[0])?.['text']);
  if (shown === undefined) return undefined;
  const reminder = shown.indexOf('<system-reminder>');
  let end = reminder === -1 ? shown.length : reminder;
  while (reminder !== -1 && shown[end - 1] === '\n') end -= 1;
  const lines = shown.slice(0, end).split('\n');
  const out: string[] = [];
  for (const line of lines) {
    const match = /^\s*(\d+)[→\t]([\s\S]*)$/.exec(line);
    if (match === null || Number(match[1]) !== out.length + 1) return undefined;
    out.push(match[2] as string);
  }
  return out.join('\n');
}

function editedText(call: Call, result: Result, known: string | undefined): string | undefined {
  const detail = result.detail ?? {};
  if (call.name === 'NotebookEdit') return undefined;
  if (call.name === 'Write') return string(detail['content']) ?? string(call.input['content']);
  const before = string(detail['originalFile']) ?? string(detail['originalFileContents']) ?? known;
  if (before === undefined) return undefined;
  const hunks = structuredHunks(detail['structuredPatch']);
  // What the user changed in the proposal stands only in the patch.
  if (detail['userModified'] === true) return hunks.length > 0 ? applyHunks(before, hunks) : undefined;
  const edits = call.name === 'MultiEdit' ? list(call.input['edits']) : [{ ...call.input, ...shownEdit(detail) }];
  let text: string | undefined = before;
  for (const value of edits) {
    const edit = object(value);
    const from = string(edit?.['old_string']);
    const to = string(edit?.['new_string']);
    if (text === undefined) break;
    text =
      from === undefined || to === undefined ? undefined : replaceText(text, from, to, edit?.['replace_all'] === true);
  }
  return text ?? (hunks.length > 0 ? applyHunks(before, hunks) : undefined);
}

/** The strings as the tool found them in the file, which may differ from the input in quotes. */
function shownEdit(detail: JsonObject): JsonObject {
  const from = string(detail['oldString']);
  const to = string(detail['newString']);
  return from === undefined || to === undefined ? {} : { old_string: from, new_string: to };
}
