import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  applyEvents,
  countTurns,
  cutHistory,
  type Message,
  messageText,
  repairHistory,
  type Session,
  sumUsage,
  toHelloAgents,
  totalTokens,
} from '../../../src/core/index.ts';
import { anyBatches, anyHistory } from '../store/arbitraries.ts';
import { message, session } from '../store/workspace.ts';

const call = (id: string, calls: readonly string[]): Message => ({
  id,
  role: 'assistant',
  content: calls.map((each) => ({ type: 'tool_call', id: each, name: 'read', input: { path: each } })),
});
const result = (id: string, call_id: string): Message => ({
  id,
  role: 'tool',
  content: [{ type: 'tool_result', call_id, output: `of ${call_id}` }],
});

describe('a session in memory', () => {
  it('takes events one by one as it takes them all at once, and is never changed itself', () => {
    fc.assert(
      fc.property(anyHistory, anyBatches, (history, batches) => {
        const start: Session = { ...session([]), history };
        const before = JSON.stringify(start);
        const atOnce = applyEvents(start, batches.flat());
        const oneByOne = batches.flat().reduce((each, event) => applyEvents(each, [event]), applyEvents(start, []));
        assert.deepEqual(oneByOne, atOnce);
        assert.equal(JSON.stringify(start), before);
      }),
      { numRuns: 200 },
    );
  });

  it('drops with a rewind what later messages had read and marked', () => {
    const start = session(['m1', 'm2', 'm3'], {
      read_cache: { a: { message: 1 }, b: { message: 3 }, c: {} },
      checkpoints: [1, 2, 3].map((n) => ({ id: `c${n}`, label: '', created_at: '', message: n })),
    });
    const { body, history } = applyEvents(start, [{ type: 'rewind', after: 'm2' }]);
    assert.deepEqual(
      history.map(({ id }) => id),
      ['m1', 'm2'],
    );
    assert.deepEqual(Object.keys(body.read_cache ?? {}), ['a', 'c']);
    assert.deepEqual(
      body.checkpoints?.map(({ id }) => id),
      ['c1', 'c2'],
    );
    assert.equal(applyEvents(start, [{ type: 'rewind', after: 'unknown' }]).history.length, 3);
    assert.equal(applyEvents(start, [{ type: 'rewind', after: null }]).history.length, 0);
  });

  it('removes head fields, but not those without which it is none', () => {
    const start = session([], { title: 'T', state: 'active' });
    const remove = ['title', 'session_id', 'created_at'];
    const { body } = applyEvents(start, [{ type: 'head', set: { state: 'done' }, remove }]);
    assert.deepEqual([body.title, body.state, body.session_id], [undefined, 'done', 's-1']);
  });

  it('is repaired where a run was cut off: every call has a result', () => {
    const history = [
      message('m1'),
      call('m2', ['t1', 't2']),
      result('m3', 't1'),
      result('m4', 'x'),
      call('m5', ['t3']),
    ];
    const { history: repaired, problems } = repairHistory(history);
    assert.deepEqual(problems, [
      { code: 'interrupted-call', detail: 't2' },
      { code: 'orphan-result', detail: 'x' },
      { code: 'interrupted-call', detail: 't3' },
    ]);
    assert.deepEqual(
      repaired.map(({ id }) => id),
      ['m1', 'm2', 'm2-interrupted', 'm3', 'm4', 'm5', 'm5-interrupted'],
    );
    assert.deepEqual(repairHistory(repaired).problems, [{ code: 'orphan-result', detail: 'x' }]);
    assert.deepEqual(repairHistory([message('m1')]).history, [message('m1')]);
  });

  it('is cut, counted and summed', () => {
    const history = [
      message('m1'),
      call('m2', ['t1']),
      { ...result('m3', 't1'), role: 'user' as const },
      message('m4'),
    ];
    assert.deepEqual(cutHistory(history, 2), history.slice(0, 2));
    assert.equal(countTurns(history), 2);
    assert.equal(messageText(message('m1', 'hello')), 'hello');
    const parts: Message = {
      id: 'm',
      role: 'user',
      content: [
        { type: 'image', media_type: 'x', data: '' },
        { type: 'text', text: 'see' },
      ],
    };
    assert.equal(messageText(parts), 'see');
    assert.equal(messageText(call('m', ['t'])), '');
    const sum = sumUsage([
      { input: 1, output: 2 },
      { input: 3, output: 4, cache_read: 5 },
    ]);
    assert.deepEqual(sum, { input: 4, output: 6, cache_read: 5 });
    assert.equal(totalTokens(sum), 15);
  });

  it('is written for HelloAgents with plain text, times without a zone and its own stamps', () => {
    const start: Session = {
      body: {
        session_id: 's-1',
        created_at: '2026-11-20T10:00:00.120Z',
        agent_config: { llm_model: 'big' },
        read_cache: { 'a.ts': { file_mtime_ms: 12.5, file_size_bytes: 3, sha256: 'x' }, 'b.ts': { seen_at: '' } },
      },
      history: [message('m1', 'hi'), call('m2', ['t1']), result('m3', 't1')],
    };
    const written = toHelloAgents(start);
    assert.equal(written.created_at, '2026-11-20T10:00:00.120000');
    assert.deepEqual(written.read_cache, { 'a.ts': { file_mtime_ms: 12, file_size_bytes: 3 } });
    assert.equal(written.tool_schema_hash, 'no-tools');
    assert.equal(written.agent_config['llm_model'], 'big');
    assert.deepEqual(
      written.history.map(({ role, content }) => [role, content]),
      [
        ['user', 'hi'],
        ['assistant', '[read {"path":"t1"}]'],
        ['tool', 'of t1'],
      ],
    );
    assert.ok(written.history.every(({ timestamp }) => timestamp === '2026-11-20T10:00:00.120000'));
  });
});
