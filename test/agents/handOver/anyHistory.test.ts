import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type AgentId, type HandOverOptions, handOver } from '../../../src/agents/index.ts';
import type { Message } from '../../../src/core/index.ts';

const AGENTS: readonly AgentId[] = [
  'claude-code',
  'codex',
  'gemini',
  'opencode',
  'copilot-cli',
  'copilot-chat',
  'cline',
  'roo-code',
  'helloagents',
  'messages',
];
const NAMES = [
  ...['Read', 'Edit', 'Write', 'Bash', 'MultiEdit', 'exec_command', 'shell', 'apply_patch', 'read_file', 'replace'],
  ...['write_file', 'run_shell_command', 'read', 'edit', 'write', 'bash', 'view', 'create', 'replace_in_file'],
  ...[
    'apply_diff',
    'write_to_file',
    'execute_command',
    'editor',
    'read_files',
    'run_commands',
    'mcp__x',
    'a b',
    '',
    '__proto__',
  ],
];
const FIELDS = [
  ...['file_path', 'filePath', 'path', 'old_string', 'new_string', 'oldString', 'newString', 'old_str', 'new_str'],
  ...['content', 'file_text', 'command', 'cmd', 'offset', 'limit', 'view_range', 'input', 'diff', 'edits', '__proto__'],
];

const word = fc.oneof(
  fc.string({ maxLength: 12, unit: 'binary' }),
  fc.constantFrom(
    '/work/a.js',
    'a b',
    '\ud800',
    '1\tx\n2\ty',
    'Exit code: 0\nWall time: 1 s\nOutput:\nx\n',
    '*** Begin Patch\n*** Update File: a\n@@\n-x\n+y\n*** End Patch',
  ),
);
const value = fc.oneof(
  word,
  fc.integer({ min: -3, max: 9 }),
  fc.boolean(),
  fc.constant(null),
  fc.array(word, { maxLength: 2 }),
);
const input = fc.oneof(
  word,
  fc.constant(undefined),
  fc.array(fc.tuple(fc.constantFrom(...FIELDS), value), { maxLength: 4 }).map((fields) => Object.fromEntries(fields)),
);
const callId = fc.constantFrom('t1', 't2', 't3', '', 'ü', 'toString');
const part = fc.oneof(
  word.map((text) => ({ type: 'text', text })),
  word.map((text) => ({ type: 'reasoning', text, signature: 'REASONING' })),
  fc.record({ type: fc.constant('tool_call'), id: callId, name: fc.constantFrom(...NAMES), input }),
  fc.record({ type: fc.constant('tool_result'), call_id: callId, output: word, is_error: fc.boolean() }),
  fc.record({
    type: fc.constant('image'),
    media_type: fc.constantFrom('image/png', 'image/x', 'x\ny'),
    data: fc.constant('aGk='),
  }),
  fc.record({
    type: fc.constant('image'),
    media_type: fc.constant('image/png'),
    data: fc.constant('aGk='),
    call_id: callId,
  }),
  fc.record({ type: fc.constant('file'), path: word }),
  fc.record({ type: fc.constant('odd') }),
);
const history = fc.array(
  fc.record({
    id: fc.constantFrom('m1', 'm2', 'm3', 'm4', 'm5'),
    role: fc.constantFrom('user', 'assistant', 'tool', 'system', 'summary'),
    content: fc.oneof(word, fc.array(part, { maxLength: 5 })),
  }),
  { maxLength: 12 },
) as fc.Arbitrary<Message[]>;
const options = fc.record({
  from: fc.constantFrom(undefined, ...AGENTS),
  to: fc.constantFrom(...AGENTS),
  accepts: fc.record({ foreignCalls: fc.boolean(), images: fc.boolean(), system: fc.boolean() }),
  folders: fc.constantFrom({ to: '/here' }, { from: '/work', to: '/here' }, { from: 'C:\\work', to: '/here' }),
}) as fc.Arbitrary<HandOverOptions>;

type Part = Exclude<Message['content'], string>[number];

function partsOf({ content }: Message): readonly Part[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

function checkForm(made: readonly Message[], { accepts }: HandOverOptions): void {
  const messageIds = new Set<string>();
  const callIds = new Set<string>();
  for (const [index, message] of made.entries()) {
    assert.ok(!messageIds.has(message.id));
    messageIds.add(message.id);
    const parts = partsOf(message);
    assert.ok(parts.length > 0);
    const calls = parts.flatMap((one) => (one.type === 'tool_call' ? [String(one['id'])] : []));
    const results = parts.flatMap((one) => (one.type === 'tool_result' ? [String(one['call_id'])] : []));
    assert.ok(calls.length === 0 || message.role === 'assistant');
    assert.equal(message.role === 'tool', results.length > 0);
    for (const id of calls) {
      assert.match(id, /^[A-Za-z0-9_-]{1,64}$/);
      assert.ok(!callIds.has(id));
      callIds.add(id);
    }
    const answers = calls.length === 0 ? [] : partsOf(made[index + 1] as Message);
    assert.deepEqual(
      answers.flatMap((one) => (one.type === 'tool_result' ? [one['call_id']] : [])),
      calls,
    );
    if (results.length > 0) assert.equal(made[index - 1]?.role, 'assistant');
    const before = made.slice(0, index).findLast(({ role }) => role !== 'system' && role !== 'tool');
    if (message.role === 'assistant') assert.ok(before !== undefined);
    if (message.role === 'user' && made[index - 1]?.role !== 'system') assert.notEqual(made[index - 1]?.role, 'user');
    for (const one of parts) {
      assert.ok(['text', 'tool_call', 'tool_result', 'image'].includes(one.type), one.type);
      if (one.type === 'image') assert.ok(accepts.images && (message.role === 'user' || message.role === 'tool'));
    }
  }
}

describe('any history, handed over to any agent', function () {
  this.timeout(60_000);

  it('has a result right behind each call, unique ids, no reasoning, and roles that alternate', () =>
    fc.assert(
      fc.asyncProperty(history, options, async (messages, asked) => {
        const before = JSON.stringify(messages);
        const { history: made, report } = await handOver(messages, asked);
        assert.equal(JSON.stringify(messages), before);
        checkForm(made, asked);
        const text = JSON.stringify(made);
        assert.doesNotMatch(text, /REASONING/);
        assert.doesNotMatch(text, /(?<!\\)(?:\\\\)*\\ud[89a-f]/i);
        assert.equal(report.messages, made.length);
        const calls = messages.flatMap(partsOf).filter(({ type }) => type === 'tool_call').length;
        const dropped = asked.accepts.system ? 0 : report.systemDropped;
        const counted = report.callsMapped + report.callsKept + report.callsAsText;
        assert.ok(counted === calls || (dropped > 0 && counted <= calls), `${counted} of ${calls}`);
      }),
      { numRuns: 1500 },
    ));

  it('keeps every word of user and assistant', () =>
    fc.assert(
      fc.asyncProperty(history, options, async (messages, asked) => {
        const { history: made } = await handOver(messages, asked);
        const said = made.flatMap(partsOf).flatMap((one) => (one.type === 'text' ? [String(one['text'])] : []));
        for (const message of messages) {
          if (message.role !== 'user' && message.role !== 'assistant') continue;
          for (const one of partsOf(message)) {
            const text = one.type === 'text' ? String(one['text']) : '';
            if (text.trim() !== '') assert.ok(said.includes(text.toWellFormed()), JSON.stringify(text));
          }
        }
      }),
      { numRuns: 500 },
    ));

  it('is not changed by being handed over to the same agent again', () =>
    fc.assert(
      fc.asyncProperty(history, options, async (messages, asked) => {
        const once = await handOver(messages, asked);
        const twice = await handOver(once.history, { ...asked, from: asked.to });
        assert.deepEqual(twice.history, once.history);
        assert.deepEqual([twice.report.callsAsText, twice.report.callsMapped, twice.report.interrupted], [0, 0, 0]);
      }),
      { numRuns: 1000 },
    ));

  it('is still whole in its parts when it is made shorter', () =>
    fc.assert(
      fc.asyncProperty(
        history,
        options,
        fc.record({
          dropToolOutputs: fc.boolean(),
          lastTurns: fc.integer({ min: 1, max: 3 }),
          pinned: fc.subarray(['m1', 'm3']),
        }),
        async (messages, asked, reduction) => {
          const { history: made, report } = await handOver(messages, { ...asked, reduction });
          checkForm(made, asked);
          assert.ok(report.messagesDropped >= 0);
          const whole = await handOver(messages, asked);
          if (report.messagesDropped === 0 && report.outputsDropped === 0) assert.deepEqual(made, whole.history);
        },
      ),
      { numRuns: 500 },
    ));
});
