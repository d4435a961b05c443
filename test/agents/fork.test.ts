import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Agent, agentById, importTranscript, type NativeForm } from '../../src/agents/index.ts';
import { makeSampleWorkspace, type SampleWorkspace } from '../support/sampleWorkspace.ts';
import {
  answered,
  asked,
  called,
  claudeLine,
  codexMeta,
  item,
  outline,
  printed,
  ran,
  replied,
  resulted,
  rolloutLine,
  SID,
  said,
  toText,
  typed,
} from './support/transcripts.ts';

/** Both agents can be given sessions. */
function native(agent: Agent): NativeForm {
  assert.ok(agent.native);
  return agent.native;
}

const NEW = '99999999-0000-4000-8000-000000000000';
const NOW = Date.UTC(2026, 10, 21, 12);

describe('a native fork', function () {
  this.timeout(20_000);
  let root: string;
  let sample: SampleWorkspace;
  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-fork-')));
    sample = makeSampleWorkspace(root, NOW);
  });
  after(() => rm(root, { recursive: true }));
  afterEach(() =>
    Promise.all([
      rm(join(sample.home, '.claude'), { recursive: true, force: true }),
      rm(join(sample.home, '.codex/sessions'), { recursive: true, force: true }),
    ]),
  );

  const where = () => ({ home: sample.home });
  async function read(file: string) {
    const outcome = await importTranscript(file, {
      folder: sample.folder,
      now: () => NOW,
      random: () => '0123456789abcdef',
    });
    assert.equal(outcome.kind, 'imported');
    if (outcome.kind !== 'imported') throw new Error('unreachable');
    return outcome;
  }
  async function fork(
    agent: Agent,
    lines: readonly (object | string)[],
    options: { upTo?: number; title?: string } = {},
  ) {
    const raw = join(root, 'source.jsonl');
    await writeFile(raw, toText(lines));
    const before = await readFile(raw);
    const made = await native(agent).fork(where(), { raw, folder: sample.folder, newId: NEW, now: NOW, ...options });
    assert.deepEqual(await readFile(raw), before);
    const written = (await readFile(made.transcript, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    return { ...made, written, outline: outline((await read(made.transcript)).session.history), source: raw };
  }
  const claude = agentById('claude-code');
  const codex = agentById('codex');

  const talk = [
    { type: 'summary', summary: 's', leafUuid: 'u1' },
    asked('u1', null, 'one', { teamName: 'team', entrypoint: 'sdk-ts' }),
    claudeLine('progress', 'p2', 'u1', undefined),
    answered('a3', 'p2', 'm1', [said('two')]),
    asked('s4', null, 'sub', { isSidechain: true }),
    asked('u5', 'a3', 'abandoned'),
    asked('u6', 'a3', 'three'),
    answered('a7', 'u6', 'm2', [called('t1', 'Read', {}), called('t2', 'Read', {})]),
    resulted('r8', 'a7', 't1', 'x'),
    resulted('r9', 'a7', 't2', 'x'),
    answered('a10', 'r9', 'm3', [said('four')]),
  ];

  it('of Claude Code holds the active branch under the new id, and neither sub-agents nor progress', async () => {
    const made = await fork(claude, talk, { title: 'A fork' });
    assert.equal(
      made.outline,
      'user(one) assistant(two) user(three) assistant(Read#t1 Read#t2) tool(#t1) tool(#t2) assistant(four)',
    );
    assert.deepEqual(
      made.written.map(({ uuid, type }) => uuid ?? type),
      ['u1', 'a3', 'u6', 'a7', 'r8', 'r9', 'a10', 'custom-title'],
    );
    assert.ok(made.written.every((line) => line.sessionId === NEW));
    assert.ok(made.written.every((line) => line.type === 'custom-title' || line.cwd === sample.folder));
    assert.equal(made.written[1].parentUuid, 'u1');
    assert.deepEqual([made.written[0].teamName, made.written[0].entrypoint], [undefined, 'cli']);
    assert.equal((await stat(made.transcript)).mode & 0o777, 0o600);
    assert.equal((await claude.find(where(), sample.folder))[0]?.title, 'A fork');
  });

  it('of Claude Code keeps the form that its loader looks for', async () => {
    const { transcript } = await fork(claude, talk);
    for (const line of (await readFile(transcript, 'utf8')).trimEnd().split('\n')) {
      assert.match(line, /^\{"parentUuid":/);
      assert.match(line, /"uuid":"[^"]+","timestamp":"/);
    }
  });

  it('at a message ends there, and answers its open calls', async () => {
    const source = join(root, 'whole.jsonl');
    await writeFile(source, toText(talk));
    const { history } = (await read(source)).session;
    const upTo = async (n: number) => {
      const made = await fork(claude, talk, { upTo: history[n - 1]?.raw?.to ?? 0 });
      await rm(made.transcript);
      return made.outline;
    };
    assert.equal(await upTo(1), 'user(one)');
    assert.equal(await upTo(3), 'user(one) assistant(two) user(three)');
    assert.equal(await upTo(4), 'user(one) assistant(two) user(three) assistant(Read#t1 Read#t2) tool(#t1 #t2)');
    assert.equal(await upTo(5), 'user(one) assistant(two) user(three) assistant(Read#t1 Read#t2) tool(#t1) tool(#t2)');
  });

  it('never overwrites a transcript', async () => {
    const { transcript } = await fork(claude, talk);
    const before = await readFile(transcript);
    await assert.rejects(fork(claude, talk), { code: 'EEXIST' });
    assert.deepEqual(await readFile(transcript), before);
  });

  for (const agent of [claude, codex]) {
    it(`of ${agent.label} makes no second session of one id, in any folder`, async () => {
      const lines = agent === claude ? talk : thread;
      const { transcript } = await fork(agent, lines);
      assert.equal(await native(agent).transcriptOf(where(), NEW), transcript);
      const elsewhere = { raw: join(root, 'source.jsonl'), folder: root, newId: NEW, now: NOW + 86_400_000 };
      await assert.rejects(native(agent).fork(where(), elsewhere), { code: 'EEXIST', path: transcript });
      assert.equal(await native(agent).transcriptOf(where(), '00000000-0000-4000-8000-000000000000'), undefined);
    });
  }

  it('of Claude Code is none where the conversation begins in another file: half of it would be missing', async () => {
    const first = join(root, `${SID}.jsonl`);
    const raw = join(root, '22222222-0000-4000-8000-000000000000.jsonl');
    await writeFile(first, toText([asked('u1', null, 'one'), answered('a2', 'u1', 'm1', [said('two')])]));
    await writeFile(raw, toText([asked('u3', 'a2', 'three'), answered('a4', 'u3', 'm2', [said('four')])]));
    const target = { folder: sample.folder, newId: '55555555-0000-4000-8000-000000000000', now: NOW };
    await assert.rejects(native(claude).fork(where(), { ...target, raw }), { name: 'InvalidTranscript' });
  });

  it('of Codex under the id that it has is no fork of itself', async () => {
    const { written } = await fork(codex, [codexMeta({ id: NEW }), ...thread.slice(1)]);
    assert.deepEqual([written[0].payload.id, 'forked_from_id' in written[0].payload], [NEW, false]);
  });

  it('needs a message, and a UUID', async () => {
    await assert.rejects(fork(claude, [{ type: 'summary', summary: 's', leafUuid: 'u' }]), {
      problems: [{ code: 'empty' }],
    });
    await assert.rejects(fork(codex, ['no JSON']), { problems: [{ code: 'empty' }] });
    for (const agent of [claude, codex]) {
      await assert.rejects(
        native(agent).fork(where(), {
          raw: join(root, 'source.jsonl'),
          folder: sample.folder,
          newId: '../x',
          now: NOW,
        }),
        /UUID/,
      );
    }
  });

  it('of a minimal Claude Code file gets every field that the agent needs', async () => {
    const line = (type: string, content: string) => ({ type, message: { role: type, content } });
    const { written } = await fork(claude, [line('user', 'one'), line('assistant', 'two')]);
    for (const made of written)
      assert.ok(made.uuid && made.timestamp && made.sessionId === NEW && 'parentUuid' in made);
    assert.equal(written[1].parentUuid, written[0].uuid);
  });

  const thread = [
    codexMeta({ session_id: 'old', git: { branch: 'main' } }),
    rolloutLine('event_msg', { type: 'task_started', turn_id: 't' }),
    typed('one'),
    ran('c1', 'ls'),
    printed('c1', 'x'),
    replied('two'),
  ];

  it('of Codex has one head with the new id, a time on every line, and is listed', async () => {
    const { timestamp, ...untimed } = replied('three') as { timestamp: string };
    const made = await fork(codex, [...thread, codexMeta({ id: 'parent' }), untimed], { title: 'A fork' });
    assert.equal(made.outline, 'user(one) assistant(exec_command#c1) tool(#c1) assistant(two) assistant(three)');
    assert.deepEqual(made.written.filter(({ type }) => type === 'session_meta').length, 1);
    const { payload } = made.written[0];
    assert.deepEqual(
      [payload.id, payload.session_id, payload.cwd, payload.forked_from_id],
      [NEW, NEW, sample.folder, '11111111-2222-4333-8444-555555555555'],
    );
    assert.ok(made.written.every((line) => typeof line.timestamp === 'string'));
    assert.ok(made.written.some((line) => line.payload.type === 'user_message'));
    assert.match(basename(made.transcript), /^rollout-2026-11-2\dT\d\d-\d\d-\d\d-9{8}-/);
    assert.deepEqual(
      (await codex.find(where(), sample.folder)).map(({ title, forkedFrom }) => [title, forkedFrom]),
      [['A fork', '11111111-2222-4333-8444-555555555555']],
    );
    void timestamp;
  });

  it('of Codex ends at the message, answers open calls and closes the turn', async () => {
    const source = join(root, 'thread.jsonl');
    await writeFile(source, toText(thread));
    const { history } = (await read(source)).session;
    const made = await fork(codex, thread, { upTo: history[1]?.raw?.to ?? 0 });
    assert.equal(made.outline, 'user(one) assistant(exec_command#c1) tool(#c1)');
    assert.equal(made.written.at(-1).payload.type, 'task_complete');
  });

  it('of a numbered Codex thread is numbered without a gap', async () => {
    const numbered = [codexMeta({ history_mode: 'paginated' }), ...thread.slice(1)].map((line, index) => ({
      ...line,
      ordinal: index * 3,
    }));
    const { written } = await fork(codex, numbered);
    assert.deepEqual(
      written.map(({ ordinal }) => ordinal),
      written.map((_, index) => index),
    );
  });

  it('of a Codex thread that is a fork by reference holds its base too', async () => {
    const sessions = join(sample.home, '.codex/sessions/2026/11/20');
    const parent = await fork(codex, thread);
    const bytes = (await stat(parent.transcript)).size;
    const raw = join(sessions, 'rollout-2026-11-20T10-00-00-22222222-0000-4000-8000-000000000000.jsonl');
    const { mkdir } = await import('node:fs/promises');
    await mkdir(sessions, { recursive: true });
    await writeFile(
      raw,
      toText([codexMeta({ history_base: { thread_id: NEW, end_byte_offset: bytes } }), typed('more')]),
    );
    const made = await native(codex).fork(where(), {
      raw,
      folder: sample.folder,
      newId: '33333333-0000-4000-8000-000000000000',
      now: NOW,
    });
    const text = await readFile(made.transcript, 'utf8');
    assert.equal(
      outline((await read(made.transcript)).session.history),
      'user(one) assistant(exec_command#c1) tool(#c1) assistant(two) user(more)',
    );
    assert.equal(text.includes('history_base'), false);
    await rm(parent.transcript);
    await assert.rejects(
      native(codex).fork(where(), {
        raw,
        folder: sample.folder,
        newId: '44444444-0000-4000-8000-000000000000',
        now: NOW,
      }),
      { name: 'InvalidTranscript' },
    );
  });

  it('of the sample sessions reads back as the same conversation', async () => {
    makeSampleWorkspace(root, NOW);
    for (const agent of [claude, codex]) {
      for (const session of await agent.find(where(), sample.folder)) {
        const newId = session.nativeId.replace(/^.{8}/, '77777777');
        const made = await native(agent).fork(where(), {
          raw: session.transcript,
          folder: sample.folder,
          newId,
          now: NOW,
        });
        assert.equal(
          outline((await read(made.transcript)).session.history),
          outline((await read(session.transcript)).session.history),
        );
      }
    }
  });

  it('keeps an item of a kind that nobody knows', async () => {
    const made = await fork(codex, [...thread, item({ type: 'ghost_snapshot', ghost_commit: { id: 'x' } })]);
    assert.ok(made.written.some((line) => line.payload.type === 'ghost_snapshot'));
  });
});
