import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyPatch, parsePatch } from '../../../src/agents/codex/applyPatch.ts';
import type { NativeCall, NeutralCall } from '../../../src/agents/handOver/neutralCall.ts';
import { updatePatch } from '../../../src/agents/handOver/patchText.ts';
import { dialectOf, readCall } from '../../../src/agents/handOver/toolNames.ts';
import type { AgentId } from '../../../src/agents/index.ts';

const AGENTS: readonly AgentId[] = [
  'claude-code',
  'codex',
  'gemini',
  'opencode',
  'copilot-cli',
  'copilot-chat',
  'cline',
  'roo-code',
];

/** How each agent says the four calls, as its recordings show (FORMATS 0.7). */
const SAID: Readonly<Record<string, readonly NativeCall[]>> = {
  'claude-code': [
    { name: 'Read', input: { file_path: '/a', offset: 3, limit: 2 } },
    { name: 'Edit', input: { file_path: '/a', old_string: 'x', new_string: 'y' } },
    { name: 'Write', input: { file_path: '/a', content: 'c\n' } },
    { name: 'Bash', input: { command: 'ls' } },
  ],
  codex: [
    { name: 'exec_command', input: { cmd: "sed -n '3,4p' /a" } },
    { name: 'apply_patch', input: '*** Begin Patch\n*** Update File: /a\n@@\n-x\n+y\n*** End Patch\n' },
    { name: 'apply_patch', input: '*** Begin Patch\n*** Add File: /a\n+c\n*** End Patch\n' },
    { name: 'exec_command', input: { cmd: 'ls' } },
  ],
  gemini: [
    { name: 'read_file', input: { file_path: '/a', start_line: 3, end_line: 4 } },
    { name: 'replace', input: { file_path: '/a', old_string: 'x', new_string: 'y', instruction: 'Edit /a' } },
    { name: 'write_file', input: { file_path: '/a', content: 'c\n' } },
    { name: 'run_shell_command', input: { command: 'ls' } },
  ],
  opencode: [
    { name: 'read', input: { filePath: '/a', offset: 3, limit: 2 } },
    { name: 'edit', input: { filePath: '/a', oldString: 'x', newString: 'y' } },
    { name: 'write', input: { filePath: '/a', content: 'c\n' } },
    { name: 'bash', input: { command: 'ls', description: 'ls' } },
  ],
  'copilot-cli': [
    { name: 'view', input: { path: '/a', view_range: [3, 4] } },
    { name: 'edit', input: { path: '/a', old_str: 'x', new_str: 'y' } },
    { name: 'create', input: { path: '/a', file_text: 'c\n' } },
    { name: 'bash', input: { command: 'ls', description: 'ls' } },
  ],
  'copilot-chat': [
    { name: 'read_file', input: { filePath: '/a', startLine: 3, endLine: 4 } },
    { name: 'replace_string_in_file', input: { filePath: '/a', oldString: 'x', newString: 'y' } },
    { name: 'create_file', input: { filePath: '/a', content: 'c\n' } },
    { name: 'run_in_terminal', input: { command: 'ls' } },
  ],
  cline: [
    { name: 'read_files', input: { files: [{ path: '/a', start_line: 3, end_line: 4 }] } },
    { name: 'editor', input: { path: '/a', old_text: 'x', new_text: 'y' } },
    { name: 'editor', input: { path: '/a', new_text: 'c\n' } },
    { name: 'run_commands', input: { commands: ['ls'] } },
  ],
  'roo-code': [
    { name: 'read_file', input: { path: '/a' } },
    { name: 'apply_diff', input: { path: '/a', diff: '<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE' } },
    { name: 'write_to_file', input: { path: '/a', content: 'c\n' } },
    { name: 'execute_command', input: { command: 'ls' } },
  ],
};
const NEUTRAL: readonly NeutralCall[] = [
  { kind: 'read', path: '/a', offset: 3, limit: 2 },
  { kind: 'edit', path: '/a', before: 'x', after: 'y' },
  { kind: 'write', path: '/a', content: 'c\n' },
  { kind: 'shell', command: 'ls' },
];

/** Its tool to read a file has no window. */
const WHOLE_READS = new Set(['roo-code']);

describe('tools by agent', () => {
  for (const agent of AGENTS) {
    it(`of ${agent} are written as it says them, and read back`, () => {
      const dialect = dialectOf(agent);
      assert.ok(dialect);
      for (const [index, call] of NEUTRAL.entries()) {
        const wanted: NeutralCall =
          call.kind === 'read' && WHOLE_READS.has(agent) ? { kind: 'read', path: '/a' } : call;
        const said: NativeCall | undefined = dialect.write(wanted);
        assert.deepEqual(said, SAID[agent]?.[index]);
        const read: NeutralCall | undefined = said && dialect.read(said);
        // Codex reads by a shell command, of which any but a beginning is just a command.
        if (agent === 'codex' && wanted.kind === 'read') assert.equal(read?.kind, 'shell');
        else assert.deepEqual(read, wanted);
      }
    });
  }

  it('are recognised by older and newer names and parameters', () => {
    const read = (agent: AgentId, name: string, input: unknown) => readCall(agent, { name, input })?.call;
    assert.deepEqual(read('gemini', 'read_file', { absolute_path: '/a', offset: 0, limit: 5 }), {
      kind: 'read',
      path: '/a',
      offset: 1,
      limit: 5,
    });
    assert.deepEqual(read('codex', 'shell', { command: ['bash', '-lc', 'cat a.js'] }), { kind: 'read', path: 'a.js' });
    assert.deepEqual(read('codex', 'shell_command', { command: 'head -n 5 a.js' }), {
      kind: 'read',
      path: 'a.js',
      offset: 1,
      limit: 5,
    });
    assert.deepEqual(
      read('codex', 'exec_command', {
        cmd: "apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: a\n+x\n*** End Patch\nEOF",
      }),
      { kind: 'write', path: 'a', content: 'x\n' },
    );
    assert.deepEqual(
      read('claude-code', 'MultiEdit', { file_path: '/a', edits: [{ old_string: 'x', new_string: 'y' }] }),
      { kind: 'edit', path: '/a', before: 'x', after: 'y' },
    );
    assert.deepEqual(read('cline', 'editor', { path: '/a', new_text: 'c' }), {
      kind: 'write',
      path: '/a',
      content: 'c',
    });
    assert.deepEqual(read('cline', 'run_commands', { commands: ['ls'] }), { kind: 'shell', command: 'ls' });
    assert.deepEqual(read('cline', 'read_files', { files: [{ path: '/a', start_line: 2, end_line: 3 }] }), {
      kind: 'read',
      path: '/a',
      offset: 2,
      limit: 2,
    });
    assert.deepEqual(
      read('roo-code', 'apply_diff', {
        path: '/a',
        diff: '<<<<<<< SEARCH\n:start_line:7\n-------\nx\n=======\ny\n>>>>>>> REPLACE',
      }),
      { kind: 'edit', path: '/a', before: 'x', after: 'y' },
    );
    assert.deepEqual(read('copilot-cli', 'view', { path: '/a', view_range: [2, -1] }), {
      kind: 'read',
      path: '/a',
      offset: 2,
    });
  });

  it('are not recognised where a call says more than the four can', () => {
    const read = (agent: AgentId, name: string, input: unknown) => readCall(agent, { name, input });
    assert.equal(read('claude-code', 'Bash', { command: 'ls', run_in_background: true }), undefined);
    assert.equal(read('claude-code', 'Read', { file_path: '/a.pdf', pages: '1-5' }), undefined);
    assert.equal(read('claude-code', 'MultiEdit', { file_path: '/a', edits: [{}, {}] }), undefined);
    assert.equal(read('codex', 'apply_patch', '*** Begin Patch\n*** Delete File: a\n*** End Patch'), undefined);
    assert.equal(
      read('codex', 'apply_patch', '*** Begin Patch\n*** Update File: a\n@@\n-x\n@@\n-y\n*** End Patch'),
      undefined,
    );
    assert.equal(
      read('codex', 'apply_patch', '*** Begin Patch\n*** Update File: a\n*** Move to: b\n@@\n-x\n+y\n*** End Patch'),
      undefined,
    );
    for (const input of [undefined, null, 7, 'x', [], {}, { file_path: 7 }, { file_path: { a: 1 } }])
      assert.equal(read('claude-code', 'Read', input), undefined);
  });

  it('without words for a call have none', () => {
    const say = (agent: AgentId, call: NeutralCall) => dialectOf(agent)?.write(call);
    assert.equal(say('codex', { kind: 'edit', path: 'a', before: 'x', after: 'y', all: true }), undefined);
    assert.equal(say('codex', { kind: 'write', path: 'a\n*** Delete File: b', content: '' }), undefined);
    assert.equal(say('codex', { kind: 'read', path: 'a\nrm -r b' }), undefined);
    assert.equal(say('roo-code', { kind: 'edit', path: 'a', before: '=======', after: 'y' }), undefined);
    assert.equal(say('claude-code', { kind: 'shell', command: 'ls', cwd: '/b' }), undefined);
    assert.equal(say('copilot-cli', { kind: 'edit', path: 'a', before: 'x', after: 'y', all: true }), undefined);
  });

  it('have outputs with a frame of their own, that another agent does not get', () => {
    const read: NeutralCall = { kind: 'read', path: '/a' };
    const plain = (agent: AgentId, output: string, call: NeutralCall = read) =>
      dialectOf(agent)?.readOutput(call, output);
    assert.equal(plain('claude-code', '     1→one\n     2→two\n\n<system-reminder>\nx</system-reminder>'), 'one\ntwo');
    assert.equal(plain('claude-code', '1\tone\n2\ttwo\n'), 'one\ntwo\n');
    assert.equal(plain('claude-code', '1\tone\n2\t'), 'one\n');
    assert.equal(plain('claude-code', '1\tone\n\n3\tx'), undefined);
    assert.equal(plain('claude-code', 'Error: no numbers'), undefined);
    assert.equal(plain('codex', 'Wall time: 1 s\nOutput:\none\n'), 'one\n');
    assert.equal(plain('gemini', 'IMPORTANT: The file content has been truncated.\n…'), undefined);
    assert.equal(
      plain('opencode', '<file>\n00001| one\n00002| two\n\n(End of file - total 2 lines)\n</file>'),
      'one\ntwo',
    );
    assert.equal(plain('cline', '[{"query":"/a","result":"1 | one\\n2 | two","success":true}]'), 'one\ntwo');
    assert.equal(plain('cline', '{"query":"x","result":"v20","success":true}', { kind: 'shell', command: 'x' }), 'v20');
    assert.equal(plain('roo-code', "[read_file for 'a'] Result:\n1 | one\n2 | two"), 'one\ntwo');
  });

  it('quote a file’s name for the shell that Codex reads by', () => {
    const cmd = (path: string) => {
      const input = dialectOf('codex')?.write({ kind: 'read', path })?.input;
      return (input as { cmd?: string } | undefined)?.cmd;
    };
    assert.equal(cmd("it's $(x).js"), "cat 'it'\\''s $(x).js'");
    assert.equal(cmd('-rf'), 'cat ./-rf');
  });
});

describe('a patch made of an edit', () => {
  it('is of whole lines where the file is known, and makes of it what the edit made', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ maxLength: 6 }).map((line) => line.replaceAll(/[\r\n]/g, '')),
          { minLength: 1, maxLength: 8 },
        ),
        fc.nat(40),
        fc.integer({ min: 1, max: 12 }),
        fc.string({ maxLength: 8 }).map((text) => text.replaceAll('\r', '')),
        (lines, from, length, after) => {
          const text = `${lines.join('\n')}\n`;
          const before = text.slice(from, from + length);
          fc.pre(before !== '' && text.indexOf(before) === text.lastIndexOf(before));
          const edited = text.replace(before, () => after);
          fc.pre(edited === '' || edited.endsWith('\n'));
          const patch = updatePatch({ kind: 'edit', path: 'a', before, after }, text);
          assert.ok(patch);
          const [file] = parsePatch(patch);
          assert.ok(file && file.path === 'a');
          const made = applyPatch(text, file);
          // A place that occurs twice as a line is the first one for Codex.
          const whole = file.chunks[0]?.old.join('\n') ?? '';
          if (text.indexOf(whole) === text.lastIndexOf(whole)) assert.equal(made, edited);
        },
      ),
      { numRuns: 2000 },
    ));
});
