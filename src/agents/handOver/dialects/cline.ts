import { type JsonObject, list, object, optional, parseObject, string } from '../../shape.ts';
import type { Dialect, NativeCall, NeutralCall } from '../neutralCall.ts';
import { neutralCall, readByTable, type ToolTable, writeByTable } from './fields.ts';
import { unnumbered } from './numbered.ts';

/** The tools of the extensions, whose edits are blocks of search and replace. */
const EXTENSION: ToolTable = {
  read_file: { kind: 'read', path: 'path' },
  write_to_file: { kind: 'write', path: 'path', content: 'content' },
  execute_command: { kind: 'shell', command: 'command' },
};
const SEARCH = /^(?:-{7,}|<{7}) SEARCH>?\n([\s\S]*?)\n?={7}\n([\s\S]*?)\n?(?:\+{7,}|>{7}) REPLACE\s*$/;
const MARKER = /^(?:-{7,}|<{7}) SEARCH|^={7}$|^(?:\+{7,}|>{7}) REPLACE/m;

/** Both forms of Cline's tools, and Roo Code's, are read as either's. */
const shared: Pick<Dialect, 'read' | 'readOutput' | 'writeOutput'> = {
  read: (call) => {
    const input = object(call.input);
    switch (call.name) {
      case 'replace_in_file':
      case 'apply_diff':
        return searched(input);
      case 'editor':
        return edited(input);
      case 'run_commands': {
        const [command, ...more] = list(input?.['commands']);
        return typeof command === 'string' && more.length === 0 ? { kind: 'shell', command } : undefined;
      }
      case 'read_files': {
        const [file, ...more] = list(input?.['files']);
        const range = { first: 'start_line', last: 'end_line' };
        return more.length === 0 ? neutralCall({ kind: 'read', path: 'path', range }, file) : undefined;
      }
      default: {
        const { requires_approval, task_progress, line_count, ...rest } = input ?? {};
        return readByTable(EXTENSION, { name: call.name, input: rest });
      }
    }
  },
  readOutput: (call, output) => {
    const shown = told(output) ?? output.replace(/^\[[^\n]*\] Result:\n/, '');
    if (call.kind !== 'read') return shown;
    return unnumbered(shown, /^\s*(\d+) \| ?([\s\S]*)$/)?.text ?? shown;
  },
  writeOutput: (_call, output) => output,
};

/** Version 3 puts what a tool printed into `{query, result, success}`, alone or in a list. */
function told(output: string): string | undefined {
  const inner = /^\s*\[([\s\S]*)\]\s*$/.exec(output)?.[1] ?? output;
  return string(parseObject(inner)?.['result']);
}

function searched(input: JsonObject | undefined): NeutralCall | undefined {
  const [path, diff] = [string(input?.['path']), string(input?.['diff'])];
  const block = diff === undefined ? null : SEARCH.exec(diff);
  const [before, after] = [block?.[1], block?.[2]];
  if (path === undefined || before === undefined || after === undefined) return undefined;
  const bare = before.replace(/^:start_line:\s*\d+\n(?::end_line:\s*\d+\n)?(?:-{7}\n)?/, '');
  return MARKER.test(bare) || MARKER.test(after) ? undefined : { kind: 'edit', path, before: bare, after };
}

function edited(input: JsonObject | undefined): NeutralCall | undefined {
  const [path, before, after] = [string(input?.['path']), string(input?.['old_text']), string(input?.['new_text'])];
  if (path === undefined || after === undefined) return undefined;
  return before === undefined ? { kind: 'write', path, content: after } : { kind: 'edit', path, before, after };
}

/** Writes version 3's. */
export const cline: Dialect = {
  ...shared,
  write: (call): NativeCall | undefined => {
    switch (call.kind) {
      case 'read': {
        const { path, offset, limit } = call;
        const last = limit === undefined ? undefined : (offset ?? 1) + limit - 1;
        const file = { path, ...optional('start_line', offset), ...optional('end_line', last) };
        return { name: 'read_files', input: { files: [file] } };
      }
      case 'edit':
        if (call.all === true) return undefined;
        return { name: 'editor', input: { path: call.path, old_text: call.before, new_text: call.after } };
      case 'write':
        return { name: 'editor', input: { path: call.path, new_text: call.content } };
      case 'shell':
        return call.cwd === undefined ? { name: 'run_commands', input: { commands: [call.command] } } : undefined;
    }
  },
};

export const rooCode: Dialect = {
  ...shared,
  write: (call): NativeCall | undefined => {
    if (call.kind === 'edit') {
      if (call.all === true || MARKER.test(call.before) || MARKER.test(call.after)) return undefined;
      const diff = ['<<<<<<< SEARCH', call.before, '=======', call.after, '>>>>>>> REPLACE'].join('\n');
      return { name: 'apply_diff', input: { path: call.path, diff } };
    }
    if (call.kind === 'read' && (call.offset !== undefined || call.limit !== undefined)) return undefined;
    if (call.kind === 'shell' && call.cwd !== undefined) return undefined;
    return writeByTable(EXTENSION, call);
  },
};
