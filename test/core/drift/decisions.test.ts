import assert from 'node:assert/strict';
import {
  type Decision,
  type DriftReport,
  decisionOn,
  type FileFreshness,
  isClean,
  type Stamp,
  snapshotBody,
  withoutAccepted,
} from '../../../src/core/index.ts';

const made = { id: 'd1', action: 'continue', by: 'ann', at: Date.parse('2026-11-20T10:45:10.004Z') } as const;
const stamp = (sha256: string): Stamp => ({
  sha256,
  size: 1,
  mtimeMs: 1,
  mtimeNs: '1',
  ctimeNs: '1',
  ino: '1',
  racy: false,
});
const file = (freshness: FileFreshness['freshness'], more: Partial<FileFreshness> = {}): FileFreshness => ({
  key: 'a.ts',
  path: '/a.ts',
  freshness,
  ...more,
});
const report = (differs: Partial<DriftReport>): DriftReport => ({
  config: [],
  tools: [],
  workspace: [],
  files: [],
  notCompared: [],
  ...differs,
});
const all = report({
  config: [{ field: 'llm_model', saved: 'one', now: 'two' }],
  tools: [
    { tool: 'old', change: 'removed', usedBy: ['m1'] },
    { tool: 'new', change: 'added', hash: 'a' },
    { tool: 'edit', change: 'changed', effect: 'breaking', parameters: [], hash: 'b', usedBy: ['m2'] },
  ],
  workspace: [{ field: 'branch', saved: 'main', now: undefined }],
  files: [
    file('changed', { stamp: stamp('c') }),
    file('deleted', { key: 'b.ts' }),
    file('moved', { key: 'c.ts', movedTo: 'd.ts' }),
    file('same', { key: 'e.ts' }),
  ],
});
/** A decision as the next load finds it. */
const stored = (decision: Decision): Decision => {
  const body = { session_id: 's', created_at: '', decisions: [decision] };
  return snapshotBody.parse(JSON.parse(JSON.stringify(body))).decisions?.[0] as Decision;
};

describe('a decision on differences', () => {
  it('records who accepted what and when, with the values that held', () => {
    assert.deepEqual(decisionOn(all, made), {
      id: 'd1',
      at: '2026-11-20T10:45:10.004Z',
      by: 'ann',
      action: 'continue',
      accepted: {
        config: [{ field: 'llm_model', saved: 'one', now: 'two' }],
        tools: [
          { tool: 'old', change: 'removed' },
          { tool: 'new', change: 'added', hash: 'a' },
          { tool: 'edit', change: 'changed', hash: 'b' },
        ],
        workspace: [{ field: 'branch', saved: 'main', now: '' }],
        files: [
          { key: 'a.ts', freshness: 'changed', sha256: 'c' },
          { key: 'b.ts', freshness: 'deleted' },
          { key: 'c.ts', freshness: 'moved', moved_to: 'd.ts' },
        ],
      },
    });
  });

  for (const action of ['continue', 'continue-with-briefing', 'reread'] as const) {
    it(`to ${action} is not asked for again`, () => {
      const rest = withoutAccepted(all, [stored(decisionOn(all, { ...made, action }))]);
      assert.ok(isClean(rest));
      assert.deepEqual(
        rest.files.map(({ key }) => key),
        ['e.ts'],
      );
    });
  }

  for (const action of ['read-only', 'fork', 'restore-config'] as const) {
    it(`for ${action} accepts nothing, whatever it says`, () => {
      const decision = decisionOn(all, { ...made, action });
      assert.deepEqual(decision.accepted, {});
      const told = { ...decisionOn(all, made), action };
      assert.deepEqual(withoutAccepted(all, [decision, told]), all);
    });
  }

  for (const [what, now] of [
    ['a model is another one', { config: [{ field: 'llm_model', saved: 'one', now: 'three' }] }],
    ['a model changed from another one', { config: [{ field: 'llm_model', saved: 'zero', now: 'two' }] }],
    ['a tool changed again', { tools: [{ ...(all.tools[2] as object), hash: 'x' }] }],
    ['a tool that came has changed', { tools: [{ tool: 'new', change: 'added', hash: 'x' }] }],
    ['a branch is another one', { workspace: [{ field: 'branch', saved: 'main', now: 'next' }] }],
    ['a file changed again', { files: [file('changed', { stamp: stamp('x') })] }],
    ['a file that changed is gone', { files: [file('deleted')] }],
    ['a file moved on', { files: [file('moved', { key: 'c.ts', movedTo: 'x.ts' })] }],
  ] as const) {
    it(`is asked for again where ${what}`, () => {
      const next = report(now as Partial<DriftReport>);
      assert.deepEqual(withoutAccepted(next, [stored(decisionOn(all, made))]), next);
    });
  }

  it('accepts nothing of which it cannot tell the version: unsaved text, a tool too big to compare', () => {
    const vague = report({
      tools: [{ tool: 'big', change: 'changed', effect: 'breaking', parameters: [], tooBig: true, usedBy: [] }],
      files: [file('unsaved', { stamp: stamp('c') }), file('changed')],
    });
    const decision = decisionOn(vague, made);
    assert.deepEqual(decision.accepted, {});
    assert.deepEqual(withoutAccepted(vague, [decision]), vague);
  });

  it('keeps the hash of a long value, and nothing of one that is too big or too deep', () => {
    const prompt = 'You are. '.repeat(10_000);
    let deep: unknown = 'x';
    for (let depth = 0; depth < 50_000; depth += 1) deep = [deep];
    const long = report({
      config: [
        { field: 'prompt', saved: 'short', now: prompt },
        { field: 'deep', saved: 1, now: deep },
        { field: 'wide', saved: 1, now: new Array(100_000).fill(1) },
        { field: 'x'.repeat(10_000), saved: 1, now: 2 },
      ],
    });
    const decision = stored(decisionOn(long, made));
    assert.ok(JSON.stringify(decision).length < 500);
    const rest = withoutAccepted(long, [decision]);
    assert.deepEqual(
      rest.config.map(({ field }) => field.slice(0, 6)),
      ['deep', 'wide', 'xxxxxx'],
    );
    const [first] = long.config;
    assert.ok(first);
    const other = report({ config: [{ ...first, now: `${prompt}!` }] });
    assert.deepEqual(withoutAccepted(other, [decision]), other);
  });

  it('is bounded, however much differs', () => {
    const files = Array.from({ length: 10_000 }, (_, index) => file('deleted', { key: `${index}` }));
    const decision = decisionOn(report({ files }), made);
    assert.equal(decision.accepted.files?.length, 1_000);
    assert.equal(withoutAccepted(report({ files }), [decision]).files.length, 9_000);
  });

  it('looks at no more of former decisions than can be done at once, the newest first', () => {
    let looks = 0;
    const big = new Proxy(new Array(30_000).fill(1), {
      get: (list, index) => {
        looks += 1;
        return Reflect.get(list, index);
      },
    });
    const items = new Array(100).fill({ field: 'big', saved: big, now: 1 });
    const hostile = new Array(10).fill({ ...made, at: '', accepted: { config: items } }) as Decision[];
    assert.deepEqual(withoutAccepted(all, hostile), all);
    assert.ok(looks < 200_000, `${looks} looks`);
    assert.ok(isClean(withoutAccepted(all, [...hostile, decisionOn(all, made)])));
    const long = {
      ...made,
      at: '',
      accepted: { files: new Array(4_000).fill({ key: 'k'.repeat(9_000), freshness: 'deleted' }) },
    };
    const { files } = withoutAccepted(all, [decisionOn(all, made), ...new Array(10).fill(long as Decision)]);
    assert.deepEqual(files, all.files, 'what lies beyond is asked again');
  });

  it('from a hostile snapshot matches only what it says', () => {
    let deep: unknown = 'x';
    for (let depth = 0; depth < 50_000; depth += 1) deep = [deep];
    const hostile = [
      { ...made, at: '', accepted: { config: [{ field: '__proto__', saved: 1, now: 2 }], files: [] } },
      { ...made, at: '', accepted: { config: [{ field: 'llm_model', saved: 'one', now: deep }] } },
      { ...made, at: '', accepted: { config: [{ field: 'llm_model', saved: 'one', now: undefined }] } },
    ] as Decision[];
    assert.deepEqual(withoutAccepted(all, hostile), all);
    const changed = report({ config: [{ field: '__proto__', saved: 1, now: 2 }] });
    assert.ok(isClean(withoutAccepted(changed, hostile)));
  });
});
