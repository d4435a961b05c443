import assert from 'node:assert/strict';
import fs from 'node:fs';
import fc from 'fast-check';
import { applyEvents, type Decision, type SessionEvent } from '../../../src/core/index.ts';
import { ids, loaded, message, session, useWorkspace } from './workspace.ts';

function decision(number: number, more: object = {}): Decision {
  return {
    id: `d${number}`,
    at: new Date(Date.UTC(2026, 10, 20) + number * 1000).toISOString(),
    by: 'ann',
    action: 'continue-with-briefing',
    accepted: {
      config: [{ field: 'llm_model', saved: 'big', now: null }],
      tools: [{ tool: 'edit', change: 'breaking', hash: 'ab', why: 'unknown field' }],
      files: [{ key: '__proto__', freshness: 'changed', sha256: 'cd' }],
      later: { deep: [1] },
    },
    ...more,
  };
}

const event = (number: number, more?: object): SessionEvent => ({ type: 'decision', decision: decision(number, more) });

describe('decisions', function () {
  this.timeout(20_000);
  const workspace = useWorkspace();

  it('are appended, loaded, saved and folded with all that they say', async () => {
    const { store, another } = workspace();
    await store.save('a', session(['m1']), undefined);
    await store.append('a', [event(1), event(2, { note: 'kept' })]);
    const both = [decision(1), decision(2, { note: 'kept' })];
    assert.deepEqual((await loaded(another(), 'a')).body.decisions, both);
    await store.fold('a');
    const folded = await loaded(store, 'a');
    assert.deepEqual(folded.body.decisions, both);
    await store.save('a', folded, folded.body.revision);
    assert.deepEqual((await loaded(store, 'a')).body.decisions, both);
    await store.append('a', [event(1, { action: 'fork' })]);
    const changed = (await loaded(store, 'a')).body.decisions;
    assert.deepEqual(changed, [both[1], decision(1, { action: 'fork' })]);
  });

  it('are folded once, however often the same events come', () => {
    const anyDecisions = fc.array(fc.tuple(fc.nat(130), fc.constantFrom('continue', 'fork')), { maxLength: 150 });
    fc.assert(
      fc.property(anyDecisions, (pairs) => {
        const events = pairs.map(([number, action]) => event(number, { action }));
        const once = applyEvents(session(['m1']), events);
        assert.deepEqual(applyEvents(once, events).body, once.body);
        assert.deepEqual(
          (once.body.decisions ?? []).map(({ id }) => id),
          [...new Set(pairs.map(([number]) => `d${number}`).reverse())].slice(0, 100).reverse(),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('of the parent are those of a fork too, which then has its own', async () => {
    const { store } = workspace();
    await store.save('a', session(['m1', 'm2'], { decisions: [decision(1)] }), undefined);
    await store.append('a', [event(2)]);
    const fork = await store.fork('a', { name: 'f', messages: 1 });
    if (fork.kind !== 'forked') throw new Error(fork.kind);
    assert.deepEqual((await loaded(store, 'f')).body.decisions, [decision(1), decision(2)]);
    await fork.settled;
    await store.append('f', [event(3)]);
    await store.append('a', [{ type: 'rewind', after: null }]);
    assert.deepEqual((await loaded(store, 'f')).body.decisions, [decision(1), decision(2), decision(3)]);
    assert.deepEqual((await loaded(store, 'a')).body.decisions, [decision(1), decision(2)]);
    assert.deepEqual(await ids(store, 'f'), ['m1']);
  });

  it('do not lengthen what a list reads: the head still fits its first 4 KiB', async () => {
    const { store, another, read } = workspace();
    await store.save('a', session(['m1'], { title: 'T' }), undefined);
    const many = Array.from({ length: 150 }, (_, number) => event(number));
    await store.append('a', [{ type: 'message', message: message('m2') }, ...many]);
    const [unfolded] = await store.list();
    assert.equal(unfolded?.head?.message_count, 2);
    assert.equal(Object.hasOwn(unfolded?.head ?? {}, 'decisions'), false);
    await store.fold('a');
    const start = read('a.json').slice(0, 4096);
    assert.ok(read('a.json').length > 4096);
    assert.match(start, /"message_count":\s*2,\n[\s\S]*"decisions":/);
    const [row] = await another().list();
    assert.deepEqual([row?.head?.title, row?.head?.message_count, row?.problems], ['T', 2, []]);
    assert.equal(Object.hasOwn(row?.head ?? {}, 'decisions'), false);
    assert.equal((await loaded(store, 'a')).body.decisions?.length, 100);
  });

  it('of a wrong shape are left out and make the session read-only, and nothing is overwritten', async () => {
    const { store, write, read } = workspace();
    const bad = { session_id: 's-1', created_at: '2026', decisions: [{ id: 1 }], history: [] };
    write('a.json', JSON.stringify(bad));
    const result = await store.load('a');
    assert.equal(result.kind === 'loaded' && result.readOnly, true);
    assert.equal((await store.append('a', [event(1)])).kind, 'read-only');
    assert.deepEqual(JSON.parse(read('a.json')), bad);
    assert.equal(fs.existsSync(workspace().file('a.journal.jsonl')), false);
  });
});
