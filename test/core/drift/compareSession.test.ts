import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  compareSession,
  countDrift,
  type DriftPolicies,
  type DriftReport,
  decide,
  type Freshness,
  isClean,
  type Session,
} from '../../../src/core/index.ts';

const session: Session = {
  body: {
    session_id: 's-1',
    created_at: '2026-11-20T10:30:45.120Z',
    source: { agent: 'claude-code', version: '2.1.0' },
    agent_config: { llm_provider: 'anthropic', llm_model: 'one', max_steps: 10 },
    workspace: {
      folder: '/home/a/shop',
      git: { head: 'aaa', branch: 'main', remote: 'https://me:secret@host.invalid/x.git' },
    },
    tools: [{ name: 'read', schema: { type: 'object' } }],
  },
  history: [{ id: 'm1', role: 'user', content: 'Hello' }],
};

const file = (freshness: Freshness): DriftReport['files'][number] => ({ key: 'a', path: '/a', freshness });
const empty: DriftReport = { config: [], tools: [], workspace: [], files: [], notCompared: [] };
const policies: DriftPolicies = { config: 'warn', tools: 'ask', workspace: 'ignore', files: 'block' };

describe('drift of a session', () => {
  it('is none when a session is compared with what it recorded', () => {
    const report = compareSession(session, {
      config: { ...session.body.agent_config, agent_version: '2.1.0' },
      tools: session.body.tools ?? [],
      workspace: { folder: 'shop', git: { head: 'aaa', branch: 'main', remote: 'https://host.invalid/x.git' } },
      files: [file('same'), file('touched')],
    });
    assert.ok(isClean(report));
    assert.deepEqual(report.notCompared, []);
  });

  it('compares only fields that both sides record', () => {
    const { config } = compareSession(session, {
      config: { llm_model: 'two', temperature: 1, agent_version: '2.2.0' },
    });
    assert.deepEqual(config, [
      { field: 'agent_version', saved: '2.1.0', now: '2.2.0' },
      { field: 'llm_model', saved: 'one', now: 'two' },
    ]);
  });

  it('says what was not compared, and never calls it changed', () => {
    const bare: Session = { body: { session_id: 's-2', created_at: '2026-11-20T10:30:45.120Z' }, history: [] };
    const report = compareSession(bare, { config: { llm_model: 'x' }, tools: [], workspace: { folder: 'shop' } });
    assert.ok(isClean(report));
    assert.deepEqual(report.notCompared, ['config', 'tools', 'workspace', 'files']);
  });

  it('names the part of the workspace that differs, and a repository that is gone', () => {
    const moved = compareSession(session, { workspace: { folder: 'C:\\work\\shop2', git: {} } });
    assert.deepEqual(moved.workspace, [
      { field: 'folder', saved: 'shop', now: 'shop2' },
      { field: 'head', saved: 'aaa', now: undefined },
      { field: 'branch', saved: 'main', now: undefined },
      { field: 'remote', saved: 'https://host.invalid/x.git', now: undefined },
    ]);
    assert.deepEqual(compareSession(session, { workspace: { folder: 'shop' } }).workspace, []);
  });

  it('takes changed, deleted, moved, unsaved and unreadable files as drift; touched and unknown ones not', () => {
    for (const freshness of ['changed', 'deleted', 'moved', 'unsaved', 'unreadable'] as const) {
      assert.ok(!isClean({ ...empty, files: [file(freshness)] }), freshness);
    }
    assert.ok(isClean({ ...empty, files: [file('same'), file('touched'), file('unknown')] }));
  });

  it('lets the strongest policy decide: block before ask before warn before ignore', () => {
    const config = [{ field: 'llm_model', saved: 1, now: 2 }];
    const tools = [{ tool: 'a', change: 'added' as const }];
    const workspace = [{ field: 'head' as const, saved: 'a', now: 'b' }];
    assert.deepEqual(decide({ ...empty, config, tools, workspace, files: [file('changed')] }, policies), {
      action: 'block',
      kinds: ['files'],
    });
    assert.deepEqual(decide({ ...empty, config, tools, workspace }, policies), { action: 'ask', kinds: ['tools'] });
    assert.deepEqual(decide({ ...empty, config, workspace }, policies), { action: 'warn', kinds: ['config'] });
    assert.deepEqual(decide({ ...empty, workspace }, policies), { action: 'continue', kinds: [] });
  });

  it('continues on a clean report whatever the policies', () => {
    const policy = fc.constantFrom('ignore', 'warn', 'ask', 'block');
    fc.assert(
      fc.property(fc.record({ config: policy, tools: policy, workspace: policy, files: policy }), (any) => {
        assert.equal(decide({ ...empty, files: [file('unknown')] }, any as DriftPolicies).action, 'continue');
      }),
    );
  });

  it('counts what differs', () => {
    assert.deepEqual(
      countDrift({
        ...empty,
        tools: [
          { tool: 'a', change: 'added' },
          { tool: 'b', change: 'changed', effect: 'text', parameters: [], usedBy: [] },
        ],
        files: [file('changed'), file('same')],
      }),
      {
        config: 0,
        tools: { added: 1, removed: 0, breaking: 0, compatible: 0, text: 1 },
        workspace: 0,
        files: { same: 1, touched: 0, changed: 1, deleted: 0, moved: 0, unsaved: 0, unknown: 0, unreadable: 0 },
      },
    );
  });
});
