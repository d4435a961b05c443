import { parsePatch, resolvePath, shape } from '../agents/index.ts';

const { list, object, string } = shape;
type JsonObject = shape.JsonObject;

/** A file that a call is about to change. */
export interface EditedFile {
  /** Absolute. */
  readonly path: string;
  /** `whole`: its content is replaced, whatever it is. `part`: the call names the text that it replaces. `gone`: it is deleted or moved. */
  readonly how: 'whole' | 'part' | 'gone';
  /** The whole new content, where the call says it. */
  readonly text?: string;
}

/** What a tool call does with files; `none` for everything else. */
export type ToolCall =
  | { readonly kind: 'edit'; readonly files: readonly EditedFile[] }
  | { readonly kind: 'read'; readonly path: string; readonly input: JsonObject }
  | { readonly kind: 'shell'; readonly script: string; readonly folder: string; readonly patch: readonly EditedFile[] }
  | { readonly kind: 'none' };

const NONE: ToolCall = { kind: 'none' };

/** Names as Claude Code, Codex, Gemini CLI, opencode and Copilot CLI have them, in small letters. */
const READS = new Set(['read', 'read_file', 'view']);
const WHOLE = new Set(['write', 'write_file', 'create']);
const PARTS = new Set(['edit', 'multiedit', 'notebookedit', 'replace', 'str_replace', 'insert']);
/** One tool with the verb in a field. */
const EDITORS = new Set(['str_replace_editor', 'str_replace_based_edit_tool', 'editor']);
const PATCHES = new Set(['apply_patch', 'patch']);
const SHELLS = new Set([
  'bash',
  'shell',
  'exec_command',
  'shell_command',
  'run_shell_command',
  'local_shell',
  'powershell',
]);

/** What a call means; `folder` is where the agent works, absolute. */
export function toolCall(tool: string, input: JsonObject, folder: string): ToolCall {
  const name = tool.toLowerCase();
  if (SHELLS.has(name)) return shellCall(input, folder);
  if (PATCHES.has(name)) return { kind: 'edit', files: patched(patchText(input), folder) };
  const path = pathOf(input, folder);
  if (path === undefined) return NONE;
  const verb = EDITORS.has(name) ? (string(input['command']) ?? '') : name;
  if (READS.has(verb)) return { kind: 'read', path, input };
  if (WHOLE.has(verb)) {
    const text = string(input['content']) ?? string(input['file_text']);
    return { kind: 'edit', files: [{ path, how: 'whole', ...(text === undefined ? {} : { text }) }] };
  }
  if (PARTS.has(verb) || EDITORS.has(name)) return { kind: 'edit', files: [{ path, how: 'part' }] };
  return NONE;
}

function pathOf(input: JsonObject, folder: string): string | undefined {
  for (const field of ['file_path', 'filePath', 'path', 'notebook_path', 'absolute_path']) {
    const named = string(input[field]);
    if (named !== undefined) return resolvePath(folder, named);
  }
  return undefined;
}

function shellCall(input: JsonObject, folder: string): ToolCall {
  const command = input['command'] ?? input['cmd'];
  const script = typeof command === 'string' ? command : list(command).map(String).join(' ');
  const named = string(input['workdir']) ?? string(input['directory']) ?? string(input['dir_path']);
  const at = named === undefined ? folder : (resolvePath(folder, named) ?? folder);
  const patch = /\bapply_?patch\b/.test(script) ? patched(script, at) : [];
  return { kind: 'shell', script, folder: at, patch };
}

/** Whatever field an agent has the patch in. */
function patchText(input: JsonObject): string {
  for (const value of Object.values(input)) {
    if (typeof value === 'string' && value.includes('*** Begin Patch')) return value;
    const nested = object(value) ?? {};
    for (const inner of Object.values(nested))
      if (typeof inner === 'string' && inner.includes('*** Begin Patch')) return inner;
  }
  return '';
}

function patched(text: string, folder: string): readonly EditedFile[] {
  return parsePatch(text).flatMap((patch): readonly EditedFile[] => {
    const path = resolvePath(folder, patch.path);
    if (path === undefined) return [];
    if (patch.op === 'add') return [{ path, how: 'whole', text: patch.content ?? '' }];
    if (patch.op === 'delete') return [{ path, how: 'gone' }];
    const to = patch.moveTo === undefined ? undefined : resolvePath(folder, patch.moveTo);
    if (to === undefined) return [{ path, how: 'part' }];
    return [
      { path, how: 'gone' },
      { path: to, how: 'whole' },
    ];
  });
}
