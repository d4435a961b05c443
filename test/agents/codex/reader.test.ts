import assert from 'node:assert/strict';
import fc from 'fast-check';
import { codexReader } from '../../../src/agents/codex/reader.ts';
import {
  codexMeta,
  fold,
  item,
  outline,
  partOf,
  printed,
  pushAll,
  ran,
  replied,
  rolloutLine,
  SID,
  typed,
} from '../support/transcripts.ts';

function read(lines: readonly (object | string)[]) {
  const reader = codexReader({ transcript: '/r.jsonl' });
  pushAll(reader, lines);
  return reader;
}
const conversation = (lines: readonly (object | string)[]) => outline(read(lines).messages());
const event = (payload: object) => rolloutLine('event_msg', payload);
const tokens = (input: number, cached: number, output: number) =>
  event({
    type: 'token_count',
    info: {
      total_token_usage: {
        input_tokens: input,
        cached_input_tokens: cached,
        output_tokens: output,
        total_tokens: input + output,
      },
    },
  });

describe('the reader of Codex', () => {
  it('makes one message of the reasoning, the text and the calls of one answer', () => {
    assert.equal(
      conversation([
        codexMeta(),
        typed('look'),
        item({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'x' }),
        replied('looking'),
        ran('c1', 'ls'),
        ran('c2', 'ls'),
        printed('c1', 'a'),
        printed('c2', 'b'),
        replied('done'),
        replied('really'),
      ]),
      'user(look) assistant(hm looking exec_command#c1 exec_command#c2) tool(#c1) tool(#c2) assistant(done) assistant(really)',
    );
  });

  it('reads the oldest format, whose items have no frame', () => {
    const reader = read([
      {
        id: SID,
        timestamp: '2026-11-20T10:00:00.000Z',
        instructions: null,
        git: { commit_hash: 'abc', branch: 'main' },
      },
      { record_type: 'state' },
      {
        type: 'message',
        role: 'user',
        content: [
          {
            type: 'input_text',
            text: '<environment_context>\nCurrent working directory: /work/shop\n</environment_context>',
          },
        ],
      },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hi' }] },
    ]);
    assert.equal(
      reader
        .messages()
        .map(({ role }) => role)
        .join(' '),
      'system user assistant',
    );
    assert.equal(reader.facts().cwd, '/work/shop');
    assert.deepEqual([reader.facts().source.native_id, reader.facts().source.branch], [SID, 'main']);
  });

  it('takes context and interruptions for no prompts', () => {
    const reader = read([
      codexMeta(),
      item({ type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'rules' }] }),
      typed('# AGENTS.md instructions for /work/shop'),
      typed('<environment_context>x</environment_context>'),
      typed('# Context from my IDE setup:\n## My request for Codex:\nfix it'),
      typed('<turn_aborted>\nstopped'),
    ]);
    assert.equal(
      reader
        .messages()
        .map(({ role }) => role)
        .join(' '),
      'system system system user system',
    );
    assert.deepEqual([reader.facts().metadata.turns, reader.counts().prompts], [1, 2]);
    assert.equal(reader.facts().title, 'fix it');
  });

  it('goes on adding tokens where a resume began again at 0', () => {
    const reader = read([
      codexMeta(),
      rolloutLine('turn_context', { model: 'gpt-5.5', cwd: '/work/shop' }),
      tokens(100, 40, 10),
      tokens(250, 90, 30),
      tokens(50, 0, 5),
    ]);
    assert.deepEqual(reader.facts().metadata.by_model, {
      'gpt-5.5': { input: 210, output: 35, cache_read: 90, cache_write: 0 },
    });
    assert.deepEqual([reader.counts().tokensIn, reader.counts().tokensOut], [300, 35]);
  });

  it('drops the turns that were rolled back, and tells a follower', () => {
    const reader = read([
      codexMeta(),
      typed('one'),
      replied('1'),
      typed('two'),
      replied('2'),
      typed('three'),
      replied('3'),
    ]);
    reader.takeEvents();
    pushAll(reader, [event({ type: 'thread_rolled_back', num_turns: 2 })]);
    assert.equal(outline(reader.messages()), 'user(one) assistant(1)');
    assert.deepEqual(reader.takeEvents(), [{ type: 'rewind', after: 'm1' }]);
  });

  it('keeps what was compacted, with the summary as a message of its own', () => {
    assert.equal(
      conversation([
        codexMeta(),
        typed('one'),
        replied('1'),
        rolloutLine('compacted', { message: 'short' }),
        typed('two'),
      ]),
      'user(one) assistant(1) summary(short) user(two)',
    );
  });

  it('takes the first head of a fork, and tells a missing base', () => {
    const reader = read([codexMeta(), codexMeta({ id: 'other', cli_version: '0.60.0' }), typed('x')]);
    assert.equal(reader.facts().source.native_id, SID);
    assert.deepEqual(reader.counts().versions, ['0.169.0', '0.60.0'].sort());
    const fork = read([codexMeta({ history_base: { thread_id: 'parent', end_byte_offset: 10 } })]);
    assert.deepEqual(fork.problems(), [{ code: 'missing-reference', line: 1, detail: 'parent' }]);
  });

  it('puts the base of a fork by reference before its own messages', () => {
    const base = read([codexMeta(), typed('one'), replied('1')]);
    const reader = codexReader({ transcript: '/f.jsonl', base: { messages: base.messages(), touches: [] } });
    pushAll(reader, [
      codexMeta({ history_base: { thread_id: 'p', end_byte_offset: 10 } }),
      replied('more'),
      typed('two'),
    ]);
    assert.equal(outline(reader.messages()), 'user(one) assistant(1) assistant(more) user(two)');
    assert.deepEqual(reader.problems(), []);
    assert.deepEqual(fold(reader.takeEvents()), reader.messages());
    assert.equal(new Set(reader.messages().map(({ id }) => id)).size, 4);
  });

  it('shows prompts that only events tell, and no prompt twice', () => {
    assert.equal(
      conversation([
        codexMeta(),
        event({ type: 'user_message', message: 'one' }),
        replied('1'),
        event({ type: 'user_message', message: 'two' }),
        typed('two'),
        replied('2'),
      ]),
      'user(one) assistant(1) user(two) assistant(2)',
    );
  });

  it('reads shell, local shell and custom calls, and results in every form', () => {
    const reader = read([
      codexMeta(),
      item({ type: 'local_shell_call', call_id: 'a', action: { command: ['cat', 'x'] } }),
      item({ type: 'function_call_output', call_id: 'a', output: '{"output":"text","metadata":{"exit_code":1}}' }),
      item({ type: 'custom_tool_call', call_id: 'b', name: 'apply_patch', input: '*** Begin Patch\n*** End Patch' }),
      item({
        type: 'custom_tool_call_output',
        call_id: 'b',
        output: [
          { type: 'input_text', text: 'ok' },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
        ],
      }),
      item({ type: 'function_call', name: 'f', arguments: 'no json', call_id: 'c' }),
    ]);
    assert.equal(
      outline(reader.messages()),
      'assistant(local_shell#a) tool(#a) assistant(apply_patch#b) tool(#b image) assistant(f#c)',
    );
    assert.equal(partOf(reader.messages(), 1)['is_error'], true);
    assert.equal(reader.counts().toolCalls, 3);
  });

  it('tells that an answer went on after the turn behind it was rolled back', () => {
    const reader = codexReader({ transcript: '/r' });
    pushAll(reader, [ran('c0', 'ls'), typed('p1'), replied('r2')]);
    const before = reader.takeEvents();
    pushAll(reader, [event({ type: 'thread_rolled_back', num_turns: 1 }), ran('c4', 'ls')], { bytes: 9000, lines: 9 });
    assert.deepEqual(fold([...before, ...reader.takeEvents()]), reader.messages());
    assert.equal(outline(reader.messages()), 'assistant(exec_command#c0 exec_command#c4)');
  });

  it('tells a follower the same conversation as one who reads it all at once', () => {
    const step = fc.record({
      kind: fc.constantFrom('typed', 'replied', 'ran', 'printed', 'announced', 'back', 'compacted'),
      n: fc.integer({ min: 1, max: 3 }),
      take: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const reader = codexReader({ transcript: '/r' });
        const events = [];
        for (const [index, { kind, n, take }] of steps.entries()) {
          const line = {
            typed: typed(`p${index}`),
            replied: replied(`r${index}`),
            ran: ran(`c${index}`, 'ls'),
            printed: printed(`c${index - n}`, 'x'),
            announced: event({ type: 'user_message', message: `p${index}` }),
            back: event({ type: 'thread_rolled_back', num_turns: n }),
            compacted: rolloutLine('compacted', { message: 'short' }),
          }[kind];
          pushAll(reader, [line], { bytes: index * 1000, lines: index });
          if (take) events.push(...reader.takeEvents());
        }
        events.push(...reader.takeEvents());
        assert.deepEqual(fold(events), reader.messages());
      }),
      { numRuns: 400 },
    );
  });

  it('never throws, whatever a line holds', () => {
    const payload = fc.record(
      {
        type: fc.constantFrom(
          'message',
          'reasoning',
          'function_call',
          'function_call_output',
          'custom_tool_call',
          'token_count',
          'item_completed',
          'thread_rolled_back',
          'patch_apply_end',
          'exec_command_end',
        ),
        role: fc.constantFrom('user', 'assistant', 1),
        content: fc.jsonValue(),
        name: fc.constantFrom('exec_command', 'apply_patch', 'shell', 1),
        arguments: fc.oneof(fc.string(), fc.json(), fc.jsonValue()),
        input: fc.jsonValue(),
        output: fc.jsonValue(),
        call_id: fc.constantFrom('c', 1),
        info: fc.jsonValue(),
        item: fc.jsonValue(),
        changes: fc.jsonValue(),
        num_turns: fc.jsonValue(),
        history_base: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const line = fc.record({
      timestamp: fc.jsonValue(),
      type: fc.constantFrom('session_meta', 'response_item', 'event_msg', 'turn_context', 'compacted', 'x'),
      payload: fc.oneof(payload, fc.jsonValue()),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(line, payload)), (lines) => {
        const reader = read(lines);
        assert.deepEqual(fold(reader.takeEvents()), reader.messages());
        reader.facts();
        reader.takeTouches();
      }),
    );
  });
});
