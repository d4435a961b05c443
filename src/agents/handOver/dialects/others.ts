import { list, number, object, string } from '../../shape.ts';
import type { Dialect, NativeCall, NeutralCall } from '../neutralCall.ts';
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

const CLINE: ToolTable = {
  read_file: { kind: 'read', path: 'path' },
  write_to_file: { kind: 'write', path: 'path', content: 'content' },
  execute_command: { kind: 'shell', command: 'command' },
};
const SEARCH = /^(?:-{7,}|<{7}) SEARCH>?\n([\s\S]*?)\n?={7}\n([\s\S]*?)\n?(?:\+{7,}|>{7}) REPLACE\s*$/;
const MARKER = /^(?:-{7,}|<{7}) SEARCH|^={7}$|^(?:\+{7,}|>{7}) REPLACE/m;

/** The extension's tools, whose edits are blocks of search and replace, and those of the newer command line. */
function clineLike(edit: string, marks: { readonly open: string; readonly close: string }): Dialect {
  return {
    readOutput: (call, output) =>
      call.kind === 'read'
        ? (unnumbered(output.replace(/^\[[^\n]*\] Result:\n/, ''), /^\s*(\d+) \| ?([\s\S]*)$/)?.text ?? output)
        : output,
    writeOutput: plain.writeOutput,
    read: (call) => {
      const input = object(call.input);
      if (call.name === edit || call.name === 'replace_in_file' || call.name === 'apply_diff') return searched(input);
      if (call.name === 'editor') return edited(input);
      if (call.name === 'run_commands' && list(input?.['commands']).length === 1) {
        const command = string(list(input?.['commands'])[0]);
        return command === undefined ? undefined : { kind: 'shell', command };
      }
      if (call.name === 'read_files') return filesRead(list(input?.['files']));
      const { requires_approval, task_progress, line_count, ...rest } = input ?? {};
      return readByTable(CLINE, { name: call.name, input: rest });
    },
    write: (call): NativeCall | undefined => {
      if (call.kind === 'edit') {
        if (call.all === true || MARKER.test(call.before) || MARKER.test(call.after)) return undefined;
        const diff = [marks.open, call.before, '=======', call.after, marks.close].join('\n');
        return { name: edit, input: { path: call.path, diff } };
      }
      if (call.kind === 'read' && (call.offset !== undefined || call.limit !== undefined)) return undefined;
      if (call.kind === 'shell' && call.cwd !== undefined) return undefined;
      return writeByTable(CLINE, call);
    },
  };
}

function searched(input: ReturnType<typeof object>): NeutralCall | undefined {
  const [path, diff] = [string(input?.['path']), string(input?.['diff'])];
  const block = diff === undefined ? null : SEARCH.exec(diff);
  const [before, after] = [block?.[1], block?.[2]];
  if (path === undefined || before === undefined || after === undefined) return undefined;
  const plainBefore = before.replace(/^:start_line:\s*\d+\n(?::end_line:\s*\d+\n)?(?:-{7}\n)?/, '');
  return MARKER.test(plainBefore) || MARKER.test(after)
    ? undefined
    : { kind: 'edit', path, before: plainBefore, after };
}

function edited(input: ReturnType<typeof object>): NeutralCall | undefined {
  const [path, before, after] = [string(input?.['path']), string(input?.['old_text']), string(input?.['new_text'])];
  if (path === undefined || after === undefined) return undefined;
  return before === undefined ? { kind: 'write', path, content: after } : { kind: 'edit', path, before, after };
}

function filesRead(files: readonly unknown[]): NeutralCall | undefined {
  if (files.length !== 1) return undefined;
  const range = { first: 'start_line', last: 'end_line' };
  return neutralCall({ kind: 'read', path: 'path', range }, files[0]);
}

export const cline = clineLike('replace_in_file', { open: '------- SEARCH', close: '+++++++ REPLACE' });
export const rooCode = clineLike('apply_diff', { open: '<<<<<<< SEARCH', close: '>>>>>>> REPLACE' });
