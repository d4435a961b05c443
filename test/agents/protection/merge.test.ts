import assert from 'node:assert/strict';
import fc from 'fast-check';
import { getNodeValue, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { hasHooks, ourHooks, withHooks, withoutHooks } from '../../../src/agents/protection/mergeHooks.ts';
import { wantedHooks } from '../../../src/agents/protection/wantedHooks.ts';
import { settingsText } from './jsonc.ts';

const options = {
  scope: 'project',
  folder: '/work/shop',
  where: { home: '/home/me' },
  command: ['node', '/home/me/.holdfast/hook.cjs'],
} as const;
const AGENTS = ['claude-code', 'codex', 'gemini', 'copilot-cli'] as const;
const wanted = (agent: (typeof AGENTS)[number]) => wantedHooks({ ...options, agent });

/** As JSON means it: `__proto__` is a name like any other, and of two fields with one name the last counts. */
function read(text: string): { hooks?: Record<string, unknown[]> } & Record<string, unknown> {
  const errors: ParseError[] = [];
  const root = parseTree(text.replace(/^\uFEFF/, ''), errors, { allowTrailingComma: true });
  assert.deepEqual(errors, []);
  return JSON.parse(JSON.stringify(getNodeValue(root as Node)));
}

function merged(result: ReturnType<typeof withHooks>): string {
  assert.equal(result.kind, 'merged');
  return (result as { text: string }).text;
}

describe('hooks merged into settings', () => {
  it('leave every byte of others where it was, and are taken out again without a trace, in any settings', () => {
    fc.assert(
      fc.property(settingsText, fc.constantFrom(...AGENTS), (text, agent) => {
        const hooks = wanted(agent);
        const before = read(text);
        const installed = merged(withHooks(text, hooks));
        const after = read(installed);
        assert.equal(hasHooks(installed, hooks), true);
        for (const [key, value] of Object.entries(before)) if (key !== 'hooks') assert.deepEqual(after[key], value);
        for (const [event, list] of Object.entries(before.hooks ?? {}))
          assert.deepEqual(after.hooks?.[event]?.slice(0, list.length), list);
        assert.equal(merged(withHooks(installed, hooks)), installed);
        assert.equal(merged(withoutHooks(installed)), text);
        assert.equal(merged(withoutHooks(text)), text);
      }),
      { numRuns: 300 },
    );
  });

  it('stand in a new file, which goes with them', () => {
    for (const agent of AGENTS) {
      const text = merged(withHooks(undefined, wanted(agent), agent === 'copilot-cli' ? { version: 1 } : {}));
      assert.equal(text, `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`);
      assert.deepEqual(withoutHooks(text), { kind: 'merged', text: undefined });
    }
  });

  it('replace those of another version, wherever these were put, and each stands there once', () => {
    const hooks = wanted('claude-code');
    const old = { type: 'command', command: 'node /old/.holdfast/hook.cjs claude-code' };
    const lint = { type: 'command', command: 'npm run lint' };
    const text = JSON.stringify(
      {
        hooks: {
          PreToolUse: [
            { matcher: 'Edit', hooks: [old] },
            { matcher: 'Bash', hooks: [lint, old, lint] },
            { hooks: [old] },
          ],
          PreCompact: [{ hooks: [{ type: 'command', command: '"/x/holdfast.cjs" hook claude-code' }] }],
        },
        model: 'opus',
      },
      undefined,
      4,
    );
    const now = read(merged(withHooks(text, hooks)));
    assert.deepEqual(now.hooks?.['PreToolUse'], [{ matcher: 'Bash', hooks: [lint, lint] }, hooks[1]?.value]);
    assert.equal(now.hooks?.['PreCompact'], undefined);
    assert.equal(now['model'], 'opus');
    const removed = read(merged(withoutHooks(merged(withHooks(text, hooks)))));
    assert.deepEqual(removed, { hooks: { PreToolUse: [{ matcher: 'Bash', hooks: [lint, lint] }] }, model: 'opus' });
  });

  it('are taken out where somebody put others behind them, whose comments stay', () => {
    const hooks = wanted('codex');
    const text = '{\n  "model": "x" // mine\n}\n';
    const installed = merged(withHooks(text, hooks));
    const edited = installed.replace(
      /("PreToolUse": \[[\s\S]*?\n {6}\})/,
      '$1, // behind\n      { "hooks": [] } // theirs',
    );
    assert.notEqual(edited, installed);
    const left = merged(withoutHooks(edited));
    assert.deepEqual(read(left), { model: 'x', hooks: { PreToolUse: [{ hooks: [] }] } });
    assert.match(left, /\/\/ mine[\s\S]*\/\/ behind[\s\S]*\/\/ theirs/);
  });

  it('are put into empty settings and empty lists as well', () => {
    for (const text of [
      '{}',
      '{ }',
      '{\n}',
      '{ /* none */ }',
      '{"hooks":{}}',
      '{"hooks": {"Stop": []}}',
      '{\n  // none\n}\n',
      ' ',
    ]) {
      const installed = merged(withHooks(text, wanted('gemini')));
      assert.equal(hasHooks(installed, wanted('gemini')), true, text);
      const removed = withoutHooks(installed);
      assert.equal(removed.kind, 'merged');
      if ('text' in removed && removed.text !== undefined) assert.deepEqual(ourHooks(removed.text), []);
    }
    assert.deepEqual(withoutHooks(merged(withHooks('{ /* none */ }', wanted('gemini')))), {
      kind: 'merged',
      text: '{ /* none */ }',
    });
  });

  it('of two fields with one name go into the one that counts', () => {
    const installed = merged(withHooks('{"hooks":{"Stop":[{"a":1}]},"hooks":{"Stop":[{"b":2}]}}', wanted('codex')));
    assert.equal(hasHooks(installed, wanted('codex')), true);
    assert.deepEqual(read(installed).hooks?.['Stop']?.[0], { b: 2 });
  });

  it('leave alone what is no settings file', () => {
    for (const text of ['[]', '"x"', '{', '{"a":}', 'hooks: {}', '{"hooks":{"Stop":[}}'])
      assert.equal(withHooks(text, wanted('codex')).kind, 'not-json', text);
    assert.deepEqual(withHooks('{"hooks":[]}', wanted('codex')), { kind: 'other-shape', detail: 'hooks' });
    assert.deepEqual(withHooks('{"hooks":{"Stop":{}}}', wanted('codex')), {
      kind: 'other-shape',
      detail: 'hooks.Stop',
    });
  });

  it('are not what only speaks of them', () => {
    for (const command of ['echo holdfast hook is on', 'cat ~/.holdfast/hook.cjs.bak', 'x/my.holdfast/hook.cjs'])
      assert.deepEqual(ourHooks(JSON.stringify({ hooks: { Stop: [{ command }] } })), [], command);
  });

  it('stand beside fields that are no lists of hooks, and are taken out there', () => {
    const text = '{"hooks":{"enabled":true,"Other":{"a":1}}}';
    const installed = merged(withHooks(text, wanted('gemini')));
    assert.equal(hasHooks(installed, wanted('gemini')), true);
    assert.equal(merged(withoutHooks(installed)), text);
  });

  it('are found in what JSON escapes', () => {
    const text = JSON.stringify({
      hooks: { Stop: [{ bash: 'x', powershell: 'node C:\\Users\\me\\.holdfast\\hook.cjs x' }] },
    });
    assert.equal(ourHooks(text).length, 1);
    assert.ok(ourHooks(text).every(({ node }) => getNodeValue(node)));
    assert.deepEqual(withoutHooks(text), { kind: 'merged', text: undefined });
  });
});
