import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type AgentHome, agentById, agents, isModelName, restoreOptions } from '../../src/agents/index.ts';
import { skipBecause } from '../support/skip.ts';
import { answered, asked, codexMeta, item, rolloutLine, said, toText, typed } from './support/transcripts.ts';

const claude = agentById('claude-code');
const codex = agentById('codex');
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

describe('the search for live sessions', () => {
  let root: string;
  let folder: string;
  let where: AgentHome;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-find-')));
    folder = join(root, 'my_shop.x');
    await mkdir(folder);
    where = { home: join(root, 'home') };
  });
  afterEach(() => rm(root, { recursive: true }));

  async function write(file: string, text: string, minutesAgo = 0): Promise<string> {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    const at = Date.now() / 1000 - minutesAgo * 60;
    await utimes(file, at, at);
    return file;
  }
  const slug = (path: string) => path.replace(/[^A-Za-z0-9]/g, '-');
  const project = (path = folder) => join(where.home, '.claude', 'projects', slug(path));
  const prompt = (text: string, cwd = folder) =>
    toText([asked('u1', null, text, { cwd }), answered('a2', 'u1', 'm', [said('x')], { cwd })]);
  const rollout = (n: number, cwd: string, extra: object = {}, day = '2026/11/20') =>
    write(
      join(where.home, '.codex', 'sessions', day, `rollout-${day.replaceAll('/', '-')}T10-00-00-${id(n)}.jsonl`),
      toText([codexMeta({ id: id(n), cwd, ...extra }), typed('one'), typed('two')]),
    );

  it('finds nothing where an agent was never used', async () => {
    for (const agent of agents) assert.deepEqual(await agent.find(where, folder), []);
  });

  it('finds Claude Code transcripts by the folder, newest first, with title, turns, model and version', async () => {
    await write(join(project(), `${id(1)}.jsonl`), prompt('older'), 10);
    await write(join(project(), `${id(2)}.jsonl`), prompt('newer'), 5);
    const found = await claude.find(where, folder);
    assert.deepEqual(
      found.map(({ title, turns, model, version }) => [title, turns, model, version]),
      [
        ['newer', 1, 'claude-opus-4-5', '2.1.329'],
        ['older', 1, 'claude-opus-4-5', '2.1.329'],
      ],
    );
    assert.deepEqual(
      found.map(({ nativeId }) => nativeId),
      [id(2), id(1)],
    );
  });

  it('leaves out transcripts of sub-agents, other names and other folders that share the name', async () => {
    await write(join(project(), `${id(1)}.jsonl`), prompt('other', join(root, 'my-shop-x')));
    await write(join(project(), 'agent-abc.jsonl'), prompt('agent'));
    await write(join(project(), 'notes.jsonl'), prompt('notes'));
    await write(join(project(), id(2), 'subagents', 'agent-x.jsonl'), prompt('sub'));
    assert.deepEqual(await claude.find(where, folder), []);
  });

  it('finds a folder whose name is too long for the agent by the beginning', async () => {
    const long = join(root, 'x'.repeat(120), 'y'.repeat(120));
    await mkdir(long, { recursive: true });
    await write(
      join(where.home, '.claude', 'projects', `${slug(long).slice(0, 200)}-1abcd`, `${id(1)}.jsonl`),
      prompt('long', long),
    );
    assert.equal((await claude.find(where, long))[0]?.title, 'long');
  });

  it('sees through a symlink to the folder', async () => {
    await symlink(folder, join(root, 'link'));
    await write(join(project(), `${id(1)}.jsonl`), prompt('linked'));
    assert.equal((await claude.find(where, join(root, 'link')))[0]?.title, 'linked');
  });

  it('shows a session that went on in a new file once', async () => {
    await write(
      join(project(), `${id(1)}.jsonl`),
      toText([asked('u1', null, 'begin', { cwd: folder, sessionId: id(1) })]),
      10,
    );
    await write(
      join(project(), `${id(2)}.jsonl`),
      toText([asked('u2', 'u1', 'go on', { cwd: folder, sessionId: id(1) })]),
      5,
    );
    assert.deepEqual(
      (await claude.find(where, folder)).map(({ nativeId }) => nativeId),
      [id(2)],
    );
  });

  it('takes the last title of a transcript', async () => {
    const titles = [1, 2].map((n) => ({ type: 'custom-title', customTitle: `title ${n}`, sessionId: id(1) }));
    await write(join(project(), `${id(1)}.jsonl`), prompt('the prompt') + toText(titles));
    assert.equal((await claude.find(where, folder))[0]?.title, 'title 2');
  });

  it('reads only head and tail of a big transcript and then knows no turns', async () => {
    const filler = `${JSON.stringify({ type: 'queue-operation', content: 'x'.repeat(1000) })}\n`.repeat(5000);
    const end = toText([{ type: 'ai-title', aiTitle: 'at the end', sessionId: id(1) }]);
    await write(join(project(), `${id(1)}.jsonl`), prompt('begin') + filler + end);
    const [found] = await claude.find(where, folder);
    assert.deepEqual([found?.title, found?.turns], ['at the end', undefined]);
  });

  it('lists an empty transcript with its problem', async () => {
    await write(join(project(), `${id(1)}.jsonl`), '');
    assert.deepEqual((await claude.find(where, folder))[0]?.problems, [{ code: 'empty-file' }]);
  });

  it('takes an unreadable store for an empty one', async function () {
    if (process.getuid?.() === 0) skipBecause(this, 'root reads everything');
    await write(join(project(), `${id(1)}.jsonl`), prompt('x'));
    await chmod(join(where.home, '.claude', 'projects'), 0);
    assert.deepEqual(await claude.find(where, folder), []);
    await chmod(join(where.home, '.claude', 'projects'), 0o700);
  });

  it('obeys CLAUDE_CONFIG_DIR and CODEX_HOME', async () => {
    await write(join(project(), `${id(1)}.jsonl`), prompt('home'));
    await rollout(2, folder);
    const moved = {
      home: join(root, 'nobody'),
      env: { CLAUDE_CONFIG_DIR: join(where.home, '.claude'), CODEX_HOME: join(where.home, '.codex') },
    };
    assert.equal((await claude.find(moved, folder)).length, 1);
    assert.equal((await codex.find(moved, folder)).length, 1);
  });

  it('finds Codex threads of the folder and of folders inside it, not beside it', async () => {
    await mkdir(join(folder, 'sub'));
    await rollout(1, folder);
    await rollout(2, join(folder, 'sub'), {}, '2025/01/02');
    await rollout(3, `${folder}-two`);
    await rollout(4, root);
    const found = await codex.find(where, folder);
    assert.deepEqual(found.map(({ nativeId }) => nativeId).sort(), [id(1), id(2)]);
    assert.deepEqual([found[0]?.title, found[0]?.turns], ['one', 2]);
  });

  it('finds a Codex thread whose first line was not written yet when it was looked at first', async () => {
    const file = await rollout(1, folder);
    const text = await readFile(file);
    await truncate(file);
    assert.deepEqual(await codex.find(where, folder), []);
    await writeFile(file, text);
    assert.equal((await codex.find(where, folder))[0]?.nativeId, id(1));
  });

  it('leaves out the threads of Codex sub-agents', async () => {
    await rollout(1, folder, { source: { subagent: { thread_spawn: { parent_thread_id: id(9) } } } });
    assert.deepEqual(await codex.find(where, folder), []);
  });

  it('finds a Codex thread behind base instructions of half a megabyte', async () => {
    await rollout(1, folder, { base_instructions: { text: `"cwd":"/elsewhere" ${'x'.repeat(500_000)}` } });
    assert.equal((await codex.find(where, folder))[0]?.nativeId, id(1));
  });

  it('finds the folder of the oldest Codex threads in their first message', async () => {
    const file = join(where.home, '.codex/sessions/2025/08/01', `rollout-2025-08-01T10-00-00-${id(1)}.jsonl`);
    const context = `<environment_context>\nCurrent working directory: ${folder}\nApproval policy: never\n</environment_context>`;
    await write(
      file,
      toText([
        { id: id(1), timestamp: '2025-08-01T10:00:00.000Z', instructions: null },
        { record_type: 'state' },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: context }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello' }] },
      ]),
    );
    assert.deepEqual(
      (await codex.find(where, folder)).map(({ title, nativeId }) => [title, nativeId]),
      [['hello', id(1)]],
    );
  });

  it('knows the base of a fork by reference, and that it is gone', async () => {
    const parent = await rollout(1, folder, {}, '2025/01/02');
    const child = await rollout(2, folder, { history_base: { thread_id: id(1), end_byte_offset: 77 } });
    assert.deepEqual(await codex.baseOf?.(child), { kind: 'found', transcript: parent, bytes: 77 });
    await rm(parent);
    assert.deepEqual(await codex.baseOf?.(child), { kind: 'missing', nativeId: id(1) });
    assert.deepEqual(await claude.baseOf?.(child), { kind: 'none' });
  });

  it('tells whose transcript a file is by its head', () => {
    const heads: readonly (readonly [string, string | undefined])[] = [
      [prompt('x'), 'claude-code'],
      [toText([{ type: 'summary', summary: 's', leafUuid: 'u' }]), 'claude-code'],
      [toText([codexMeta()]).slice(0, 100), 'codex'],
      [toText([{ id: id(1), timestamp: 't' }, { record_type: 'state' }]), 'codex'],
      [toText([item({ type: 'message', role: 'user', content: [] }), rolloutLine('x', {})]), 'codex'],
      ['{\n"schema": "holdfast/1",\n"session_id": "s-20261120-a3f2d8e1",\n', undefined],
      [JSON.stringify({ session_id: 's', turns: 1, history: [{ role: 'user', content: 'x' }] }), 'helloagents'],
      // Nothing of it is HelloAgents' own but the names.
      [JSON.stringify({ session_id: 's', history: [{ role: 'user', content: 'x' }] }), 'messages'],
      ['', undefined],
      ['no json', undefined],
    ];
    for (const [head, agent] of heads)
      assert.equal(agents.find((one) => one.recognises(head, 'x.jsonl'))?.id, agent, head.slice(0, 60));
  });

  it('reads the model from the settings of the agents, the nearest first, and nothing from a broken file', async () => {
    await write(join(where.home, '.claude/settings.json'), '{"model":"claude-a"}');
    await write(join(folder, '.claude/settings.local.json'), '{"model":"claude-b"}');
    assert.equal((await claude.currentConfig(where, folder)).llm_model, 'claude-b');
    await write(join(folder, '.claude/settings.local.json'), '{"model":"opus"}');
    assert.equal((await claude.currentConfig(where, folder)).llm_model, 'claude-a');
    await write(join(where.home, '.claude/settings.json'), '{');
    assert.equal((await claude.currentConfig(where, folder)).llm_model, undefined);
    await write(
      join(where.home, '.codex/config.toml'),
      'model = "gpt-5.5"\nmodel_provider = "p"\nprofile = "fast"\n[profiles.fast]\nmodel = "mini"\n',
    );
    const config = await codex.currentConfig(where, folder);
    assert.deepEqual([config.llm_model, config.llm_provider], ['mini', 'p']);
    await write(join(where.home, '.codex/config.toml'), 'model = ');
    assert.equal((await codex.currentConfig(where, folder)).llm_model, undefined);
  });

  it('gives a resume command for an id, and for nothing else', () => {
    assert.deepEqual(claude.native?.resumeCommand?.(id(1)), { command: 'claude', args: ['--resume', id(1)] });
    assert.deepEqual(codex.native?.resumeCommand?.(id(1)), { command: 'codex', args: ['resume', id(1)] });
    const started = agents.filter(({ native }) => native?.resumeCommand !== undefined);
    assert.ok(started.length >= 6);
    for (const { id: name, native } of started)
      for (const hostile of ['x; rm -rf ~', '', '--help', '../x', `${id(1)}\n`, `$(${id(1)})`])
        assert.throws(() => native?.resumeCommand?.(hostile), /not a session id/, `${name} ${hostile}`);
  });

  it('puts model, provider and first message into the resume command, the message last and no flag', () => {
    const more = { prompt: '-rf\n$(x)', model: 'one', provider: 'corp' };
    assert.deepEqual(claude.native?.resumeCommand?.(id(1), more).args, [
      ...['--resume', id(1), '--model', 'one', '--', '-rf\n$(x)'],
    ]);
    assert.deepEqual(codex.native?.resumeCommand?.(id(1), more).args, [
      ...['resume', id(1), '-m', 'one', '-c', 'model_provider=corp', '--', '-rf\n$(x)'],
    ]);
  });

  it('restores of a saved configuration what the agent takes, and only names that no shell reads as more', () => {
    const saved = { llm_model: 'claude-opus-4-5[1m]', llm_provider: 'corp', max_steps: 3 };
    assert.deepEqual(restoreOptions(claude, saved), { model: 'claude-opus-4-5[1m]' });
    assert.deepEqual(restoreOptions(codex, saved), { model: 'claude-opus-4-5[1m]', provider: 'corp' });
    for (const name of [
      '',
      '-m',
      '--model',
      'a b',
      'a;b',
      'a&b',
      '$x',
      '`x`',
      'a"b',
      "a'b",
      'a%b%',
      'a\nb',
      'x'.repeat(129),
    ]) {
      assert.ok(!isModelName(name), name);
      assert.deepEqual(restoreOptions(codex, { llm_model: name, llm_provider: name }), {}, name);
    }
    for (const name of ['gpt-5.5', 'us.anthropic/claude-x:0', 'claude@20251101', 'o3'])
      assert.ok(isModelName(name), name);
    for (const name of ['true', 'inf', '1', 'a.b', '[x]']) {
      assert.deepEqual(restoreOptions(codex, { llm_provider: name }), {}, name);
    }
  });
});
