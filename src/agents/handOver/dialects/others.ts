import { list, number, object } from '../../shape.ts';
import type { Dialect, NeutralCall } from '../neutralCall.ts';
import { neutralCall, readByTable, type ToolTable, writeByTable } from './fields.ts';
import { unnumbered } from './numbered.ts';

const plain: Pick<Dialect, 'readOutput' | 'writeOutput'> = {
  readOutput: (_call, output) => output,
  writeOutput: (_call, output) => output,
};

/** What a command is called where a tool demands a description: its first line. */
function description(call: NeutralCall): { readonly description?: string } {
  return call.kind === 'shell' ? { description: (call.command.split('\n', 1)[0] ?? '').slice(0, 80) } : {};
}

const GEMINI: ToolTable = {
  read_file: { kind: 'read', path: 'file_path', range: { first: 'start_line', last: 'end_line' } },
  replace: { kind: 'edit', path: 'file_path', before: 'old_string', after: 'new_string', all: 'allow_multiple' },
  write_file: { kind: 'write', path: 'file_path', content: 'content' },
  run_shell_command: { kind: 'shell', command: 'command', cwd: 'dir_path' },
};
/** Before 0.2x; the first line of a window was 0. */
const OLD_GEMINI: ToolTable = {
  read_file: { kind: 'read', path: 'absolute_path', window: { offset: 'offset', limit: 'limit', base: 0 } },
  run_shell_command: { kind: 'shell', command: 'command', cwd: 'directory' },
};
const GEMINI_WINDOW: ToolTable = {
  read_file: { kind: 'read', path: 'file_path', window: { offset: 'offset', limit: 'limit', base: 0 } },
};

export const gemini: Dialect = {
  read: (call) => readByTable(GEMINI, call) ?? readByTable(GEMINI_WINDOW, call) ?? readByTable(OLD_GEMINI, call),
  write: (call) =>
    writeByTable(GEMINI, call, ({ kind, path }: NeutralCall & { path?: string }) =>
      kind === 'edit' ? { instruction: `Edit ${path}` } : {},
    ),
  readOutput: (call, output) =>
    call.kind === 'read' &&
    /^\s*(?:IMPORTANT: The file content has been truncated|Cannot display content of binary)/.test(output)
      ? undefined
      : output,
  writeOutput: plain.writeOutput,
};

const OPENCODE: ToolTable = {
  read: { kind: 'read', path: 'filePath', window: { offset: 'offset', limit: 'limit', base: 1 } },
  edit: { kind: 'edit', path: 'filePath', before: 'oldString', after: 'newString', all: 'replaceAll' },
  write: { kind: 'write', path: 'filePath', content: 'content' },
  bash: { kind: 'shell', command: 'command', cwd: 'workdir' },
};

export const opencode: Dialect = {
  read: (call) => readByTable(OPENCODE, call),
  write: (call) => writeByTable(OPENCODE, call, description),
  readOutput: (call, output) => {
    if (call.kind !== 'read') return output;
    // 1.18 prints `N: line` between <content> tags, older versions `00001| line` between <file> tags.
    const inner = /<(content|file)>\n([\s\S]*?)\n*(?:\n\(End of file[^\n]*\)\n*)?<\/\1>/.exec(output)?.[2];
    return inner === undefined ? undefined : unnumbered(inner, /^(\d+)(?:: |\| )([\s\S]*)$/)?.text;
  },
  writeOutput: plain.writeOutput,
};

const COPILOT_CLI: ToolTable = {
  view: { kind: 'read', path: 'path' },
  edit: { kind: 'edit', path: 'path', before: 'old_str', after: 'new_str' },
  create: { kind: 'write', path: 'path', content: 'file_text' },
  bash: { kind: 'shell', command: 'command' },
};

export const copilotCli: Dialect = {
  ...plain,
  read: (call) => {
    const input = object(call.input);
    const range = list(input?.['view_range']);
    if (call.name !== 'view' || range.length === 0) return readByTable(COPILOT_CLI, call);
    const [first, last] = [number(range[0]), number(range[1])];
    const rest = neutralCall({ kind: 'read', path: 'path' }, { ...input, view_range: undefined });
    if (rest?.kind !== 'read' || first === undefined || last === undefined) return undefined;
    return { ...rest, offset: first, ...(last < 0 ? {} : { limit: last - first + 1 }) };
  },
  write: (call) => {
    if (call.kind === 'shell' && call.cwd !== undefined) return undefined;
    if (call.kind !== 'read' || (call.offset === undefined && call.limit === undefined))
      return writeByTable(COPILOT_CLI, call, description);
    const first = call.offset ?? 1;
    const last = call.limit === undefined ? -1 : first + call.limit - 1;
    return { name: 'view', input: { path: call.path, view_range: [first, last] } };
  },
};

const COPILOT_CHAT: ToolTable = {
  read_file: { kind: 'read', path: 'filePath', range: { first: 'startLine', last: 'endLine' } },
  replace_string_in_file: { kind: 'edit', path: 'filePath', before: 'oldString', after: 'newString' },
  create_file: { kind: 'write', path: 'filePath', content: 'content' },
  run_in_terminal: { kind: 'shell', command: 'command' },
};
const COPILOT_CHAT_WINDOW: ToolTable = {
  read_file: { kind: 'read', path: 'filePath', window: { offset: 'offset', limit: 'limit', base: 1 } },
};

export const copilotChat: Dialect = {
  ...plain,
  read: (call) => readByTable(COPILOT_CHAT, call) ?? readByTable(COPILOT_CHAT_WINDOW, call),
  write: (call) => (call.kind === 'shell' && call.cwd !== undefined ? undefined : writeByTable(COPILOT_CHAT, call)),
};
