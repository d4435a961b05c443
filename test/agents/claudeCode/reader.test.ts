import assert from 'node:assert/strict';
import fc from 'fast-check';
import { claudeCodeReader } from '../../../src/agents/claudeCode/reader.ts';
import {
  answered,
  asked,
  called,
  claudeLine,
  fold,
  outline,
  partOf,
  pushAll,
  resulted,
  SID,
  said,
} from '../support/transcripts.ts';

function read(lines: readonly (object | string)[]) {
  const reader = claudeCodeReader({ transcript: '/t.jsonl' });
  pushAll(reader, lines);
  return reader;
}
const conversation = (lines: readonly (object | string)[]) => outline(read(lines).messages());

describe('the reader of Claude Code', () => {
  it('makes one message of the lines of one answer and counts its tokens once', () => {
    const reader = read([
      asked('u1', null, 'hi'),
      answered('a2', 'u1', 'msg_1', [{ type: 'thinking', thinking: 'hm', signature: 'sig' }]),
      answered('a3', 'a2', 'msg_1', [said('hello')]),
    ]);
    assert.equal(outline(reader.messages()), 'user(hi) assistant(hm hello)');
    assert.equal(reader.messages()[1]?.id, 'a2');
    assert.equal(partOf(reader.messages(), 1)['signature'], 'sig');
    assert.deepEqual(reader.facts().metadata.by_model, {
      'claude-opus-4-5': { input: 10, output: 5, cache_read: 100, cache_write: 7 },
    });
    assert.deepEqual([reader.counts().tokensIn, reader.counts().tokensOut], [117, 5]);
  });

  it('gives each message the byte range of its last line', () => {
    const lines = [
      asked('u1', null, 'hi'),
      answered('a2', 'u1', 'm', [said('a')]),
      answered('a3', 'a2', 'm', [said('b')]),
    ];
    const ends = lines.map((_, index) =>
      Buffer.byteLength(
        lines
          .slice(0, index + 1)
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(''),
      ),
    );
    assert.deepEqual(read(lines).messages()[1]?.raw, { from: ends[1], to: ends[2] });
  });

  it('follows the chain through progress lines', () => {
    assert.equal(
      conversation([
        asked('u1', null, 'hi'),
        claudeLine('progress', 'p2', 'u1', undefined),
        claudeLine('attachment', 'p3', 'p2', undefined, { attachment: { type: 'date' } }),
        answered('a4', 'p3', 'm', [said('hello')]),
      ]),
      'user(hi) assistant(hello)',
    );
  });

  it('takes the newest branch after a rewind, and tells the rewind to a follower', () => {
    const reader = read([
      asked('u1', null, 'one'),
      answered('a2', 'u1', 'm2', [said('two')]),
      asked('u3', 'a2', 'three'),
    ]);
    reader.takeEvents();
    pushAll(reader, [asked('u4', 'u1', 'other')], { bytes: 9999, lines: 3 });
    assert.deepEqual(
      reader.takeEvents().map((event) => (event.type === 'rewind' ? `rewind ${event.after}` : event.type)),
      ['rewind u1', 'message'],
    );
    assert.equal(outline(reader.messages()), 'user(one) user(other)');
    assert.equal(reader.counts().prompts, 3);
  });

  it('rewinds to the very beginning when a second first prompt appears', () => {
    const reader = read([asked('u1', null, 'one'), answered('a2', 'u1', 'm', [said('x')])]);
    reader.takeEvents();
    pushAll(reader, [asked('u3', null, 'instead')]);
    assert.equal(reader.takeEvents()[0]?.type, 'rewind');
    assert.equal(outline(reader.messages()), 'user(instead)');
  });

  it('keeps the results of parallel calls behind their message, also those that hang elsewhere or come late', () => {
    const lines = [
      asked('u1', null, 'go'),
      answered('a2', 'u1', 'm', [called('t1', 'Read', {})]),
      answered('a3', 'a2', 'm', [called('t2', 'Read', {})]),
      resulted('r4', 'a2', 't1', 'one'),
      resulted('r5', 'a3', 't2', 'two'),
      answered('a6', 'r5', 'm2', [said('done')]),
    ];
    const expected = 'user(go) assistant(Read#t1 Read#t2) tool(#t1) tool(#t2) assistant(done)';
    assert.equal(conversation(lines), expected);
    const late = [...lines.slice(0, 3), lines[4], { ...lines[5] }, { ...lines[3], uuid: 'r7' }] as object[];
    assert.equal(conversation(late), 'user(go) assistant(Read#t1 Read#t2) tool(#t2) tool(#t1) assistant(done)');
  });

  it('leaves a sub-agent out of the conversation, and reads its own transcript', () => {
    const side = { isSidechain: true };
    const lines = [
      asked('u1', null, 'go'),
      asked('s2', null, 'sub task', side),
      answered('s3', 's2', 'm3', [said('sub answer')], side),
      answered('a4', 'u1', 'm4', [said('done')]),
    ];
    assert.equal(conversation(lines), 'user(go) assistant(done)');
    assert.equal(conversation(lines.slice(1, 3)), 'user(sub task) assistant(sub answer)');
    assert.equal(read(lines).counts().prompts, 2);
    assert.equal(read(lines).facts().metadata.turns, 1);
  });

  it('keeps the conversation across a compaction, with the summary as a message of its own', () => {
    assert.equal(
      conversation([
        asked('u1', null, 'one'),
        answered('a2', 'u1', 'm', [said('two')]),
        claudeLine('system', 'c3', null, undefined, { subtype: 'compact_boundary', logicalParentUuid: 'a2' }),
        asked('u4', 'c3', 'what was', { isCompactSummary: true }),
        asked('u5', 'u4', 'more'),
      ]),
      'user(one) assistant(two) summary(what was) user(more)',
    );
  });

  it('takes injected texts, slash commands and interruptions for no prompts', () => {
    const reader = read([
      asked('u1', null, 'Caveat: The messages below were generated', { isMeta: true }),
      asked('u2', 'u1', '<command-name>/clear</command-name>'),
      asked('u3', 'u2', '<local-command-stdout></local-command-stdout>'),
      asked('u4', 'u3', '<system-reminder>no prompt</system-reminder>fix it'),
      asked('u5', 'u4', '[Request interrupted by user]'),
    ]);
    assert.equal(
      reader
        .messages()
        .map(({ role }) => role)
        .join(' '),
      'system system system user system',
    );
    assert.equal(reader.facts().metadata.turns, 1);
    assert.equal(reader.facts().title, 'fix it');
  });

  it('prefers the title of the user to that of the agent, a summary and the first prompt', () => {
    const lines: object[] = [asked('u1', null, 'the prompt')];
    const title = () => read(lines).facts().title;
    assert.equal(title(), 'the prompt');
    lines.unshift({ type: 'summary', summary: 'the summary', leafUuid: 'u1' });
    assert.equal(title(), 'the summary');
    lines.push({ type: 'ai-title', aiTitle: 'the agent', sessionId: SID });
    assert.equal(title(), 'the agent');
    lines.push({ type: 'custom-title', customTitle: 'the user', sessionId: SID });
    assert.equal(title(), 'the user');
  });

  it('keeps images, and those of results behind the text', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } };
    const reader = read([
      claudeLine('user', 'u1', null, { role: 'user', content: [said('look'), image] }),
      answered('a2', 'u1', 'm', [called('t1', 'Read', {})]),
      claudeLine('user', 'r3', 'a2', {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 't1', content: [said('png'), image] }],
      }),
    ]);
    assert.equal(outline(reader.messages()), 'user(look image) assistant(Read#t1) tool(#t1 image)');
  });

  it('records the tools that were offered and what the session ran with', () => {
    const shape = {
      system: [{ type: 'text', text: 'You are' }],
      tools: [{ name: 'Read', description: 'd', input_schema: { type: 'object' } }],
    };
    const facts = read([
      asked('u1', null, 'x', { permissionMode: 'plan' }),
      answered('a2', 'u1', 'm', [said('y')]),
      { type: 'api-request-shape', sessionId: SID, shape },
      { type: 'cost-state', sessionId: SID, totalCostUSD: 0.5 },
    ]).facts();
    assert.deepEqual(facts.tools, [{ name: 'Read', description: 'd', schema: { type: 'object' } }]);
    assert.equal(facts.config.llm_model, 'claude-opus-4-5');
    assert.equal(facts.config['permission_mode'], 'plan');
    assert.equal(facts.metadata.total_cost_usd, 0.5);
    assert.deepEqual([facts.source.native_id, facts.source.branch, facts.source.version], [SID, 'main', '2.1.329']);
  });

  it('tells every bad line with its number and goes on', () => {
    const reader = read([
      asked('u1', null, 'one'),
      '{"type":"user",',
      '[1]',
      '"text"',
      { silly: true },
      claudeLine('user', 'u2', 'u1', undefined, { message: 'error' }),
      asked('u1', null, 'twice'),
      answered('a3', 'nowhere', 'm', [said('two')]),
      '{"type":"summary","summary":"\\ud800"}',
    ]);
    assert.deepEqual(
      reader.problems().map(({ code, line }) => `${line} ${code}`),
      [
        '2 bad-json',
        '3 bad-shape',
        '4 bad-shape',
        '5 bad-shape',
        '6 bad-shape',
        '7 duplicate-id',
        '8 missing-reference',
        '9 lone-surrogate',
      ],
    );
    assert.equal(outline(reader.messages()), 'user(one) assistant(two)');
  });

  it('reads a file without links in its order', () => {
    assert.equal(
      conversation([
        asked('u1', null, 'one'),
        answered('a2', null, 'm', [said('two')]),
        asked('u3', null, 'three'),
        { type: 'assistant', message: { role: 'assistant', content: [said('four')] } },
      ]),
      'user(one) assistant(two) user(three) assistant(four)',
    );
  });

  it('is not impressed by the keys of a prototype', () => {
    const line = JSON.stringify(asked('__proto__', null, 'one')).replace('"cwd"', '"__proto__":{"type":"x"},"cwd"');
    const reader = read([
      line,
      answered('constructor', '__proto__', 'toString', [called('__proto__', 'valueOf', {})]),
      resulted('r', 'constructor', '__proto__', 'x'),
    ]);
    assert.equal(outline(reader.messages()), 'user(one) assistant(valueOf#__proto__) tool(#__proto__)');
    assert.equal(({} as { type?: string }).type, undefined);
  });

  it('tells a follower the same conversation as one who reads it all at once, whatever the tree', () => {
    const step = fc.record({
      kind: fc.constantFrom('ask', 'answer', 'more', 'call', 'result', 'progress'),
      back: fc.nat(6),
      take: fc.boolean(),
      side: fc.nat(9),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const reader = claudeCodeReader({ transcript: '/t' });
        const lines: object[] = [];
        const ids: string[] = [];
        const events = [];
        let open: string[] = [];
        let messageId = 'm0';
        for (const [index, { kind, back, take, side }] of steps.entries()) {
          const id = `n${index + 1}`;
          const parent =
            ids.length === 0 ? null : (ids[Math.max(0, ids.length - 1 - (back > 3 ? back - 3 : 0))] ?? null);
          const extra = side === 0 ? { isSidechain: true } : {};
          let line = asked(id, parent, `prompt ${id}`, extra);
          if (kind === 'answer' || kind === 'more') {
            if (kind === 'answer') messageId = `m${index}`;
            line = answered(id, parent, messageId, [said(id)], extra);
          } else if (kind === 'call') {
            open = [...open, id];
            line = answered(id, parent, messageId, [called(id, 'Read', {})], extra);
          } else if (kind === 'result' && open.length > 0 && parent !== null) {
            line = resulted(id, parent, open.shift() as string, 'text', extra);
          } else if (kind === 'progress') line = claudeLine('progress', id, parent, undefined, extra);
          lines.push(line);
          ids.push(id);
          pushAll(reader, [line], { bytes: index * 10_000, lines: index });
          if (take) events.push(...reader.takeEvents());
        }
        events.push(...reader.takeEvents());
        assert.deepEqual(fold(events), reader.messages());
        const again = claudeCodeReader({ transcript: '/t' });
        for (const [index, line] of lines.entries()) pushAll(again, [line], { bytes: index * 10_000, lines: index });
        assert.deepEqual(again.messages(), reader.messages());
        assert.deepEqual(fold(again.takeEvents()), reader.messages());
      }),
      { numRuns: 400 },
    );
  });

  it('takes reminders out of a prompt, and is not held up by a million that never end', () => {
    const prompts = [
      '<system-reminder>a</system-reminder>one<ide_opened_file>b</ide_opened_file>',
      `two ${'<system-reminder>'.repeat(50_000)}`,
    ];
    const titles = prompts.map((text) => {
      const reader = claudeCodeReader({ transcript: '/t.jsonl' });
      pushAll(reader, [asked('u1', null, text)]);
      return reader.facts().title;
    });
    assert.equal(titles[0], 'one');
    assert.match(titles[1] ?? '', /^two <system-reminder>/);
    const reader = claudeCodeReader({ transcript: '/t.jsonl' });
    const call = answered('a2', 'u1', 'm', [called('t', 'Read', { file_path: '/work/shop/a' })]);
    pushAll(reader, [asked('u1', null, 'x'), call, resulted('r3', 'a2', 't', `1\ta${'\n'.repeat(100_000)}b`)]);
    assert.equal(reader.takeTouches()[0]?.text, undefined);
  });

  it('never throws, whatever a line holds', () => {
    const junk = fc.record(
      {
        type: fc.constantFrom(
          'user',
          'assistant',
          'system',
          'attachment',
          'summary',
          'custom-title',
          'cost-state',
          'api-request-shape',
        ),
        uuid: fc.constantFrom('a', 'b', '', 1),
        parentUuid: fc.constantFrom('a', 'b', null, 1),
        isSidechain: fc.constantFrom(true, false, 'x'),
        timestamp: fc.constantFrom('2026-11-20T10:00:00Z', 'later', 5),
        message: fc.oneof(
          fc.jsonValue(),
          fc.record(
            {
              id: fc.constantFrom('m', 1),
              content: fc.oneof(
                fc.string(),
                fc.array(fc.jsonValue()),
                fc.array(
                  fc.record(
                    {
                      type: fc.constantFrom('tool_use', 'tool_result', 'image', 'thinking', 'text'),
                      id: fc.jsonValue(),
                      tool_use_id: fc.jsonValue(),
                      name: fc.constantFrom('Read', 'Edit', 'Write', 1),
                      input: fc.jsonValue(),
                      content: fc.jsonValue(),
                    },
                    { requiredKeys: ['type'] },
                  ),
                ),
              ),
              usage: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
        ),
        toolUseResult: fc.jsonValue(),
        attachment: fc.jsonValue(),
        shape: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(fc.array(junk), (lines) => {
        const reader = read(lines);
        assert.deepEqual(fold(reader.takeEvents()), reader.messages());
        reader.facts();
        reader.counts();
        reader.takeTouches();
      }),
    );
  });
});
