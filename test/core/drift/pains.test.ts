// Pains of people whose agents resume sessions, as they told them, and what happens here instead.
import assert from 'node:assert/strict';
import { agentById, restoreOptions } from '../../../src/agents/index.ts';
import {
  affectedMessages,
  compareSession,
  type DriftPolicies,
  decide,
  decisionOn,
  openStore,
  type Session,
  type SessionStore,
  toolListing,
  withoutAccepted,
} from '../../../src/core/index.ts';
import { makeRepository, numbered, type Repository } from './support/repository.ts';

const policies: DriftPolicies = { config: 'warn', tools: 'ask', workspace: 'ignore', files: 'ask' };
const made = { id: 'd1', by: 'ann', at: Date.parse('2026-11-21T09:00:00Z') };

describe('pain 25: configuration, tools or instructions drift when a session is resumed', function () {
  // Every commit is a process or two.
  this.timeout(20_000);
  let repository: Repository;
  let store: SessionStore;
  const saved: Session = {
    body: {
      session_id: 's-1',
      created_at: '2026-11-20T10:30:45.120Z',
      source: { agent: 'claude-code', version: '2.1.329' },
      agent_config: {
        llm_provider: 'anthropic',
        llm_model: 'claude-opus-4-5',
        system_prompt_sha256: 'a'.repeat(64),
      },
      tools: [
        { name: 'edit', schema: { type: 'object', properties: { path: {}, limit: {} } } },
        { name: 'search', description: 'Finds', schema: { type: 'object' } },
      ],
    },
    history: [
      { id: 'm1', role: 'user', content: 'Go' },
      { id: 'm2', role: 'assistant', content: [{ type: 'tool_call', id: 't1', name: 'edit', input: { limit: 3 } }] },
      { id: 'm3', role: 'tool', content: [{ type: 'tool_result', call_id: 't1', output: 'ok' }] },
    ],
  };
  beforeEach(async () => {
    repository = makeRepository();
    let id = 0;
    store = openStore({
      folder: repository.folder,
      sessionsFolder: '.sessions',
      now: () => made.at,
      random: () => String(++id).padStart(16, '0'),
    });
    assert.equal((await store.save('shop', saved, undefined)).kind, 'saved');
  });
  afterEach(async () => {
    await store.close();
    repository.remove();
  });
  const load = async (): Promise<Session> => {
    const loaded = await store.load('shop');
    assert.ok(loaded.kind === 'loaded');
    return loaded.session;
  };

  it('a model that was switched silently is named, with the old one and the new one', async () => {
    const now = { ...saved.body.agent_config, llm_model: 'claude-haiku-4-5' };
    assert.deepEqual(compareSession(await load(), { config: now }).config, [
      { field: 'llm_model', saved: 'claude-opus-4-5', now: 'claude-haiku-4-5' },
    ]);
  });

  it('instructions that changed since are told apart from a model that changed', async () => {
    const now = { ...saved.body.agent_config, system_prompt_sha256: 'b'.repeat(64) };
    assert.deepEqual(
      compareSession(await load(), { config: now }).config.map(({ field }) => field),
      ['system_prompt_sha256'],
    );
  });

  it('tools that came, went or changed are named by parameter, with the messages whose calls are affected', async () => {
    const tools = toolListing({
      tools: [
        { name: 'edit', inputSchema: { type: 'object', properties: { path: {}, dry: {} }, required: ['dry'] } },
        { name: 'search', description: 'Finds text', inputSchema: { type: 'object' } },
        { name: 'fetch', inputSchema: { type: 'object' } },
      ],
    });
    const report = compareSession(await load(), { tools: tools ?? [] });
    assert.deepEqual(
      report.tools.map((change) => [
        change.tool,
        change.change === 'changed' ? change.effect : change.change,
        change.change === 'changed' ? change.parameters.map((one) => `${one.parameter} ${one.change}`) : [],
        change.change === 'added' ? [] : change.usedBy,
      ]),
      [
        ['edit', 'breaking', ['dry added', 'limit removed'], ['m2']],
        ['fetch', 'added', [], []],
        ['search', 'text', [], []],
      ],
    );
    const opened = await store.open('shop');
    assert.ok(opened.kind === 'open');
    const affected = await affectedMessages(opened.document, ['edit']);
    await opened.document.close();
    assert.deepEqual(affected, [{ id: 'm2', number: 2, tools: ['edit'] }]);
  });

  it('what an agent never recorded is no drift', async () => {
    const bare = { body: { session_id: 's-2', created_at: '' }, history: [] };
    const report = compareSession(bare, { config: { llm_model: 'x' }, tools: [{ name: 'edit' }] });
    assert.deepEqual([report.config, report.tools, report.notCompared.includes('config')], [[], [], true]);
  });

  it('no drift and no policy keeps anybody from reading or forking the session', async () => {
    const report = compareSession(await load(), { config: { llm_provider: 'gone', llm_model: 'gone' }, tools: [] });
    assert.equal(
      decide(report, { config: 'block', tools: 'block', workspace: 'block', files: 'block' }).action,
      'block',
    );
    assert.equal((await load()).history.length, 3);
    const forked = await store.fork('shop', { name: 'other', messages: 2 });
    assert.equal(forked.kind, 'forked');
    if (forked.kind === 'forked') await forked.settled;
  });

  it('what was accepted once is not asked again, by nobody; the next change is', async () => {
    const now = { config: { ...saved.body.agent_config, llm_model: 'claude-haiku-4-5' }, tools: [] };
    const first = compareSession(await load(), now);
    assert.equal(decide(first, policies).action, 'ask');
    const decision = decisionOn(first, { ...made, action: 'continue' });
    assert.equal((await store.append('shop', [{ type: 'decision', decision }])).kind, 'appended');
    const again = await load();
    const rest = withoutAccepted(compareSession(again, now), again.body.decisions);
    assert.equal(decide(rest, policies).action, 'continue');
    const later = { ...now, config: { ...now.config, llm_model: 'claude-sonnet-4-5' } };
    const next = withoutAccepted(compareSession(again, later), again.body.decisions);
    assert.deepEqual(
      next.config.map((change) => change.now),
      ['claude-sonnet-4-5'],
    );
    assert.deepEqual(next.tools, []);
  });

  it('the saved model is given back to the agent by its own flag', async () => {
    const { body } = await load();
    const claude = agentById('claude-code');
    const id = '0f3c5a52-7d1e-4b8e-9a63-2f1d6c0b7e42';
    assert.deepEqual(claude.native?.resumeCommand?.(id, restoreOptions(claude, body.agent_config ?? {}))?.args, [
      ...['--resume', id, '--model', 'claude-opus-4-5'],
    ]);
  });
});

describe('pain 18: nobody says what changed since a session was left', function () {
  // Every commit is a process or two.
  this.timeout(20_000);
  let repository: Repository;
  beforeEach(() => {
    repository = makeRepository();
  });
  afterEach(() => repository.remove());

  it('the briefing shows exactly the lines that changed, and who changed them', async () => {
    repository.write('src/price.ts', numbered(100));
    repository.commit('One');
    const session = await repository.save(['src/price.ts']);
    repository.write('src/price.ts', numbered(100).replace('line 50\n', 'line fifty\n'));
    const hash = repository.commit('Fifty in words');
    const text = (await session.briefing()) ?? '';
    assert.deepEqual(text.match(/^[+-](?!-| ).*$/gm), ['-line 50', '+line fifty']);
    assert.match(text, /^@@ -48,5 \+48,5 @@$/m);
    assert.ok(text.includes(`- ${hash.slice(0, 10)} \`Fifty in words\` by \`Ann\``));
  });

  it('only what changed is to be read again: no other file is named, nor a commit that touches none', async () => {
    for (const name of ['a.ts', 'b.ts', 'c.ts']) repository.write(name, 'one\n');
    repository.commit('One');
    const session = await repository.save(['a.ts', 'b.ts', 'c.ts']);
    repository.write('b.ts', 'two\n');
    repository.commit('Two');
    repository.write('not-read.ts', 'three\n');
    repository.commit('Three');
    const text = (await session.briefing()) ?? '';
    assert.match(text, /`b\.ts`/);
    assert.doesNotMatch(text, /a\.ts|c\.ts|not-read|Three/);
  });

  it('a checkout and back, or a touched file, is nothing to tell', async () => {
    repository.write('a.ts', 'one\n');
    repository.commit('One');
    const session = await repository.save(['a.ts']);
    repository.git('checkout', '--quiet', '-b', 'next');
    repository.write('a.ts', 'two\n');
    repository.commit('Two');
    repository.git('checkout', '--quiet', 'main');
    assert.equal(await session.briefing(), undefined);
  });

  it('a tool call that was cut off is told, so that it is neither forgotten nor run twice blindly', async () => {
    const session = await repository.save([], {}, [
      {
        id: 'm0',
        role: 'assistant',
        content: [{ type: 'tool_call', id: 't0', name: 'Bash', input: { command: 'given up long ago' } }],
      },
      { id: 'm1', role: 'user', content: 'Deploy' },
      {
        id: 'm2',
        role: 'assistant',
        content: [{ type: 'tool_call', id: 't1', name: 'Bash', input: { command: 'deploy' } }],
      },
    ]);
    const text = (await session.briefing()) ?? '';
    assert.match(text, /^- `Bash` with `\{"command":"deploy"\}`$/m);
    assert.match(text, /they may have run or not/);
    assert.doesNotMatch(text, /given up/);
  });
});
