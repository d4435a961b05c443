import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  type Agent,
  agentById,
  commandFor,
  type GiveOptions,
  giveSession,
  importTranscript,
  planGift,
} from '../../../src/agents/index.ts';
import { type Message, openStore, type Session, type SessionStore } from '../../../src/core/index.ts';
import {
  answered,
  asked,
  called,
  claudeLine,
  codexMeta,
  outline,
  printed,
  ran,
  replied,
  resulted,
  SID,
  said,
  toText,
  typed,
} from '../support/transcripts.ts';

const claude = agentById('claude-code');
const codex = agentById('codex');
const gemini = agentById('gemini');

describe('giving a session to an agent', function () {
  this.timeout(20_000);
  let root: string;
  let folder: string;
  let home: string;
  let store: SessionStore;
  let number = 0;
  let clock = Date.UTC(2026, 10, 21, 12);
  const now = (): number => (clock += 1000);
  const random = (): string => (++number).toString(16).padStart(16, '0');

  beforeEach(() => {
    root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-give-')));
    folder = path.join(root, 'shop');
    home = path.join(root, 'home');
    fs.mkdirSync(folder);
    store = openStore({ folder, now, random });
  });
  afterEach(async () => {
    await store.close();
    fs.rmSync(root, { recursive: true });
  });

  const gift = (to: Agent, more: Partial<GiveOptions> = {}): GiveOptions => ({
    ...{ store, name: 'talk', to, where: { home }, folder, now },
    ...more,
  });

  /** Puts a transcript where its agent keeps it, and saves it. */
  async function saved(agent: Agent, lines: readonly (object | string)[], name = 'talk', id = SID): Promise<string> {
    const file =
      agent === claude
        ? path.join(home, '.claude/projects', folder.replace(/[^A-Za-z0-9]/g, '-'), `${id}.jsonl`)
        : path.join(home, '.codex/sessions/2026/11/20', `rollout-2026-11-20T10-00-00-${id}.jsonl`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, toText(lines));
    const outcome = await importTranscript(file, { agent: agent.id, folder, store, now, random });
    if (outcome.kind !== 'imported') throw new Error(outcome.kind);
    assert.equal((await store.save(name, outcome.session, undefined)).kind, 'saved');
    return file;
  }
  const talk = (): readonly object[] => [
    asked('u1', null, 'one', { cwd: folder }),
    answered(
      'a2',
      'u1',
      'm1',
      [
        { type: 'thinking', thinking: 'hm', signature: 'SIGNED' },
        called('t1', 'Read', { file_path: `${folder}/a.js` }),
      ],
      { cwd: folder },
    ),
    resulted('r3', 'a2', 't1', '1\tconst a = 1;\n2\t', { cwd: folder }),
    answered('a4', 'r3', 'm2', [said('two')], { cwd: folder }),
  ];
  async function conversation(transcript: string): Promise<readonly Message[]> {
    const read = await importTranscript(transcript, { folder, now, random });
    return read.kind === 'imported' ? read.session.history : [];
  }
  async function given(to: Agent, more: Partial<GiveOptions> = {}) {
    const outcome = await giveSession(gift(to, more));
    if (outcome.kind !== 'given') throw new Error(JSON.stringify(outcome));
    return { ...outcome, outline: outline(await conversation(outcome.transcript)) };
  }
  const files = (): string[] =>
    fs.existsSync(home)
      ? fs
          .readdirSync(home, { recursive: true, withFileTypes: true })
          .flatMap((one) => (one.isFile() ? [path.join(one.parentPath, one.name)] : []))
      : [];

  it('writes nothing where its own agent has it', async () => {
    const file = await saved(claude, talk());
    const before = fs.readFileSync(file);
    assert.deepEqual(await planGift(gift(claude)), { kind: 'present', nativeId: SID, transcript: file });
    assert.deepEqual(await giveSession(gift(claude)), { kind: 'given', nativeId: SID, transcript: file });
    assert.deepEqual([files(), fs.readFileSync(file)], [[file], before]);
  });

  it('makes no second one where its own agent keeps it for another folder', async () => {
    const file = await saved(claude, talk());
    const other = path.join(path.dirname(path.dirname(file)), '-elsewhere', path.basename(file));
    fs.mkdirSync(path.dirname(other));
    fs.renameSync(file, other);
    for (const outcome of [await planGift(gift(claude)), await giveSession(gift(claude))])
      assert.deepEqual(outcome, { kind: 'elsewhere', nativeId: SID, transcript: other });
    assert.deepEqual(files(), [other]);
  });

  it('writes the mirrored bytes again where its own agent has lost it: nothing is missing', async () => {
    const file = await saved(claude, talk());
    fs.rmSync(file);
    assert.deepEqual(await planGift(gift(claude)), { kind: 'to-write', nativeId: SID, from: 'raw' });
    assert.deepEqual(files(), []);
    const { nativeId, transcript, report } = await given(claude);
    assert.deepEqual([nativeId, transcript, report], [SID, file, undefined]);
    assert.match(fs.readFileSync(file, 'utf8'), /SIGNED/);
  });

  it('writes the messages where no bytes were kept, without what holds for one account only', async () => {
    const file = await saved(claude, talk());
    fs.rmSync(file);
    fs.rmSync(path.join(store.root, 'raw'), { recursive: true });
    const plan = await planGift(gift(claude, { staleFiles: new Set() }));
    assert.ok(plan.kind === 'to-write' && plan.from === 'messages');
    assert.deepEqual([plan.report?.reasoningDropped, plan.report?.callsKept], [1, 1]);
    const made = await given(claude, { staleFiles: new Set() });
    assert.equal(made.outline, 'user(one) assistant(Read#t1) tool(#t1) assistant(two)');
    assert.doesNotMatch(fs.readFileSync(made.transcript, 'utf8'), /SIGNED/);
    assert.equal(made.report?.messages, 4);
  });

  it('writes the messages where the mirror is shorter than it should be', async () => {
    const file = await saved(claude, talk());
    fs.rmSync(file);
    const [mirror = ''] = fs.readdirSync(path.join(store.root, 'raw'));
    fs.truncateSync(path.join(store.root, 'raw', mirror), 100);
    assert.equal(
      (await given(claude, { staleFiles: new Set() })).outline,
      'user(one) assistant(Read#t1) tool(#t1) assistant(two)',
    );
  });

  it('writes a fork of ours up to its last message, with an answer for a call that the cut parted', async () => {
    for (const [agent, lines, wanted] of [
      [claude, talk(), 'user(one) assistant(hm Read#t1) tool(#t1)'],
      [
        codex,
        [codexMeta({ cwd: folder }), typed('one'), ran('c1', 'ls'), printed('c1', 'x'), replied('two')],
        'user(one) assistant(exec_command#c1) tool(#c1)',
      ],
    ] as const) {
      await saved(agent, lines, agent.id);
      const forked = await store.fork(agent.id, { name: `${agent.id} fork`, messages: 2 });
      assert.equal(forked.kind, 'forked');
      const plan = await planGift(gift(agent, { name: `${agent.id} fork` }));
      assert.ok(plan.kind === 'to-write' && plan.from === 'raw' && plan.nativeId !== SID);
      const made = await given(agent, { name: `${agent.id} fork` });
      assert.deepEqual([made.nativeId, made.outline], [plan.nativeId, wanted]);
      const [last] = (await conversation(made.transcript)).slice(-1);
      assert.match(JSON.stringify(last), /"interrupted"/);
      // It went on there: that is the fork from now on.
      assert.equal((await planGift(gift(agent, { name: `${agent.id} fork` }))).kind, 'present');
    }
  });

  it('writes the messages of a thread that continues another one by reference, of which only they are whole here', async () => {
    const base = 'bbbbbbbb-0000-4000-8000-000000000000';
    const first = [codexMeta({ id: base, cwd: folder }), typed('one'), replied('two')];
    const parent = await saved(codex, first, 'parent', base);
    const bytes = fs.statSync(parent).size;
    const meta = codexMeta({ cwd: folder, history_base: { thread_id: base, end_byte_offset: bytes } });
    const file = await saved(codex, [meta, typed('three'), replied('four')]);
    fs.rmSync(file);
    const plan = await planGift(gift(codex));
    assert.ok(plan.kind === 'to-write' && plan.from === 'messages');
    assert.equal((await given(codex)).outline, 'user(one) assistant(two) user(three) assistant(four)');
  });

  it('hands it over to another agent, once, and anew when it has grown', async () => {
    fs.writeFileSync(path.join(folder, 'a.js'), 'const a = 1;\n');
    const file = await saved(claude, talk());
    const before = fs.readFileSync(file);
    const plan = await planGift(gift(codex));
    assert.ok(plan.kind === 'to-write' && plan.from === 'messages');
    assert.deepEqual([plan.report?.callsMapped, plan.report?.reasoningDropped], [1, 1]);
    const made = await given(codex);
    assert.equal(made.nativeId, plan.nativeId);
    assert.equal(made.outline, 'user(one) assistant(exec_command#t1) tool(#t1) assistant(two)');
    assert.deepEqual(
      (await codex.find({ home }, folder)).map(({ nativeId }) => nativeId),
      [plan.nativeId],
    );
    assert.deepEqual(await giveSession(gift(codex)), {
      kind: 'given',
      nativeId: plan.nativeId,
      transcript: made.transcript,
    });
    const message: Message = { id: 'u9', role: 'user', content: 'more' };
    assert.equal((await store.append('talk', [{ type: 'message', message }])).kind, 'appended');
    const grown = await given(codex);
    assert.notEqual(grown.nativeId, made.nativeId);
    assert.equal(grown.outline, `${made.outline} user(more)`);
    const shorter = await planGift(gift(codex, { reduction: { dropToolOutputs: true } }));
    assert.ok(shorter.kind === 'to-write' && ![made.nativeId, grown.nativeId].includes(shorter.nativeId));
    assert.deepEqual(fs.readFileSync(file), before);
    assert.deepEqual(
      fs.readdirSync(store.root).filter((name) => name.includes('rollout')),
      [],
    );
  });

  it('hands it over anew when its last message has more words than it had', async () => {
    await saved(claude, talk());
    const first = await given(codex);
    const { kind } = await store.append('talk', [
      { type: 'message', message: { id: 'm2', role: 'assistant', content: 'two and three' } },
    ]);
    assert.equal(kind, 'appended');
    const second = await given(codex);
    assert.notEqual(second.nativeId, first.nativeId);
    assert.match(second.outline, /assistant\(two and three\)$/);
    assert.equal((await given(codex)).nativeId, second.nativeId);
  });

  it('puts no title into an agent’s list that would paint over its terminal', async () => {
    await saved(claude, talk());
    const title = `\u001b[2J\u202eone\r\ntwo\ud800 ${'x'.repeat(1000)}`;
    assert.equal((await store.append('talk', [{ type: 'head', set: { title } }])).kind, 'appended');
    const { transcript } = await given(codex);
    const [live] = await codex.find({ home }, folder);
    assert.equal(live?.transcript, transcript);
    assert.match(live?.title ?? '', /^\\u001b\[2J\\u202eone\\u000d two\ufffd x+…$/);
    assert.equal(live?.title?.length, 200);
  });

  it('names the provider that a thread of Codex was begun with, where Codex would start with another', async () => {
    const begun = (provider: string) => [
      codexMeta({ cwd: folder, model_provider: provider }),
      typed('one'),
      replied('two'),
    ];
    const config = path.join(home, '.codex/config.toml');
    const file = await saved(codex, begun('corp'));
    const resumed = async () => {
      const plan = await planGift(gift(codex));
      assert.ok(plan.kind === 'present' || plan.kind === 'to-write');
      return [plan.kind, plan.kind === 'to-write' ? plan.from : '', plan.resumeWith?.provider];
    };
    assert.deepEqual(await resumed(), ['present', '', undefined], 'Codex itself says that it does not know it');
    fs.writeFileSync(config, '[model_providers.corp]\nname = "x"\n');
    assert.deepEqual(await resumed(), ['present', '', 'corp']);
    fs.writeFileSync(config, 'model_provider = "corp"\n[model_providers.corp]\nname = "x"\n');
    assert.deepEqual(await resumed(), ['present', '', undefined]);

    fs.rmSync(file);
    assert.deepEqual(await resumed(), ['to-write', 'raw', undefined]);
    fs.writeFileSync(config, '[model_providers.corp]\nname = "x"\n');
    assert.deepEqual(await resumed(), ['to-write', 'raw', 'corp']);
    // Set up by nobody here: the thread would be refused, a new one with its messages is not.
    fs.writeFileSync(config, '[model_providers.toString]\n');
    assert.deepEqual(await resumed(), ['to-write', 'messages', undefined]);
    const { transcript, resumeWith } = await given(codex);
    assert.equal(resumeWith, undefined);
    assert.doesNotMatch(fs.readFileSync(transcript, 'utf8'), /corp/);

    const hostile = await saved(codex, begun('$(touch x)'), 'hostile', '33333333-0000-4000-8000-000000000000');
    fs.writeFileSync(config, '[model_providers."$(touch x)"]\n');
    const plan = await planGift(gift(codex, { name: 'hostile' }));
    assert.ok(plan.kind === 'present' && plan.transcript === hostile && plan.resumeWith === undefined);
  });

  it('hands over nothing that was read of a file which has changed since', async () => {
    fs.writeFileSync(path.join(folder, 'a.js'), 'const a = 2;\n');
    await saved(claude, talk());
    const { transcript } = await given(codex);
    assert.doesNotMatch(fs.readFileSync(transcript, 'utf8'), /const a = 1/);
    assert.match(fs.readFileSync(transcript, 'utf8'), /Read it again/);
    fs.writeFileSync(path.join(folder, 'a.js'), 'const a = 1;\n');
    const fresh = await given(codex, { where: { home: path.join(root, 'other') } });
    assert.match(fs.readFileSync(fresh.transcript, 'utf8'), /const a = 1/);
  });

  it('hands over a session of another machine, with paths as they are here', async () => {
    const there = 'C:\\Users\\dev\\shop';
    const [first, second, ...rest] = talk();
    const call = answered('a2', 'u1', 'm1', [called('t1', 'Read', { file_path: `${there}\\src\\a.js` })], {
      cwd: there,
    });
    assert.ok(first && second);
    fs.mkdirSync(path.join(folder, 'src'));
    fs.writeFileSync(path.join(folder, 'src/a.js'), 'const a = 1;\n');
    await saved(claude, [{ ...first, cwd: there }, call, ...rest.map((line) => ({ ...line, cwd: there }))]);
    const { transcript } = await given(codex, { staleFiles: new Set() });
    assert.match(fs.readFileSync(transcript, 'utf8'), /"\{\\"cmd\\":\\"cat src\/a\.js\\"\}"/);
    // Of another user, and another home: its own agent takes its bytes.
    const other = { home: path.join(root, 'another home') };
    const own = await given(claude, { where: other });
    assert.ok(own.transcript.startsWith(other.home));
    assert.equal((await claude.find(other, folder))[0]?.cwd, folder);
  });

  it('hands over outputs and images that lie in files of their own', async () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGVsbG8=' } };
    const content = [
      { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'y'.repeat(100_000) }, image] },
    ];
    await saved(claude, [
      asked('u1', null, 'one', { cwd: folder }),
      answered('a2', 'u1', 'm1', [called('t1', 'Bash', { command: 'x' })]),
      claudeLine('user', 'r3', 'a2', { role: 'user', content }),
    ]);
    assert.ok(fs.readdirSync(path.join(store.root, 'blobs')).length > 0);
    const { transcript, report } = await given(codex);
    const text = fs.readFileSync(transcript, 'utf8');
    assert.ok(text.includes('y'.repeat(100_000)) && text.includes('data:image/png;base64,aGVsbG8='));
    assert.equal(report?.imagesKept, 1);
  });

  it('keeps what the session has pinned, however short it is made', async () => {
    await saved(claude, [...talk(), asked('u5', 'a4', 'three'), answered('a6', 'u5', 'm5', [said('four')])]);
    assert.equal((await store.setMarks('talk', { pinned_messages: ['a4'] })).kind, 'marked');
    const { outline: told } = await given(codex, { reduction: { lastTurns: 1 } });
    assert.match(told, /assistant\(two\) user\(three\) assistant\(four\)$/);
    assert.doesNotMatch(told, /Read/);
    assert.equal((await store.setMarks('talk', { pinned_messages: ['a4', 'a2'] })).kind, 'marked');
    const { outline: more } = await given(codex, { reduction: { lastTurns: 1 } });
    assert.match(more, /exec_command#t1/);
  });

  it('gives its own agent a shorter form as a session of its own', async () => {
    const file = await saved(claude, [...talk(), asked('u5', 'a4', 'three')]);
    const made = await given(claude, { reduction: { lastTurns: 1 } });
    assert.notEqual(made.transcript, file);
    assert.match(made.outline, /^user\(\[This conversation was made shorter .*\] one three\)$/);
  });

  it('refuses what cannot be given, and writes nothing', async () => {
    await saved(claude, talk());
    const before = files();
    const { native: _, ...byNobody } = codex;
    const code = async (to: Agent, name = 'talk') => {
      const outcome = await giveSession(gift(to, { name }));
      return outcome.kind === 'refused' ? outcome.code : outcome.kind;
    };
    assert.equal(await code(byNobody), 'not-native');
    assert.equal(await code(codex, 'none'), 'not-open');
    assert.equal(await code(codex, '../talk'), 'not-open');
    fs.writeFileSync(path.join(store.root, 'broken.json'), 'no');
    assert.equal(await code(codex, 'broken'), 'not-open');
    const newer = fs.readFileSync(path.join(store.root, 'talk.json'), 'utf8').replace('holdfast/1', 'holdfast/9');
    fs.writeFileSync(path.join(store.root, 'newer.json'), newer);
    assert.equal(await code(codex, 'newer'), 'newer-schema');
    const set = { source: { agent: 'claude-code', native_id: '$(touch x)' } };
    assert.equal((await store.append('talk', [{ type: 'head', set }])).kind, 'appended');
    assert.deepEqual(await giveSession(gift(claude)), { kind: 'refused', code: 'unsafe-id', detail: '$(touch x)' });
    assert.deepEqual(files(), before);
  });

  it('tells of a session in which nobody says anything, and leaves nothing behind', async () => {
    const session: Session = { body: { session_id: 's-1', created_at: '2026-11-20T10:00:00.000Z' }, history: [] };
    assert.equal((await store.save('talk', session, undefined)).kind, 'saved');
    for (const to of [claude, codex, gemini])
      assert.deepEqual(await giveSession(gift(to)), { kind: 'invalid', problems: [{ code: 'empty' }] });
    assert.deepEqual(files(), []);
  });

  it('tells the same of one whose agent wrote nothing but its head', async () => {
    for (const [name, to, text] of [
      ['claude', claude, '{"type":"summary","summary":"s","leafUuid":"u"}\n'],
      ['codex', codex, toText([codexMeta({ cwd: folder })])],
      [
        'gemini',
        gemini,
        `{"sessionId":"${SID}","projectHash":"x","startTime":"2026-11-20T10:00:00.000Z","kind":"main"}\n`,
      ],
    ] as const) {
      const file = path.join(root, `${SID}.jsonl`);
      fs.writeFileSync(file, text);
      const read = await importTranscript(file, { agent: to, folder, store, now, random });
      assert.ok(read.kind === 'imported');
      const body = { ...read.session.body, source: { ...read.session.body.source, agent: to.id, native_id: SID } };
      assert.equal((await store.save(name, { ...read.session, body }, undefined)).kind, 'saved');
      assert.ok(fs.existsSync(path.join(store.root, body.source.raw?.file ?? '-')));
      assert.deepEqual(await giveSession(gift(to, { name })), { kind: 'invalid', problems: [{ code: 'empty' }] }, name);
    }
    assert.deepEqual(files(), []);
  });

  it('writes all of a transcript whose last line has no end', async () => {
    const file = await saved(claude, talk());
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').trimEnd());
    const outcome = await importTranscript(file, { folder, store, now, random });
    assert.ok(outcome.kind === 'imported');
    assert.equal((await store.save('endless', outcome.session, undefined)).kind, 'saved');
    fs.rmSync(file);
    const plan = await planGift(gift(claude, { name: 'endless' }));
    assert.ok(plan.kind === 'to-write' && plan.from === 'raw');
    const made = await given(claude, { name: 'endless' });
    assert.equal(made.outline, 'user(one) assistant(hm Read#t1) tool(#t1) assistant(two)');
  });

  it('takes the messages where the agent would take its own bytes amiss', async () => {
    const unnamed = { type: 'tool_use', name: 'Bash', input: { command: 'ls' } };
    const file = await saved(claude, [
      asked('u1', null, 'one', { cwd: folder }),
      answered('a2', 'u1', 'm1', [unnamed], { cwd: folder }),
    ]);
    fs.rmSync(file);
    const plan = await planGift(gift(claude));
    assert.ok(plan.kind === 'to-write' && plan.from === 'raw');
    const { report } = await given(claude);
    assert.equal(report?.interrupted, 1);
  });

  it('writes a fork of a transcript that is rewritten as a whole up to its last message', async () => {
    const turn = (id: string, type: string, content: string) => ({
      id,
      type,
      content,
      timestamp: '2026-11-20T10:00:00.000Z',
    });
    const whole = (...messages: object[]) =>
      JSON.stringify({
        sessionId: SID,
        projectHash: 'x',
        startTime: '2026-11-20T10:00:00.000Z',
        lastUpdated: '2026-11-20T10:00:00.000Z',
        messages,
      });
    const file = path.join(root, 'session-2026-11-20T10-00-11111111.json');
    const three = [turn('g1', 'user', 'one'), turn('g2', 'gemini', 'two'), turn('g3', 'user', 'three')];
    fs.writeFileSync(file, whole(...three));
    const outcome = await importTranscript(file, { agent: 'gemini', folder, store, now, random });
    assert.ok(outcome.kind === 'imported');
    assert.equal((await store.save('talk', outcome.session, undefined)).kind, 'saved');
    assert.equal((await store.fork('talk', { name: 'other', messages: 2 })).kind, 'forked');
    const plan = await planGift(gift(gemini, { name: 'other' }));
    assert.ok(plan.kind === 'to-write' && plan.from === 'raw', JSON.stringify(plan));
    assert.equal((await given(gemini, { name: 'other' })).outline, 'user(one) assistant(two)');
    // What the fork shares with it is gone from the mirror: then the messages tell.
    const [mirror = ''] = fs.readdirSync(path.join(store.root, 'raw'));
    fs.writeFileSync(path.join(store.root, 'raw', mirror), whole(turn('g8', 'user', 'other'), ...three.slice(1)));
    const elsewhere = { where: { home: path.join(root, 'other') }, name: 'other' };
    const later = await planGift(gift(gemini, elsewhere));
    assert.ok(later.kind === 'to-write' && later.from === 'messages');
    assert.equal((await given(gemini, elsewhere)).outline, 'user(one) assistant(two)');
  });

  it('names the command that goes on with it, where there is one', () => {
    assert.deepEqual(commandFor(codex, SID, { model: 'x' }), { command: 'codex', args: ['resume', SID, '-m', 'x'] });
    assert.throws(() => commandFor(codex, '$(x)'), /not a session id/);
    const { native: _, ...byNobody } = codex;
    assert.equal(commandFor(byNobody, SID), undefined);
  });
});
