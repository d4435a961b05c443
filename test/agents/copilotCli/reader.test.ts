import assert from 'node:assert/strict';
import { copilotCliReader } from '../../../src/agents/copilotCli/reader.ts';
import { readWorkspaceFile, workspaceFile } from '../../../src/agents/copilotCli/workspace.ts';
import type { TranscriptReader } from '../../../src/agents/index.ts';
import { fold, outline, partOf, pushAll } from '../support/transcripts.ts';
import { asked, call, chain, done, failed, said, start, type Told, uuid } from './events.ts';

function read(told: readonly Told[], beside: Readonly<Record<string, string>> = {}): TranscriptReader {
  const reader = copilotCliReader({ transcript: '/t/events.jsonl', beside: new Map(Object.entries(beside)) });
  pushAll(reader, chain(told));
  return reader;
}

describe('a session of the GitHub Copilot CLI', () => {
  it('is read event by event: prompts, answers, results, each under its own id', () => {
    const view = call('t1', 'view', { path: 'a' });
    const reader = read([start(), asked('one'), said('two', [view]), done('t1', 'x'), said('three')]);
    assert.equal(outline(reader.messages()), 'user(one) assistant(two view#t1) tool(#t1) assistant(three)');
    assert.deepEqual(
      reader.messages().map(({ id }) => id),
      [uuid(2), uuid(3), uuid(4), uuid(5)],
    );
    assert.deepEqual(fold(reader.takeEvents()), reader.messages());
    const { source, cwd, title, metadata } = reader.facts();
    assert.deepEqual([source.version, cwd, title, metadata.turns], ['1.0.102', '/work/shop', 'one', 1]);
  });

  it('has sub-agents, whose words are not the conversation, but count', () => {
    const parent = { parentToolCallId: 't1' };
    const reader = read([
      ...[start(), asked('one'), said('', [call('t1', 'task')])],
      said('inner', [call('t2', 'view', { path: '/w/a' }), call('t3', 'create', { path: '/w/b' })], parent),
      ...[done('t2', 'x', parent), done('t3', 'x', parent), done('t1', 'report'), said('end')],
    ]);
    assert.equal(outline(reader.messages()), 'user(one) assistant(task#t1) tool(#t1) assistant(end)');
    assert.deepEqual([reader.counts().assistantMessages, reader.counts().toolCalls, reader.counts().reads], [3, 3, 1]);
    assert.deepEqual(reader.problems(), []);
    // What it read, the conversation has not seen; what it wrote is no foreign change.
    assert.deepEqual(
      reader.takeTouches().map(({ path, messageId }) => [path, messageId]),
      [['/w/b', uuid(3)]],
    );
  });

  it('is kept across a compaction, whose summary is a message', () => {
    const compacted: Told = ['session.compaction_complete', { success: true, summaryContent: 'so far' }];
    assert.equal(
      outline(read([start(), asked('one'), compacted, asked('two')]).messages()),
      'user(one) summary(so far) user(two)',
    );
  });

  it('goes back to before an event', () => {
    const rewound: Told = ['session.snapshot_rewind', { upToEventId: uuid(3), eventsRemoved: 2 }];
    const reader = read([start(), asked('one'), asked('two'), said('three'), rewound, asked('four')]);
    assert.equal(outline(reader.messages()), 'user(one) user(four)');
    const turn: Told = ['assistant.turn_start', {}];
    const other = read([start(), asked('one'), turn, said('two'), rewound, asked('four')]);
    assert.deepEqual([outline(other.messages()), other.problems()], ['user(one) user(four)', []]);
    const lost = read([start(), ['session.snapshot_rewind', { upToEventId: 'nobody' }]]);
    assert.deepEqual(lost.problems(), [{ code: 'missing-reference', line: 2, detail: 'nobody' }]);
  });

  it('goes on by itself, in a text that is no prompt', () => {
    const own = '<current_datetime>2026-11-20</current_datetime>\n\nYou have not finished';
    const reader = read([start(), asked('one'), asked('', { transformedContent: own })]);
    assert.equal(outline(reader.messages()), 'user(one) system(You have not finished)');
    assert.deepEqual([reader.counts().prompts, reader.facts().metadata.turns], [2, 1]);
  });

  it('has reasoning, files and images', () => {
    const attachments = [
      { type: 'file', path: '/w/a.ts', displayName: 'a.ts' },
      { type: 'blob', data: 'AAAA', mimeType: 'image/png' },
      { type: 'image', data: 5 },
    ];
    const thought = { reasoningText: 'I think', reasoningOpaque: 'sealed' };
    const reader = read([
      ...[start(), asked('see', { attachments }), said('one', [], thought)],
      ...[['assistant.reasoning', { content: 'again' }] as const, said('two')],
    ]);
    assert.deepEqual(partOf(reader.messages(), 0, 1), { type: 'file', path: '/w/a.ts' });
    assert.deepEqual(partOf(reader.messages(), 0, 2), { type: 'image', media_type: 'image/png', data: 'AAAA' });
    assert.deepEqual(partOf(reader.messages(), 0, 3), { type: 'image-reference', data: 5 });
    assert.deepEqual(partOf(reader.messages(), 1), {
      ...{ type: 'reasoning', text: 'I think', encrypted_content: 'sealed' },
    });
    assert.deepEqual(partOf(reader.messages(), 2), { type: 'reasoning', text: 'again' });
  });

  it('has arguments as a text in some versions', () => {
    const reader = read([start(), said('', [call('t1', 'shell', '{"command":"ls"}'), call('t2', 'x', 'no json')])]);
    assert.deepEqual(partOf(reader.messages(), 0)['input'], { command: 'ls' });
    assert.equal(partOf(reader.messages(), 0, 1)['input'], 'no json');
  });

  it('counts what every request took, else what the end of the session tells', () => {
    const usage = { model: 'm', inputTokens: 100, outputTokens: 7, cacheReadTokens: 60, cacheWriteTokens: 0 };
    const end: Told = ['session.shutdown', { modelMetrics: { m: { usage } } }];
    const totals = (reader: TranscriptReader) => [reader.counts().tokensIn, reader.counts().tokensOut];
    assert.deepEqual(totals(read([start(), end, end])), [100, 7]);
    const records = read([start(), ['session.usage_record', { usage }], ['session.usage_record', { usage }], end]);
    assert.deepEqual(totals(records), [200, 14]);
    assert.deepEqual(records.facts().metadata.by_model?.['m'], {
      ...{ input: 80, output: 14, cache_read: 120, cache_write: 0 },
    });
  });

  it('tells of a result whose call it has not, and of an id that comes twice', () => {
    const reader = read([start(), done('t9', 'x')]);
    assert.deepEqual(reader.problems(), [{ code: 'orphan-result', line: 2, detail: 't9' }]);
    const [first, second] = chain([start(), asked('one')]);
    const twice = copilotCliReader({ transcript: '/t/events.jsonl' });
    pushAll(twice, [first ?? {}, second ?? {}, second ?? {}]);
    assert.deepEqual(
      twice.messages().map(({ id }) => id),
      [uuid(2), `${uuid(2)}-2`],
    );
    assert.equal(twice.problems()[0]?.code, 'duplicate-id');
  });

  it('knows its folder from the file beside it where the first event does not tell', () => {
    const reader = read([start({ context: undefined }), asked('one')], {
      'workspace.yaml': "id: x\ncwd: /work/other\nname: 'It''s mine'\n",
    });
    assert.deepEqual([reader.facts().cwd, reader.facts().title], ['/work/other', "It's mine"]);
  });

  describe('touches files', () => {
    const path = '/work/shop/a.ts';
    const touch = (
      calls: readonly (readonly [name: string, input: unknown, result: string, extra?: object])[],
      beside = {},
    ) =>
      read(
        [
          ...[start(), asked('one')],
          said(
            '',
            calls.map(([name, input], index) => call(`t${index}`, name, input)),
          ),
          ...calls.map(([, , result, extra], index) => done(`t${index}`, result, extra)),
        ],
        beside,
      );
    const touched = (reader: TranscriptReader) =>
      reader.takeTouches().map((one) => [one.path, one.op, one.full, one.text]);

    it('by looking at them: raw, numbered, in part, too large, or a folder', () => {
      const folder = { toolTelemetry: { properties: { viewType: 'directory' } } };
      const reader = touch([
        ['view', { path }, 'one\ntwo\n'],
        ['view', { path, view_range: [2, 2] }, 'two\n'],
        ['view', { path: 'b.ts' }, '1. one\n2. two'],
        ['view', { path: 'c.ts' }, 'File too large to read at once (50 KB).'],
        ['view', { path: '/work/shop' }, 'a.ts\n', folder],
        ['str_replace_editor', { command: 'view', path: 'd.ts' }, 'x\n'],
      ]);
      assert.deepEqual(touched(reader), [
        [path, 'read', true, 'one\ntwo\n'],
        ['/work/shop/b.ts', 'read', true, undefined],
        ['/work/shop/c.ts', 'read', false, undefined],
        ['/work/shop/d.ts', 'read', true, 'x\n'],
      ]);
      assert.deepEqual([reader.counts().reads, reader.counts().fullReads], [6, 4]);
    });

    it('by editing them: with the text that follows, and the hash that the agent recorded', () => {
      const hash = 'a'.repeat(64);
      const image = { path, postimage: { kind: 'content', contentHash: hash } };
      const index = JSON.stringify({ snapshots: [{ eventId: uuid(2), files: { x: image, y: { path: 7 } } }] });
      const reader = touch(
        [
          ['view', { path }, 'one\n'],
          ['edit', { path, old_str: 'one', new_str: 'two' }, 'ok'],
          ['create', { path: 'b.ts', file_text: 'new\n' }, 'ok'],
          ['apply_patch', '*** Begin Patch\n*** Add File: c.ts\n+three\n*** Delete File: d.ts\n*** End Patch', 'ok'],
          ['magic', {}, 'ok', { fileEdits: [{ path: '/work/shop/e.ts', kind: 'edit' }] }],
        ],
        { 'rewind-file-snapshots/index.json': index },
      );
      const touches = reader.takeTouches();
      assert.deepEqual(
        touches.map((one) => [one.path.slice(11), one.op, one.text, one.sha256]),
        [
          ['a.ts', 'edit', 'two\n', hash],
          ['b.ts', 'write', 'new\n', undefined],
          ['c.ts', 'write', 'three\n', undefined],
          ['d.ts', 'delete', undefined, undefined],
          ['e.ts', 'edit', undefined, undefined],
        ],
      );
      assert.equal(reader.counts().edits, 5);
      // What is read later may have been edited again since the index was read.
      const more = chain([start(), asked('one'), said('', [call('u1', 'edit', { path })]), done('u1', 'ok')]);
      pushAll(reader, more.slice(2));
      assert.equal(reader.takeTouches()[0]?.sha256, undefined);
    });

    it('by the shell, which is noted but not counted; and not by a call that failed', () => {
      const reader = touch([['bash', { command: 'cd sub && cat c.ts' }, 'three']]);
      assert.deepEqual(touched(reader), [['/work/shop/sub/c.ts', 'read', true, undefined]]);
      assert.equal(reader.counts().reads, 0);
      const missing = touch([['bash', { command: 'cat d.ts' }, 'No such file\n<exited with exit code 1>']]);
      assert.deepEqual(touched(missing), []);
      const broken = read([start(), said('', [call('t1', 'edit', { path })]), failed('t1', 'no match')]);
      assert.deepEqual(broken.takeTouches(), []);
      assert.equal(partOf(broken.messages(), 1)['is_error'], true);
    });

    it('on Windows, whose paths stay what they are', () => {
      const context = { context: { cwd: 'C:\\work\\shop', headCommit: 'abc' } };
      const reader = read([start(context), said('', [call('t1', 'view', { path: 'src\\a.ts' })]), done('t1', 'x')]);
      assert.equal(reader.takeTouches()[0]?.path, 'C:\\work\\shop\\src\\a.ts');
      assert.equal(reader.facts().workspace?.folder, 'shop');
    });
  });

  it('has a file of plain keys beside it, of which nothing else is believed', () => {
    const text = [
      ...['\ufeffid: abc', "cwd: 'C:\\it''s'", 'name: "two\\nlines"', 'branch: main # mine', 'nested:', '  cwd: /evil'],
      ...['list: [a, b]', 'text: |', '  more', 'broken: "x', "torn: 'x", 'none: null', '__proto__: 1', ': x', 'a'],
    ].join('\r\n');
    assert.deepEqual(Object.fromEntries(readWorkspaceFile(text)), {
      ...{ id: 'abc', cwd: "C:\\it's", name: 'two\nlines', branch: 'main' },
      ['__proto__']: '1',
    });
    const keys = { cwd: 'C:\\x: "y" # z', name: "it's\n商店", user_named: true };
    assert.deepEqual(Object.fromEntries(readWorkspaceFile(workspaceFile(keys))), { ...keys, user_named: 'true' });
  });
});
