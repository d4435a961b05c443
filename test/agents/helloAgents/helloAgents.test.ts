import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentById, detectAgent, importTranscript } from '../../../src/agents/index.ts';
import { outline } from '../support/transcripts.ts';

const agent = agentById('helloagents');

describe('sessions of HelloAgents', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-hello-')));
    await mkdir(join(folder, 'memory/sessions'), { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const session = {
    session_id: 's-20261121-004935-df74c765',
    created_at: '2026-11-21T00:49:35.755080',
    saved_at: '2026-11-21T00:49:39.083165',
    agent_config: {
      name: 'a',
      agent_type: 'ReActAgent',
      llm_provider: 'unknown',
      llm_model: 'big',
      max_steps: 5,
      style: 'x',
    },
    history: [
      { role: 'user', content: 'hi', timestamp: '2026-11-21T00:49:38.900120', metadata: { mood: 1 } },
      { role: 'assistant', content: 'ho', timestamp: '2026-11-21T00:49:38.900187', metadata: {} },
    ],
    tool_schema_hash: '0e009af35e3f7d98',
    read_cache: {},
    metadata: { created_at: '2026-11-21T00:49:35.755080', total_tokens: 2552, total_steps: 2, duration_seconds: 3.3 },
  };
  async function put(content: unknown, name = 'memory/sessions/auto.json'): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    return file;
  }
  async function read(file: string, into = folder) {
    const outcome = await importTranscript(file, { folder: into, now: () => 0, random: () => '0123456789abcdef' });
    if (outcome.kind !== 'imported') throw new Error(outcome.kind);
    return { ...outcome, body: outcome.session.body, history: outcome.session.history };
  }

  it('have their read-cache as it was recorded, with a full stamp where the file is still that one', async () => {
    await writeFile(join(folder, 'same.ts'), 'abc');
    await writeFile(join(folder, 'later.ts'), 'abc');
    const time = new Date('2026-11-20T00:00:00Z');
    await utimes(join(folder, 'same.ts'), time, time);
    const stamp = { file_mtime_ms: time.getTime(), file_size_bytes: 3 };
    const read_cache = { 'same.ts': stamp, 'later.ts': stamp, 'gone.ts': stamp, 'bad.ts': { file_mtime_ms: 'x' } };
    const { body, counts } = await read(await put({ ...session, read_cache }));
    assert.deepEqual(Object.keys(body.read_cache ?? {}).sort(), ['gone.ts', 'later.ts', 'same.ts']);
    assert.ok(body.read_cache?.['same.ts']?.sha256 !== undefined);
    assert.deepEqual([body.read_cache['later.ts'], body.read_cache['gone.ts']], [stamp, stamp]);
    assert.deepEqual([counts.reads, counts.tokensIn, counts.models], [3, 2552, ['big']]);
  });

  it('that lie anywhere else have their files in the folder that they are imported into', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'holdfast-hello-'));
    try {
      const stamp = { file_mtime_ms: 1, file_size_bytes: 3 };
      const read_cache = { 'src/a.ts': stamp, '../../up.ts': stamp };
      const { body } = await read(await put({ ...session, read_cache }, 'mailed.json'), elsewhere);
      const [first, second] = Object.entries(body.read_cache ?? {});
      assert.deepEqual(first, ['src/a.ts', stamp]);
      assert.equal(second?.[1].outside, true);
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  it('keep what a message and the configuration have more', async () => {
    const { body, history } = await read(await put(session));
    assert.deepEqual(history[0], { id: 'm1', ...session.history[0] });
    assert.deepEqual([body.agent_config?.['style'], body.agent_config?.llm_provider], ['x', undefined]);
    assert.deepEqual(
      [body.source?.native_id, body.source?.['tool_schema_hash'], body.title],
      [session.session_id, '0e009af35e3f7d98', 'hi'],
    );
  });

  it('are told from snapshots of Holdfast, and from anything else', async () => {
    for (const [content, id] of [
      [session, 'helloagents'],
      [{ schema: 'holdfast/1', ...session }, undefined],
      [{ session_id: 'x', created_at: 'y', llm_model: 'z', conversation_history: [] }, 'helloagents'],
      [{ session_id: 'x', items: [] }, undefined],
      ['{"session_id":"x","agent_config":{},"history":[{"role":"us', 'helloagents'],
    ] as const)
      assert.equal((await detectAgent(await put(content)))?.id, id, JSON.stringify(content).slice(0, 80));
  });

  it('with messages that are none keep their places', async () => {
    const { history, problems } = await read(
      await put({ ...session, history: [7, session.history[0], { role: 'x' }] }),
    );
    assert.equal(outline(history), 'system() user(hi) system()');
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['bad-shape', 'bad-shape'],
    );
  });

  it('of two files with one id are listed once, the newest', async () => {
    const old = await put(session, 'memory/sessions/old.json');
    await put(session, 'memory/sessions/new.json');
    await put('{"torn', 'memory/sessions/torn.json');
    await utimes(old, 1, 1);
    const found = await agent.find({ home: folder }, folder);
    assert.deepEqual(
      found.map(({ transcript, turns, model, title }) => [transcript, turns, model, title]),
      [[join(folder, 'memory/sessions/new.json'), 1, 'big', 'hi']],
    );
    assert.equal(found[0]?.cwd, folder);
  });

  it('are forked with everything that they have, under a new id', async () => {
    const form = agent.native;
    assert.ok(form);
    const raw = await put({ ...session, extra: { deep: [1] } });
    const newId = form.newId(Date.UTC(2026, 10, 21, 12), 'ab'.repeat(32));
    assert.equal(newId, 's-20261121-120000-abababab');
    const { transcript } = await form.fork({ home: folder }, { raw, folder, newId, now: 0, messages: 1 });
    assert.equal(transcript, join(folder, 'memory/sessions/s-20261121-120000-abababab.json'));
    const written = JSON.parse(await readFile(transcript, 'utf8'));
    assert.deepEqual(written, {
      ...{ ...session, extra: { deep: [1] } },
      ...{ session_id: newId, saved_at: '1970-01-01T00:00:00.000000', history: [session.history[0]] },
    });
    assert.equal((await stat(transcript)).mode & 0o777, 0o600);
  });
});
