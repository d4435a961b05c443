import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { access, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NativeForm, NativeProblem } from '../../../src/agents/agent.ts';
import { importTranscript } from '../../../src/agents/index.ts';
import { opencode } from '../../../src/agents/opencode/index.ts';
import { outline } from '../support/transcripts.ts';
import { answer, asked, called, done, openStore, SES, START, said } from './store.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document that is broken in every way
type Json = Record<string, any>;

describe('sessions given to opencode', () => {
  const NOW = START + 86_400_000;
  const form = opencode.native as NativeForm;
  const idOf = (seed: string): string => form.newId(NOW, createHash('sha256').update(seed).digest('hex'));
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-opencode-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const where = () => ({ home: join(folder, 'home'), env: {} });
  const target = (seed: string) => ({ folder, newId: idOf(seed), now: NOW });

  /** An export with two calls in one step, a mark of a compaction, and what must not be taken along. */
  function exported(extra: Json = {}): Json {
    const ids = (id: string, messageID: string) => ({ id, sessionID: SES, messageID });
    const permission = [{ permission: '*', pattern: '*', action: 'allow' }];
    return {
      info: {
        ...{ id: SES, slug: 's', projectID: 'p', directory: '/elsewhere', title: 'Old', version: '1.18.33' },
        ...{ parentID: 'ses_1', permission, share: { url: 'https://example.invalid' }, metadata: { a: 1 } },
        time: { created: START, updated: START, archived: START },
        ...extra,
      },
      messages: [
        { info: { id: 'msg_1', sessionID: SES, ...asked(1) }, parts: [{ ...ids('prt_1', 'msg_1'), ...said('Look') }] },
        {
          info: { id: 'msg_2', sessionID: SES, ...answer(2) },
          parts: [
            { ...ids('prt_2', 'msg_2'), type: 'step-start', snapshot: 'a'.repeat(40) },
            { ...ids('prt_3', 'msg_2'), ...called('c1', 'read', { filePath: 'a' }, done('A')) },
            { ...ids('prt_4', 'msg_2'), ...called('c2', 'bash', { command: 'b' }, { status: 'running' }) },
            { ...ids('prt_5', 'msg_2'), type: 'patch', hash: 'a'.repeat(40), files: ['/etc/passwd'] },
          ],
        },
        {
          info: { id: 'msg_3', sessionID: SES, ...asked(3) },
          parts: [{ ...ids('prt_6', 'msg_3'), type: 'compaction', auto: true, tail_start_id: 'msg_1' }],
        },
        {
          info: { id: 'msg_4', sessionID: SES, ...answer(4, { parentID: 'msg_3', summary: true }) },
          parts: [{ ...ids('prt_7', 'msg_4'), ...said('In short') }],
        },
      ],
    };
  }
  async function put(document: Json): Promise<string> {
    const file = join(folder, 'raw.json');
    await writeFile(file, JSON.stringify(document));
    return file;
  }
  const parsed = async (file: string): Promise<Json> => JSON.parse(await readFile(file, 'utf8'));
  async function outlined(file: string): Promise<string> {
    const read = await importTranscript(file, {
      folder,
      agent: opencode,
      now: () => NOW,
      random: () => '0123456789abcdef',
    });
    return read.kind === 'imported' ? outline(read.session.history) : read.kind;
  }

  it('are written where only their user reads them, with the command that imports them', async () => {
    const written = await form.fork(where(), { ...target('a'), raw: await put(exported()) });
    assert.equal(written.transcript, join(folder, `home/.local/share/holdfast/opencode/${idOf('a')}.json`));
    assert.deepEqual(written.before, { command: 'opencode', args: ['import', written.transcript] });
    assert.equal((await stat(written.transcript)).mode & 0o777, 0o600);
    assert.deepEqual(await form.validate(written.transcript), []);
    assert.equal(await form.transcriptOf(where(), idOf('a')), undefined);
  });

  it('have ids of their own, in order, all before those that opencode makes next', async () => {
    const { transcript } = await form.fork(where(), { ...target('a'), raw: await put(exported()) });
    const { info, messages } = await parsed(transcript);
    assert.equal(info.id, idOf('a'));
    const ids: string[] = messages.map((message: Json) => message['info'].id);
    const next = `msg_${BigInt.asUintN(48, BigInt(NOW) * 4096n)
      .toString(16)
      .padStart(12, '0')}`;
    assert.deepEqual([...ids].sort(), ids);
    assert.ok(ids.every((id) => /^msg_[0-9a-f]{26}$/.test(id) && id < next));
    for (const { info: message, parts } of messages) {
      assert.equal(message.sessionID, info.id);
      for (const part of parts) assert.deepEqual([part.sessionID, part.messageID], [info.id, message.id]);
    }
    assert.equal(messages[1].info.parentID, ids[0]);
    assert.equal(messages[2].parts[0].tail_start_id, ids[0]);
  });

  it('take along nothing that decides over this machine: permissions, shares, states of files to go back to', async () => {
    const { transcript } = await form.fork(where(), { ...target('a'), raw: await put(exported()) });
    const text = await readFile(transcript, 'utf8');
    assert.doesNotMatch(text, /"permission"|example\.invalid|"patch"|"snapshot"|passwd|archived|elsewhere/);
    assert.equal((await parsed(transcript))['info'].parentID, undefined);
    assert.equal((await parsed(transcript))['info'].directory, folder);
  });

  it('are cut between calls and their answers, and a call without one was aborted', async () => {
    const raw = await put(exported());
    assert.equal(await outlined(raw), 'user(Look) assistant(read#c1 bash#c2) tool(#c1) summary(In short)');
    const cut = async (messages?: number): Promise<string> => {
      const cut = messages === undefined ? {} : { messages };
      return outlined((await form.fork(where(), { ...target(`cut ${messages}`), raw, ...cut })).transcript);
    };
    assert.equal(await cut(1), 'user(Look)');
    assert.equal(await cut(2), 'user(Look) assistant(read#c1 bash#c2) tool(#c1 #c2)');
    assert.equal(await cut(3), 'user(Look) assistant(read#c1 bash#c2) tool(#c1 #c2)');
    assert.equal(await cut(4), 'user(Look) assistant(read#c1 bash#c2) tool(#c1 #c2) summary(In short)');
    assert.equal(await cut(), await cut(4));
    const { messages } = await parsed((await form.fork(where(), { ...target('x'), raw, messages: 2 })).transcript);
    // The mark of a compaction that is not there would make opencode compact at the next prompt.
    assert.equal(messages.length, 2);
    const states = messages[1].parts.map((part: Json) => part['state']).filter(Boolean);
    assert.deepEqual(
      states.map(({ status, error, metadata }: Json) => [status, error, metadata]),
      [
        ['error', 'interrupted', { interrupted: true }],
        ['error', 'interrupted', { interrupted: true }],
      ],
    );
    await assert.rejects(form.fork(where(), { ...target('0'), raw, messages: 0 }), { problems: [{ code: 'empty' }] });
  });

  it('leave out what a revert hides', async () => {
    const raw = await put(exported({ revert: { messageID: 'msg_3' } }));
    const { transcript } = await form.fork(where(), { ...target('a'), raw });
    assert.equal(await outlined(transcript), 'user(Look) assistant(read#c1 bash#c2) tool(#c1 #c2)');
  });

  it('that were imported leave no file behind once the next one is written, and are not written again', async () => {
    const raw = await put(exported());
    const first = await form.fork(where(), { ...target('a'), raw });
    const again = await form.fork(where(), { ...target('a'), raw });
    assert.equal(again.transcript, first.transcript);
    const store = await openStore(join(folder, 'home/.local/share/opencode/opencode.db'));
    try {
      store.session(folder, { id: idOf('a') });
      await assert.rejects(form.fork(where(), { ...target('a'), raw }), { code: 'EEXIST' });
      const second = await form.fork(where(), { ...target('b'), raw });
      await assert.rejects(access(first.transcript), { code: 'ENOENT' });
      assert.deepEqual(await readdir(join(second.transcript, '..')), [`${idOf('b')}.json`]);
    } finally {
      store.close();
    }
  });

  it('made of messages go on with the model that is asked for, or the one of the settings', async () => {
    const history = [{ id: '1', role: 'user' as const, content: 'hi' }];
    const modelOf = async (seed: string, model: object): Promise<unknown> =>
      (await parsed((await form.write(where(), { ...target(seed), history, ...model })).transcript))['messages'][0].info
        .model;
    assert.deepEqual(await modelOf('a', { model: 'm', provider: 'p' }), { providerID: 'p', modelID: 'm' });
    await writeFile(join(folder, 'opencode.jsonc'), '{ /* mine */ "model": "here/is/one", }');
    assert.deepEqual(await modelOf('b', {}), { providerID: 'here', modelID: 'is/one' });
  });

  it('are gone on with in the interface that sends a first message, under the model with its provider', () => {
    const id = idOf('a');
    const args = (options?: object): readonly string[] => form.resumeCommand?.(id, options).args ?? [];
    assert.deepEqual(args(), ['--session', id]);
    assert.deepEqual(args({ model: 'm', provider: 'p' }), ['--session', id, '--model', 'p/m']);
    assert.deepEqual(args({ prompt: '--go on' }), ['--session', id, '--mini', '--prompt=--go on']);
  });

  const broken: readonly (readonly [string, NativeProblem['code'], (document: Json) => void])[] = [
    ['a session without an id', 'no-session-id', ({ info }) => delete info.id],
    ['a session whose id is none', 'wrong-session-id', ({ info }) => (info.id = '--x')],
    ['no session at all', 'no-header', (document) => delete document['info']],
    ['no messages', 'empty', (document) => (document['messages'] = [])],
    ['a message without an id', 'no-message-id', ({ messages }) => delete messages[1].info.id],
    ['a part without an id', 'no-message-id', ({ messages }) => delete messages[1].parts[0].id],
    ['two messages of one id', 'duplicate-id', ({ messages }) => messages.push(structuredClone(messages[0]))],
    [
      'two parts of one id',
      'duplicate-id',
      ({ messages }) => messages[1].parts.push(structuredClone(messages[1].parts[0])),
    ],
    [
      'a message that kept its id from another session, whose history would be empty',
      'duplicate-id',
      ({ messages }) => (messages[1].info.id = 'msg_1fb5c62780017kZeizZXzBXywK'),
    ],
    [
      'a part that kept its id',
      'duplicate-id',
      ({ messages }) => (messages[1].parts[0].id = 'prt_1fb5c62780017kZeizZXzBXywK'),
    ],
    ['a message of another session', 'broken-chain', ({ messages }) => (messages[0].info.sessionID = 'ses_other')],
    [
      'a part of another message',
      'broken-chain',
      ({ messages }) => (messages[1].parts[0].messageID = messages[0].info.id),
    ],
    ['an answer to no prompt', 'broken-chain', ({ messages }) => (messages[1].info.parentID = 'msg_nobody')],
    ['messages out of the order of their times', 'broken-chain', ({ messages }) => (messages[1].info.time.created = 1)],
    [
      'a call that still runs',
      'call-without-result',
      ({ messages }) => (messages[1].parts[1].state = { status: 'running', input: {}, time: { start: 1 } }),
    ],
    ...['slug', 'title', 'version', 'time'].map(
      (field) =>
        [`a session without ${field}`, 'header-field-missing', ({ info }: Json) => delete info[field]] as const,
    ),
    ...['agent', 'model', 'time'].map(
      (field) =>
        [
          `a prompt without ${field}`,
          'header-field-missing',
          ({ messages }: Json) => delete messages[0].info[field],
        ] as const,
    ),
    ...['parentID', 'mode', 'agent', 'path', 'cost', 'tokens', 'time', 'modelID', 'providerID'].map(
      (field) =>
        [
          `an answer without ${field}`,
          'header-field-missing',
          ({ messages }: Json) => delete messages[1].info[field],
        ] as const,
    ),
    [
      'a finished call without its title',
      'header-field-missing',
      ({ messages }) => delete messages[1].parts[1].state.title,
    ],
    ['a part of no known kind', 'header-field-missing', ({ messages }) => (messages[1].parts[0].type = 'new')],
  ];
  for (const [name, code, breaks] of broken) {
    it(`are not imported with ${name}`, async () => {
      const { transcript } = await form.fork(where(), { ...target('a'), raw: await put(exported()) });
      const document = await parsed(transcript);
      breaks(document);
      const problems = await form.validate(await put(document));
      assert.ok(
        problems.some((problem) => problem.code === code),
        JSON.stringify(problems),
      );
    });
  }

  it('are told by a text that is no export, or ends too early', async () => {
    for (const text of ['', '{', 'words', '{"info":{"id":"ses_1"', '[]', '[{"type":"session.idle","properties":{}}]']) {
      const file = join(folder, 'bad.json');
      await writeFile(file, text);
      assert.notDeepEqual(await form.validate(file), [], text);
    }
    assert.deepEqual(await form.validate(join(folder, 'nowhere.json')), [{ code: 'not-json' }]);
  });
});
