import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createReplay } from '../../../src/agents/copilotChat/replay.ts';

type Entry = { readonly [field: string]: unknown };

function replayed(entries: readonly Entry[]) {
  const replay = createReplay();
  const applied = entries.map((entry) => replay.apply(entry) !== undefined);
  return { replay, applied };
}

const start = (): Entry => ({ kind: 0, v: { title: 'a', requests: [{ requestId: 'one', response: [] }] } });

describe("the log of a chat's changes", () => {
  it('sets, deletes and pushes, and truncates before it pushes where it says so', () => {
    const { replay, applied } = replayed([
      start(),
      { kind: 1, k: ['customTitle'], v: 'Named' },
      { kind: 2, k: ['requests', 0, 'response'], v: [{ value: 'x' }, { value: 'y' }] },
      { kind: 2, k: ['requests', 0, 'response'], v: [{ value: 'z' }], i: 1 },
      { kind: 2, k: ['requests'], v: [{ requestId: 'two' }] },
      { kind: 3, k: ['title'] },
    ]);
    assert.deepEqual(applied, [true, true, true, true, true, true]);
    assert.equal(replay.field('customTitle'), 'Named');
    assert.equal(replay.field('title'), undefined);
    assert.deepEqual(replay.requests(), [
      { requestId: 'one', response: [{ value: 'x' }, { value: 'z' }] },
      { requestId: 'two' },
    ]);
  });

  it('tells which requests an entry changed', () => {
    const { replay } = replayed([start(), { kind: 2, k: ['requests'], v: [{}, {}] }]);
    assert.deepEqual(replay.apply({ kind: 1, k: ['requests', 1, 'vote'], v: 1 }), { from: 1, to: 2 });
    assert.deepEqual(replay.apply({ kind: 1, k: ['customTitle'], v: 't' }), { from: 0, to: 0 });
    assert.deepEqual(replay.apply({ kind: 2, k: ['requests'], v: [{}], i: 2 }), {
      from: 2,
      to: Number.POSITIVE_INFINITY,
    });
  });

  it('begins anew with a later whole object', () => {
    const { replay } = replayed([start(), { kind: 0, v: { requests: [] } }]);
    assert.deepEqual(replay.requests(), []);
    assert.equal(replay.field('title'), undefined);
  });

  it('refuses what does not fit, and leaves what is there as it was', () => {
    const wrong: readonly Entry[] = [
      { kind: 1, k: [], v: {} },
      { kind: 1, k: ['requests', -1], v: {} },
      { kind: 1, k: ['requests', 4_000_000_000], v: {} },
      { kind: 1, k: ['requests', 2], v: {} },
      { kind: 1, k: ['requests', 0.5], v: {} },
      { kind: 1, k: ['requests', 'length'], v: 1e9 },
      { kind: 1, k: ['requests', '0'], v: {} },
      { kind: 1, k: ['missing', 'below'], v: 1 },
      { kind: 1, k: 'requests', v: [] },
      { kind: 2, k: ['requests'], v: [{}], i: -1 },
      { kind: 2, k: ['requests'], v: [{}], i: 1e9 },
      { kind: 2, k: ['requests'], v: [{}], i: 'x' },
      { kind: 2, k: ['title'], v: [1] },
      { kind: 4, k: ['title'], v: 1 },
      { kind: 0, v: [] },
      {},
    ];
    for (const entry of wrong) {
      const { replay } = replayed([start()]);
      assert.equal(replay.apply(entry), undefined, JSON.stringify(entry));
      assert.deepEqual(replay.requests(), [{ requestId: 'one', response: [] }]);
      assert.equal(replay.field('title'), 'a');
    }
  });

  it('does nothing before the first whole object', () => {
    assert.equal(createReplay().apply({ kind: 1, k: ['title'], v: 'x' }), undefined);
    assert.deepEqual(createReplay().requests(), []);
  });

  it('never reaches a prototype', () => {
    const { applied } = replayed([
      start(),
      { kind: 1, k: ['__proto__', 'polluted'], v: 1 },
      { kind: 1, k: ['constructor', 'prototype', 'polluted'], v: 1 },
      { kind: 2, k: ['requests', '__proto__', 'polluted'], v: [1] },
      { kind: 1, k: ['__proto__'], v: { polluted: 1 } },
    ]);
    assert.deepEqual(applied, [true, false, false, false, true]);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    assert.equal(([] as unknown as { polluted?: unknown }).polluted, undefined);
  });

  it('takes any entries, and leaves the prototypes alone', () => {
    const key = fc.oneof(
      fc.constantFrom<string | number>('a', 'list', 'requests', '__proto__', 'length'),
      fc.integer({ min: -1, max: 3 }),
    );
    const entry = fc.record(
      {
        kind: fc.constantFrom(0, 1, 2, 3, 1, 2),
        k: fc.array(key, { maxLength: 3 }),
        v: fc.oneof(fc.constantFrom<unknown>({}, [], { list: [] }, { requests: [] }), fc.jsonValue()),
        i: fc.integer({ min: -1, max: 3 }),
      },
      { requiredKeys: ['kind', 'k', 'v'] },
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), (entries) => {
        const replay = createReplay();
        for (const one of entries) replay.apply(structuredClone(one) as Entry);
        for (const request of replay.requests()) assert.notEqual(request, Object.prototype);
        assert.equal(Object.keys(Object.prototype).length, 0);
      }),
    );
  });
});
