import type { FileTouch } from '../../core/index.ts';
import { resolvePath } from '../paths.ts';
import { object, optional, string, words } from '../shape.ts';

/** What the tools of common libraries and agents do to a file; others are not guessed at. */
const TOOLS: ReadonlyMap<string, 'read' | 'edit' | 'write'> = new Map([
  ['read_file', 'read'],
  ['Read', 'read'],
  ['read', 'read'],
  ['view', 'read'],
  ['view_text_file', 'read'],
  ['Edit', 'edit'],
  ['edit', 'edit'],
  ['edit_file', 'edit'],
  ['replace', 'edit'],
  ['insert_text_file', 'edit'],
  ['Write', 'write'],
  ['write', 'write'],
  ['write_file', 'write'],
  ['write_text_file', 'write'],
  ['create', 'write'],
]);
const PATHS = ['path', 'file_path', 'filePath', 'absolute_path', 'filename'];
const CONTENTS = ['content', 'file_text', 'text'];
const RANGES = ['offset', 'limit', 'range', 'ranges', 'view_range', 'start_line', 'end_line'];

/**
 * What a successful call did to a file; undefined for one whose name tells nothing. A relative path stays one: no
 * format of plain messages names a folder. What was read is not claimed: nobody knows how a tool frames its output.
 */
export function touchOf(
  call: { readonly name: string; readonly input: unknown; readonly messageId: string },
  at: string | undefined,
): FileTouch | undefined {
  const op = TOOLS.get(call.name);
  const input = object(call.input);
  const named = PATHS.flatMap((field) => words(input?.[field]) ?? [])[0];
  if (op === undefined || input === undefined || named === undefined || named.includes('\0')) return undefined;
  const path = resolvePath(undefined, named) ?? named;
  const common = { path, messageId: call.messageId, ...optional('at', at) };
  if (op === 'read') return { ...common, op, full: !RANGES.some((field) => (input[field] ?? null) !== null) };
  const isWhole = op === 'write' && (input['ranges'] ?? null) === null;
  const text = isWhole ? CONTENTS.flatMap((field) => string(input[field]) ?? [])[0] : undefined;
  return { ...common, op: isWhole ? 'write' : 'edit', full: text !== undefined, ...optional('text', text) };
}
