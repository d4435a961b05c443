import assert from 'node:assert/strict';
import { geminiReader } from '../../../src/agents/gemini/reader.ts';
import type { TranscriptReader } from '../../../src/agents/index.ts';
import type { SessionEvent } from '../../../src/core/index.ts';
import { fold, outline, partOf, pushAll } from '../support/transcripts.ts';
import { asked, call, context, header, response, SID, said, told } from './lines.ts';

function read(lines: readonly (object | string)[], root?: string): TranscriptReader {
  const beside = root === undefined ? {} : { beside: new Map([['.project_root', root]]) };
  const reader = geminiReader({ transcript: '/t/session-1.jsonl', ...beside });
  pushAll(reader, lines);
  return reader;
}

const tokens = { input: 100, output: 10, cached: 40, thoughts: 5, tool: 0, total: 115 };

describe('a session of the Gemini CLI', () => {
  it('tells a message anew under its id: it is replaced where it stands, and its calls come with it', () => {
    const reader = geminiReader({ transcript: '/t/session-1.jsonl' });
    const first = [header(), asked('u1', 'one'), said('g2', 'I look'), asked('u3', 'two')];
    pushAll(reader, first);
    const events: SessionEvent[] = [...reader.takeEvents()];
    reader.push(JSON.stringify(said('g2', 'I look', { toolCalls: [call('t1', 'read_file', {}, 'x')] })), {
      ...{ from: 900, to: 1000, number: 5 },
    });
    events.push(...reader.takeEvents());
    const expected = 'user(one) assistant(I look read_file#t1) tool(#t1) user(two)';
    assert.equal(outline(reader.messages()), expected);
    assert.equal(outline(fold(events)), expected);
    assert.deepEqual(reader.messages()[1]?.raw, { from: 900, to: 1000 });
  });

  it('tells results twice, and they are one', () => {
    const reader = read([
      ...[header(), asked('u1', 'one')],
      said('g2', '', { toolCalls: [call('t1', 'read_file', {}, 'x')] }),
      { id: 'u3', type: 'user', content: [response('t1', 'read_file', 'x')] },
      said('g4', 'done'),
    ]);
    assert.equal(outline(reader.messages()), 'user(one) assistant(read_file#t1) tool(#t1) assistant(done)');
    assert.deepEqual([reader.counts().prompts, reader.counts().toolCalls, reader.counts().reads], [1, 1, 1]);
  });

  it('has results that only the user tells', () => {
    const reader = read([
      ...[header(), asked('u1', 'one')],
      said('g2', '', { content: [{ functionCall: { id: 't1', name: 'read_file', args: { file_path: '/w/a' } } }] }),
      { id: 'u3', type: 'user', content: [response('t1', 'read_file', 'text\n')] },
    ]);
    assert.equal(outline(reader.messages()), 'user(one) assistant(read_file#t1) tool(#t1)');
    assert.equal(reader.takeTouches()[0]?.text, 'text\n');
  });

  it('begins with a context that is no prompt, and names the folder', () => {
    const reader = read([header(), told([context()]), asked('u1', 'one')]);
    assert.deepEqual(
      reader.messages().map(({ role }) => role),
      ['system', 'user'],
    );
    const { cwd, title, metadata, source } = reader.facts();
    assert.deepEqual([cwd, title, metadata.turns, source.native_id], ['/work/shop', 'one', 1, SID]);
    assert.equal(read([header(), context()], '/other\n').facts().cwd, '/other');
  });

  it('rewinds to before a message; an unknown one takes back everything, and is told', () => {
    const lines = [header(), asked('u1', 'one'), said('g2', 'two'), asked('u3', 'three'), said('g4', 'four')];
    assert.equal(outline(read([...lines, { $rewindTo: 'u3' }]).messages()), 'user(one) assistant(two)');
    const lost = read([...lines, { $rewindTo: 'nobody' }]);
    assert.deepEqual(lost.messages(), []);
    assert.deepEqual(lost.problems(), [{ code: 'missing-reference', line: 6, detail: 'nobody' }]);
    assert.equal(lost.counts().prompts, 2);
  });

  it('is told anew by a resume: what was told better before stays, and every message can still be forked from', () => {
    const rich = said('g2', '', {
      ...{ thoughts: [{ subject: 'Plan', description: 'I read' }], tokens },
      toolCalls: [call('t1', 'read_file', { file_path: '/w/a' }, 'x')],
    });
    const poor = { id: 'g2', type: 'gemini', content: [{ functionCall: { id: 't1', name: 'read_file', args: {} } }] };
    const again = { id: 'g2_response', type: 'user', content: [response('t1', 'read_file', 'x')] };
    const lines = [header(), context(), asked('u1', 'one'), rich, said('g4', 'two', { tokens })];
    const before = read(lines);
    const after = read([
      ...lines,
      header(),
      told([context()]),
      { $set: { sessionId: SID } },
      told([context(), asked('u1', 'one'), poor, again, said('g4', 'two')]),
      asked('u5', 'three'),
    ]);
    assert.deepEqual(after.messages().slice(0, -1), before.messages());
    assert.deepEqual(after.counts(), { ...before.counts(), prompts: 2 });
    assert.deepEqual(after.problems(), []);
    assert.equal(after.counts().tokensIn, 200);
  });

  it('follows what a compression made of it', () => {
    const reader = read([header(), asked('u1', 'one'), said('g2', 'two')]);
    const events = [...reader.takeEvents()];
    pushAll(reader, [told([asked('s3', '<state_snapshot>'), said('g4', 'Got it')])]);
    events.push(...reader.takeEvents());
    assert.equal(outline(reader.messages()), 'user(<state_snapshot>) assistant(Got it)');
    assert.deepEqual(fold(events), reader.messages());
  });

  it('has thoughts as reasoning, and counts the tokens of a message once', () => {
    const thoughts = [{ subject: 'Plan', description: 'I think' }];
    const reader = read([header(), said('g1', 'a', { thoughts, tokens }), said('g1', 'a', { thoughts, tokens })]);
    assert.deepEqual(partOf(reader.messages(), 0), { type: 'reasoning', text: '**Plan**\nI think' });
    const { tokensIn, tokensOut, assistantMessages } = reader.counts();
    assert.deepEqual([tokensIn, tokensOut, assistantMessages], [100, 15, 1]);
    assert.deepEqual(reader.facts().metadata.by_model?.['gemini-3-flash'], {
      ...{ input: 60, output: 15, cache_read: 40, cache_write: 0 },
    });
  });

  it('has notices that are no part of the conversation', () => {
    const notice = { id: 'i1', type: 'info', content: 'Request cancelled.' };
    assert.deepEqual(read([header(), notice]).messages(), []);
  });

  it('has messages without an id under the number of their line', () => {
    const reader = read([header(), { type: 'user', content: 'one' }, { type: 'gemini', content: 'two' }]);
    assert.deepEqual(
      reader.messages().map(({ id }) => id),
      ['L2', 'L3'],
    );
  });

  it('is one document in old versions, and what /chat save writes is one too', () => {
    const document = geminiReader({ transcript: '/t/session-1.json' });
    const at = { from: 0, to: 0 };
    document.push(JSON.stringify(SID), { ...at, number: 1, key: 'sessionId' });
    document.push(JSON.stringify(asked('u1', 'one')), { ...at, number: 2, key: 'messages' });
    document.push('{torn', { ...at, number: 3, key: 'messages' });
    document.push('7', { ...at, number: 4, key: 'messages' });
    assert.equal(outline(document.messages()), 'user(one)');
    assert.equal(document.messages()[0]?.raw, undefined);
    assert.equal(document.facts().source.native_id, SID);
    assert.deepEqual(
      document.problems().map(({ code, line }) => [code, line]),
      [
        ['bad-json', 3],
        ['bad-shape', 4],
      ],
    );
    for (const key of ['', 'history']) {
      const checkpoint = geminiReader({ transcript: '/t/checkpoint-a.json' });
      const contents = [
        { role: 'user', parts: [{ text: 'one' }] },
        { role: 'model', parts: [{ text: 'two' }, { functionCall: { name: 'read_file', args: {} } }] },
      ];
      for (const [index, content] of contents.entries())
        checkpoint.push(JSON.stringify(content), { ...at, number: index + 1, key });
      assert.equal(outline(checkpoint.messages()), 'user(one) assistant(two read_file#L2-0)');
    }
  });

  describe('touches files', () => {
    const touch = (calls: readonly object[], root = '/work/shop') =>
      read([header(), said('g1', '', { toolCalls: calls })], root);

    it('by reading: whole, in part, or only its beginning', () => {
      const path = '/work/shop/a.ts';
      const notice = 'IMPORTANT: The file content has been truncated.\nStatus: …';
      const reader = touch([
        call('t1', 'read_file', { file_path: 'a.ts' }, 'one\ntwo\n'),
        call('t2', 'read_file', { absolute_path: path, start_line: 2, end_line: 2 }, 'two\n'),
        call('t3', 'read_file', { file_path: 'b.ts' }, notice),
        call('t4', 'read_file', { file_path: 'c.ts' }, 'Cannot display content of binary file: c.ts'),
        call('t5', 'read_file', { file_path: 'd.ts', offset: 3, limit: 2 }, 'x'),
      ]);
      assert.deepEqual(
        reader.takeTouches().map((one) => [one.path.slice(11), one.op, one.full, one.text]),
        [
          ['a.ts', 'read', true, 'one\ntwo\n'],
          ['b.ts', 'read', false, undefined],
          ['c.ts', 'read', false, undefined],
          ['d.ts', 'read', false, undefined],
        ],
      );
      assert.deepEqual([reader.counts().reads, reader.counts().fullReads], [5, 1]);
    });

    it('by editing: as the tool tells the text, or as it follows from what is known', () => {
      const display = { resultDisplay: { newContent: 'told\n' } };
      const edit = { file_path: 'a.ts', old_string: 'one', new_string: 'two' };
      const reader = touch([
        call('t1', 'read_file', { file_path: 'a.ts' }, 'one\n'),
        call('t2', 'replace', edit, 'ok'),
        call('t3', 'write_file', { file_path: 'b.ts', content: 'new\n' }, 'ok'),
        call('t4', 'replace', { ...edit, file_path: 'c.ts' }, 'ok', display),
        call('t5', 'replace', { ...edit, file_path: 'd.ts' }, 'ok'),
        call('t6', 'replace', { ...edit, file_path: 'e.ts' }, 'no', { status: 'error' }),
        call('t7', 'write_file', { file_path: 'f.ts', content: 'x' }, 'no', { status: 'cancelled' }),
      ]);
      assert.deepEqual(
        reader.takeTouches().map((one) => [one.path.slice(11), one.op, one.full, one.text]),
        [
          ['a.ts', 'edit', true, 'two\n'],
          ['b.ts', 'write', true, 'new\n'],
          ['c.ts', 'edit', true, 'told\n'],
          ['d.ts', 'edit', false, undefined],
        ],
      );
      assert.deepEqual([reader.counts().edits, reader.counts().toolCalls], [4, 7]);
    });

    it('by reading many at once, and by the shell, which is noted but not counted', () => {
      const many =
        '--- /work/shop/a.ts ---\n\none\n\n--- b.ts ---\n\n[WARNING: This file was truncated]\n\n--- End of content ---';
      const reader = touch([
        call('t1', 'read_many_files', { include: ['*.ts'] }, many),
        call('t2', 'run_shell_command', { command: 'cd sub && cat c.ts', dir_path: '/work/shop/x' }, 'Output: three'),
      ]);
      assert.deepEqual(
        reader.takeTouches().map((one) => [one.path, one.full, one.text]),
        [
          ['/work/shop/a.ts', true, undefined],
          ['/work/shop/b.ts', false, undefined],
          ['/work/shop/x/sub/c.ts', true, undefined],
        ],
      );
      assert.equal(reader.counts().reads, 2);
    });

    it('on Windows, whose paths stay what they are', () => {
      const lines = [header(), context('C:\\work\\shop')];
      const reader = read([
        ...lines,
        said('g1', '', { toolCalls: [call('t1', 'read_file', { file_path: 'src\\a.ts' }, 'x')] }),
      ]);
      assert.equal(reader.facts().cwd, 'C:\\work\\shop');
      assert.equal(reader.takeTouches()[0]?.path, 'C:\\work\\shop\\src\\a.ts');
    });
  });
});
