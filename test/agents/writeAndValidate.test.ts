import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { InvalidTranscript } from '../../src/agents/checkWritten.ts';
import { type Agent, agentById, handOver, importTranscript } from '../../src/agents/index.ts';
import type { Message } from '../../src/core/index.ts';
import {
  answered,
  asked,
  called,
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

const NEW = '99999999-0000-4000-8000-000000000000';
const NOW = Date.UTC(2026, 10, 21, 12);
const claude = agentById('claude-code');
const codex = agentById('codex');

function native(agent: Agent) {
  assert.ok(agent.native);
  return agent.native;
}

/** What each transcript of this content is said to have wrong. */
async function problemsOf(agent: Agent, folder: string, lines: readonly (object | string)[], name?: string) {
  const file = join(folder, name ?? (agent === claude ? `${SID}.jsonl` : `rollout-2026-11-20T10-00-00-${SID}.jsonl`));
  await writeFile(file, toText(lines));
  const found = await native(agent).validate(file);
  return found.map(({ code, record, detail }) => [code, record, detail].filter((one) => one !== undefined).join(' '));
}

function without(line: object, field: string): object {
  return Object.fromEntries(Object.entries(line).filter(([key]) => key !== field));
}

describe('the validator of Claude Code’s transcripts', () => {
  let folder: string;
  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-validate-')));
  });
  after(() => rm(folder, { recursive: true }));
  const problems = (lines: readonly (object | string)[], name?: string) => problemsOf(claude, folder, lines, name);

  const talk = [
    asked('u1', null, 'one'),
    answered('a2', 'u1', 'm1', [said('two'), called('t1', 'Read', {})]),
    resulted('r3', 'a2', 't1', 'x'),
    answered('a4', 'r3', 'm2', [said('three')]),
  ];
  const changed = (index: number, change: (line: object) => object | string) =>
    talk.map((line, at) => (at === index ? change(line) : line));

  it('finds nothing in a good one', async () => {
    assert.deepEqual(await problems([...talk, { type: 'custom-title', customTitle: 't', sessionId: SID }]), []);
    const boundary = { ...asked('s5', null, ''), type: 'system', subtype: 'compact_boundary', logicalParentUuid: 'a4' };
    assert.deepEqual(await problems([...talk, boundary, asked('u6', 's5', 'summary')]), []);
    assert.deepEqual(await problems([...talk, asked('x9', null, 'sub', { isSidechain: true })]), []);
  });

  it('finds a line without a time, which would hide the whole conversation', async () => {
    assert.deepEqual(await problems(changed(1, (line) => without(line, 'timestamp'))), [
      'broken-chain 2 order of keys',
      'no-timestamp 2',
    ]);
    assert.deepEqual(await problems(changed(1, (line) => ({ ...line, timestamp: 'soon' }))), ['no-timestamp 2']);
  });

  it('finds a line without an id, after which only the last message would be sent', async () => {
    assert.deepEqual(await problems(changed(1, (line) => without(line, 'uuid'))), [
      'no-message-id 2',
      'broken-chain 2 order of keys',
      'broken-chain 3 parentUuid',
    ]);
  });

  it('finds a line without a parent, or with one that is not there', async () => {
    assert.deepEqual(await problems(changed(2, (line) => without(line, 'parentUuid'))), ['broken-chain 3 parentUuid']);
    assert.deepEqual(await problems(changed(2, (line) => ({ ...line, parentUuid: 'gone' }))), [
      'broken-chain 3 parentUuid',
    ]);
  });

  it('finds a second root, behind which the first half would be forgotten', async () => {
    assert.deepEqual(await problems(changed(2, (line) => ({ ...line, parentUuid: null }))), [
      'broken-chain 3 parentUuid',
    ]);
  });

  it('finds keys in an order in which big files are not read', async () => {
    const { parentUuid, ...rest } = talk[1] as { parentUuid: string };
    assert.deepEqual(await problems(changed(1, () => ({ ...rest, parentUuid }))), ['broken-chain 2 order of keys']);
    assert.deepEqual(await problems(changed(1, (line) => JSON.stringify(line).replaceAll('":', '": '))), [
      'broken-chain 2 order of keys',
    ]);
  });

  it('finds a call without a result, which would be left out', async () => {
    const lines = [...talk.slice(0, 2), asked('u3', 'a2', 'on')];
    assert.deepEqual(await problems(lines), ['call-without-result 2 t1']);
  });

  it('finds a result without a call', async () => {
    const lines = [asked('u1', null, 'one'), resulted('r2', 'u1', 't9', 'x')];
    assert.deepEqual(await problems(lines), ['result-without-call 2 t9']);
  });

  it('finds ids that stand twice', async () => {
    assert.deepEqual(await problems([...talk, asked('u1', 'a4', 'again')]), ['duplicate-id 5 u1']);
    const lines = [...talk, answered('a5', 'a4', 'm3', [called('t1', 'Read', {})])];
    assert.deepEqual(await problems(lines), ['duplicate-id 5 t1']);
  });

  it('finds a file that is named after no session, or another one', async () => {
    assert.deepEqual(await problems(talk, 'notes.jsonl').then((all) => all[0]), 'wrong-name notes.jsonl');
    assert.deepEqual(
      (await problems(talk, `${NEW}.jsonl`)).map((one) => one.split(' ')[0]),
      Array(4).fill('wrong-session-id'),
    );
  });

  it('finds lines that are no JSON, and a file in which nobody says anything', async () => {
    assert.deepEqual(await problems([...talk, '{"parentUuid":"a4"']), ['not-json 5']);
    for (const lines of [[], ['\0\0'], [{ type: 'summary', summary: 's', leafUuid: 'u1' }]])
      assert.ok((await problems(lines)).includes('empty'));
  });

  it('never throws, whatever stands in it', async () => {
    for (const line of [
      '[]',
      '7',
      'null',
      '{"type":"user","message":7}',
      '{"type":"user","message":{"content":[7,null,{"type":"tool_use"}]}}',
      '{"__proto__":{"type":"user"}}',
    ])
      assert.ok((await problems([line])).length > 0, line);
  });
});

describe('the validator of Codex’ rollouts', () => {
  let folder: string;
  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-validate-')));
  });
  after(() => rm(folder, { recursive: true }));
  const problems = (lines: readonly (object | string)[], name?: string) => problemsOf(codex, folder, lines, name);

  const announced = rolloutLine('event_msg', { type: 'user_message', message: 'one', images: [] });
  const thread = [codexMeta(), announced, typed('one'), ran('c1', 'ls'), printed('c1', 'x'), replied('two')];
  const changed = (index: number, change: (line: object) => object) =>
    thread.map((line, at) => (at === index ? change(line) : line));

  it('finds nothing in a good one', async () => {
    assert.deepEqual(await problems(thread), []);
    const search = item({ type: 'web_search_call', id: 'w1', action: { query: 'x' } });
    assert.deepEqual(await problems([...thread, search]), []);
  });

  it('finds a line without a time, which would be dropped', async () => {
    assert.deepEqual(await problems(changed(2, (line) => without(line, 'timestamp'))), ['no-timestamp 3']);
  });

  it('finds prompts without their event: the newest thread would be another one', async () => {
    assert.deepEqual(await problems(thread.filter((line) => line !== announced)), ['not-listed']);
  });

  it('finds an id in the first line that is not the one in the name', async () => {
    assert.deepEqual(await problems(changed(0, () => codexMeta({ id: NEW }))), [`wrong-session-id 1 ${NEW}`]);
  });

  it('finds a first line that is none, or lacks a field', async () => {
    assert.deepEqual(await problems(thread.slice(1)), ['no-header 1']);
    for (const field of ['id', 'timestamp', 'cwd', 'originator', 'cli_version']) {
      const lines = changed(0, () => codexMeta({ [field]: undefined }));
      assert.deepEqual(await problems(lines), [`header-field-missing 1 ${field}`]);
    }
  });

  it('finds a numbered thread whose lines are not, or leave a number out', async () => {
    const paginated = [codexMeta({ history_mode: 'paginated' }), ...thread.slice(1)];
    assert.equal((await problems(paginated)).filter((one) => one.endsWith('ordinal')).length, 6);
    const numbered = paginated.map((line, ordinal) => ({ ...line, ordinal }));
    assert.deepEqual(await problems(numbered), []);
    assert.deepEqual(
      await problems(numbered.filter((_, index) => index !== 5).concat({ ...replied('x'), ordinal: 5 } as never)),
      [],
    );
    assert.deepEqual(await problems(numbered.filter((_, index) => index !== 1).slice(0, 2)), [
      'broken-chain 2 ordinal',
      'not-listed',
    ]);
  });

  it('finds a thread that continues one which is missing', async () => {
    const lines = changed(0, () => codexMeta({ history_base: { thread_id: NEW, end_byte_offset: 9 } }));
    assert.deepEqual(await problems(lines), [`broken-chain 1 ${NEW}`]);
  });

  it('finds calls without output, outputs without call, and two calls of one id', async () => {
    assert.deepEqual(await problems(thread.filter((_, index) => index !== 4)), ['call-without-result 4 c1']);
    assert.deepEqual(await problems(thread.filter((_, index) => index !== 3)), ['result-without-call 4 c1']);
    assert.deepEqual(await problems([...thread, ran('c1', 'pwd')]), ['duplicate-id 7 c1']);
  });

  it('finds a file that Codex would not look for', async () => {
    assert.deepEqual(await problems(thread, `${SID}.jsonl`), [`wrong-name ${SID}.jsonl`]);
  });

  it('finds what is no JSON, and a thread in which nothing was said', async () => {
    assert.deepEqual(await problems([...thread, '{"timestamp":']), ['not-json 7']);
    assert.deepEqual(await problems([codexMeta()]), ['empty']);
    for (const line of ['[]', 'null', '{"payload":7}', '{"__proto__":{}}', '\0'])
      assert.ok((await problems([line])).includes('empty'), line);
  });
});

describe('a session written from messages', () => {
  let root: string;
  let folder: string;
  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-write-')));
    folder = join(root, 'shop');
    await mkdir(folder);
  });
  after(() => rm(root, { recursive: true }));
  afterEach(() => rm(join(root, 'home'), { recursive: true, force: true }));
  const where = () => ({ home: join(root, 'home') });

  const at = (second: number): string => new Date(Date.UTC(2026, 10, 20, 10, 0, second)).toISOString();
  const image = { type: 'image', media_type: 'image/png', data: 'aGk=' };
  const history: Message[] = [
    { id: 'u1', role: 'user', content: [{ type: 'text', text: 'one' }, image], timestamp: at(5) },
    {
      id: 'a1',
      role: 'assistant',
      content: [
        { type: 'text', text: 'two' },
        { type: 'tool_call', id: 't1', name: 'Read', input: { file_path: '/x' } },
        { type: 'tool_call', id: 't2', name: 'apply_patch', input: '*** Begin Patch' },
      ],
      timestamp: at(3),
      model: 'a-model',
    },
    {
      id: 'r1',
      role: 'tool',
      content: [
        { type: 'tool_result', call_id: 't1', output: 'x' },
        { ...image, call_id: 't1' },
        { type: 'tool_result', call_id: 't2', output: 'no', is_error: true },
      ],
    },
    { id: 'u2', role: 'user', content: [{ type: 'text', text: 'three' }], timestamp: at(9) },
  ];
  const options = () => ({ folder, newId: NEW, title: 'A title', now: NOW, history });

  for (const id of ['claude-code', 'codex', 'opencode', 'copilot-chat', 'cline', 'helloagents'] as const) {
    it(`for ${id} in which nobody says anything is refused as such, and leaves nothing behind`, async () => {
      const form = native(agentById(id));
      const none = { ...options(), newId: form.newId(NOW, 'a'.repeat(64)), history: [] };
      await assert.rejects(form.write(where(), none), (error: unknown) => {
        assert.ok(error instanceof InvalidTranscript, String(error));
        return error.problems.some(({ code }) => code === 'empty');
      });
      const left = await readdir(root, { recursive: true, withFileTypes: true });
      assert.deepEqual(
        left.filter((one) => one.isFile()),
        [],
      );
    });
  }

  it('for Claude Code names no model that is more than a name', async () => {
    const [asked, answer] = history;
    const said = { ...answer, content: [{ type: 'text', text: 'two' }] };
    const models = [{ model: '\u001b[2Jx' }, { model: 'b' }].map((more, index) => ({
      ...said,
      id: `a${index}`,
      ...more,
    }));
    const made = await native(claude).write(where(), { ...options(), history: [asked, ...models] as Message[] });
    const written = (await readFile(made.transcript, 'utf8')).trim().split('\n');
    assert.deepEqual(
      written.flatMap((line) => JSON.parse(line).message ?? []).map(({ model }) => model),
      [undefined, undefined, 'b'],
    );
  });

  for (const agent of [claude, codex]) {
    it(`for ${agent.label} is found, valid, private, and reads back as the same conversation`, async () => {
      const given = await handOver(history, { from: agent.id, to: agent.id, accepts: native(agent).accepts });
      const made = await native(agent).write(where(), { ...options(), history: given.history });
      assert.deepEqual(await native(agent).validate(made.transcript), []);
      assert.equal((await stat(made.transcript)).mode & 0o777, 0o600);
      const [live] = await agent.find(where(), folder);
      assert.deepEqual([live?.nativeId, live?.title, live?.cwd], [NEW, 'A title', folder]);
      const read = await importTranscript(made.transcript, {
        folder,
        now: () => NOW,
        random: () => '0123456789abcdef',
      });
      assert.equal(read.kind, 'imported');
      if (read.kind !== 'imported') return;
      const joined = outline(read.session.history).replaceAll(') tool(', ' ').replaceAll(') assistant(', ' ');
      const wanted = outline(given.history).replaceAll(') tool(', ' ').replaceAll(') assistant(', ' ');
      assert.equal(joined, wanted);
      assert.deepEqual(read.problems, []);
      assert.equal(read.counts.tokensIn + read.counts.tokensOut, 0);
    });

    it(`for ${agent.label} never replaces one, in any folder`, async () => {
      const given = await handOver(history, { from: agent.id, to: agent.id, accepts: native(agent).accepts });
      const { transcript } = await native(agent).write(where(), { ...options(), history: given.history });
      const before = await readFile(transcript);
      const again = { ...options(), history: given.history, folder: root, now: NOW + 86_400_000 };
      await assert.rejects(native(agent).write(where(), again), { code: 'EEXIST', path: transcript });
      assert.deepEqual(await readFile(transcript), before);
    });

    it(`for ${agent.label} that the agent would take amiss leaves nothing behind`, async () => {
      const bad = history.slice(0, 2);
      await assert.rejects(native(agent).write(where(), { ...options(), history: bad }), (error: Error) => {
        assert.deepEqual(
          (error as Error & { problems: { code: string }[] }).problems.map(({ code }) => code),
          ['call-without-result', 'call-without-result'],
        );
        return true;
      });
      await assert.rejects(native(agent).write(where(), { ...options(), history: [] }), { name: 'InvalidTranscript' });
      const left = await readdir(join(root, 'home'), { recursive: true, withFileTypes: true });
      assert.deepEqual(
        left.filter((entry) => entry.isFile()),
        [],
      );
    });

    it(`for ${agent.label} needs an id that is one`, async () => {
      await assert.rejects(native(agent).write(where(), { ...options(), newId: '../x' }), /UUID/);
    });
  }

  it('has times that never go back, so that the agent goes on at the end', async () => {
    const { transcript } = await native(claude).write(where(), options());
    const times = (await readFile(transcript, 'utf8')).split('\n').flatMap((line) => {
      const { timestamp } = JSON.parse(line || '{}') as { timestamp?: string };
      return timestamp === undefined ? [] : [timestamp];
    });
    assert.deepEqual(times, [at(5), at(5), at(5), at(9)]);
    assert.equal(dirname(dirname(transcript)), join(root, 'home/.claude/projects'));
  });
});

describe('a fork of a transcript with calls that were cut off long ago', () => {
  let root: string;
  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-cut-')));
  });
  after(() => rm(root, { recursive: true }));

  const forkOf = async (agent: Agent, lines: readonly object[]) => {
    const raw = join(root, `${agent.id}.jsonl`);
    await writeFile(raw, toText(lines));
    const made = await native(agent).fork({ home: join(root, 'home') }, { raw, folder: root, newId: NEW, now: NOW });
    assert.deepEqual(await native(agent).validate(made.transcript), []);
    const read = await importTranscript(made.transcript, {
      folder: root,
      now: () => NOW,
      random: () => '0123456789abcdef',
    });
    return read.kind === 'imported' ? outline(read.session.history) : read.kind;
  };

  it('answers them in Claude Code’s, in the chain', async () => {
    const lines = [
      asked('u1', null, 'one'),
      answered('a2', 'u1', 'm1', [called('t1', 'Bash', {}), called('t2', 'Bash', {})]),
      resulted('r3', 'a2', 't2', 'x'),
      asked('u4', 'r3', 'stopped; go on'),
      answered('a5', 'u4', 'm2', [called('t3', 'Bash', {})]),
      asked('u6', 'a5', 'again'),
    ];
    assert.equal(
      await forkOf(claude, lines),
      'user(one) assistant(Bash#t1 Bash#t2) tool(#t2) tool(#t1) user(stopped; go on) assistant(Bash#t3) tool(#t3) user(again)',
    );
  });

  it('answers them in Codex’, behind the calls that were made at once', async () => {
    const lines = [
      codexMeta(),
      typed('one'),
      ran('c1', 'a'),
      ran('c2', 'b'),
      printed('c2', 'x'),
      typed('go on'),
      replied('two'),
    ];
    assert.equal(
      await forkOf(codex, lines),
      'user(one) assistant(exec_command#c1 exec_command#c2) tool(#c2) tool(#c1) user(go on) assistant(two)',
    );
  });
});
