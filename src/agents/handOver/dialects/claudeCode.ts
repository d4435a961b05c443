import { object } from '../../shape.ts';
import type { Dialect } from '../neutralCall.ts';
import { readByTable, type ToolTable, writeByTable } from './fields.ts';
import { unnumbered } from './numbered.ts';

const TOOLS: ToolTable = {
  Read: { kind: 'read', path: 'file_path', window: { offset: 'offset', limit: 'limit', base: 1 } },
  Edit: { kind: 'edit', path: 'file_path', before: 'old_string', after: 'new_string', all: 'replace_all' },
  Write: { kind: 'write', path: 'file_path', content: 'content' },
  Bash: { kind: 'shell', command: 'command' },
};

/** What the agent puts behind a file: no line of the file itself begins so, since each has its number before it. */
const REMINDER = /(?:^|\n)\s*<system-reminder>/;
/** `%6d→line` (1.x) or `N\tline` (2.x). */
const NUMBERED = /^\s*(\d+)[→\t]([\s\S]*)$/;

export const claudeCode: Dialect = {
  read: (call) => {
    // Several edits of one file are one only where there is one.
    const edits = call.name === 'MultiEdit' ? object(call.input)?.['edits'] : undefined;
    if (Array.isArray(edits) && edits.length === 1) {
      const path = object(call.input)?.['file_path'];
      return readByTable(TOOLS, { name: 'Edit', input: { ...object(edits[0]), file_path: path } });
    }
    return readByTable(TOOLS, call);
  },
  write: (call) => {
    // The folder of a command is part of it: the tool has no parameter for that.
    if (call.kind === 'shell' && call.cwd !== undefined) return undefined;
    return writeByTable(TOOLS, call);
  },
  readOutput: (call, output) => {
    if (call.kind !== 'read') return output;
    const reminder = REMINDER.exec(output);
    const shown = reminder === null ? output : output.slice(0, reminder.index).replace(/\n+$/, '');
    return unnumbered(shown, NUMBERED)?.text;
  },
  // The agent takes its own numbered lines for what it knows of a file (FORMATS 1.6).
  writeOutput: (call, output, failed) =>
    call.kind !== 'read' || failed
      ? output
      : output
          .split('\n')
          .map((line, index) => `${(call.offset ?? 1) + index}\t${line}`)
          .join('\n'),
};
