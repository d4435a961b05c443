import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { importTranscript } from '../../../src/agents/index.ts';
import { opencode } from '../../../src/agents/opencode/index.ts';
import { fold, outline } from '../support/transcripts.ts';
import { answer, asked, called, done, SES, START, said } from './store.ts';

type Record = readonly ['session' | 'message' | 'part', object];

describe('reading a session of opencode', () => {
  const message = (id: string, info: object, sessionID = SES): Record => ['message', { id, sessionID, ...info }];
  const part = (id: string, messageID: string, data: object, sessionID = SES): Record => [
    'part',
    { id, messageID, sessionID, ...data },
  ];
  function readerOf(records: readonly Record[]) {
    const reader = opencode.reader({ transcript: `/x/opencode.db#${SES}` });
    let number = 0;
    const push = (more: readonly Record[]): void => {
      for (const [key, record] of more) {
        number += 1;
        reader.push(JSON.stringify(record), { from: 0, to: 0, number, key });
      }
    };
    push(records);
    return { reader, push };
  }
  const start: readonly Record[] = [
    [
      'session',
      {
        id: SES,
        directory: '/work/shop',
        title: 'New session - 2026-11-20T10:00:00.000Z',
        version: '1.18.33',
        time: { created: START, updated: START + 9000 },
      },
    ],
    message('msg_1', asked(1)),
    part('prt_1', 'msg_1', said('Look at it')),
  ];

  it('tells usage, cost, model, mode, title and times', () => {
    const { reader } = readerOf([...start, message('msg_2', answer(2)), part('prt_2', 'msg_2', said('Well'))]);
    const { config, metadata, ...facts } = reader.facts();
    assert.deepEqual(config, {
      name: 'opencode',
      agent_type: 'opencode',
      llm_provider: 'mock',
      llm_model: 'mock-model',
      mode: 'build',
    });
    assert.equal(facts.title, 'Look at it');
    assert.equal(facts.cwd, '/work/shop');
    assert.deepEqual(facts.source, {
      agent: 'opencode',
      transcript: `/x/opencode.db#${SES}`,
      version: '1.18.33',
      native_id: SES,
    });
    assert.equal(metadata.total_cost_usd, 0.01);
    assert.equal(metadata.duration_seconds, 9);
    assert.deepEqual(metadata.by_model, { 'mock-model': { input: 10, output: 6, cache_read: 100, cache_write: 7 } });
  });

  it('divides an answer of several steps, as the model was asked', () => {
    const { reader } = readerOf([
      ...start,
      message('msg_2', answer(2)),
      part('prt_2', 'msg_2', { type: 'step-start' }),
      part('prt_3', 'msg_2', { type: 'reasoning', text: 'Hm' }),
      part('prt_4', 'msg_2', called('c1', 'read', {}, done('A'))),
      part('prt_5', 'msg_2', called('c2', 'read', {}, { status: 'error', error: 'gone' })),
      part('prt_6', 'msg_2', { type: 'step-finish' }),
      part('prt_7', 'msg_2', { type: 'step-start' }),
      part('prt_8', 'msg_2', said('Done')),
    ]);
    assert.equal(
      outline(reader.messages()),
      'user(Look at it) assistant(Hm read#c1 read#c2) tool(#c1 #c2) assistant(Done)',
    );
    assert.deepEqual(
      reader.messages().map(({ id }) => id),
      ['msg_1', 'msg_2', 'msg_2.results', 'msg_2.2'],
    );
  });

  it('puts an answer that came late before the prompt that waited for it', () => {
    const { reader, push } = readerOf([
      ...start,
      message('msg_2', answer(2)),
      part('prt_2', 'msg_2', called('c1', 'bash', {}, { status: 'running' })),
      message('msg_3', asked(3)),
      part('prt_3', 'msg_3', said('And then?')),
    ]);
    let told = fold(reader.takeEvents());
    assert.equal(outline(told), 'user(Look at it) assistant(bash#c1) user(And then?)');
    push([part('prt_2', 'msg_2', called('c1', 'bash', {}, done('ok')))]);
    const events = reader.takeEvents();
    told = fold([...told.map((one) => ({ type: 'message' as const, message: one })), ...events]);
    assert.equal(outline(told), 'user(Look at it) assistant(bash#c1) tool(#c1) user(And then?)');
    assert.deepEqual(told, reader.messages());
  });

  it('keeps images as images, files by their paths, and what tools attached with their results', () => {
    const image = { type: 'file', mime: 'image/png', url: 'data:image/png;base64,AAAA' };
    const { reader } = readerOf([
      ...start,
      part('prt_1a', 'msg_1', image),
      part('prt_1b', 'msg_1', { type: 'file', mime: 'text/plain', filename: 'a.ts', url: 'file:///work/shop/a.ts' }),
      message('msg_2', answer(2)),
      part('prt_2', 'msg_2', called('c1', 'read', {}, done('Image', { attachments: [image] }))),
    ]);
    assert.deepEqual(reader.messages()[0]?.content, [
      { type: 'text', text: 'Look at it' },
      { type: 'image', media_type: 'image/png', data: 'AAAA' },
      { type: 'file', path: 'a.ts', media_type: 'text/plain' },
    ]);
    assert.deepEqual(reader.messages()[2]?.content, [
      { type: 'tool_result', call_id: 'c1', output: 'Image' },
      { type: 'image', media_type: 'image/png', data: 'AAAA' },
    ]);
  });

  it('knows a file that was shown whole, but for the newline at its end, and follows edits of it', () => {
    const display = (text: string, more: object = {}) => ({
      metadata: {
        truncated: false,
        display: { type: 'file', path: '/work/shop/a.ts', text, lineStart: 1, lineEnd: 2, totalLines: 2, ...more },
      },
    });
    const read = (id: string, state: object, input: object = {}): Record =>
      part(id, 'msg_2', called(id, 'read', { filePath: 'a.ts', ...input }, done('', state)));
    const touchesAfter = (...records: readonly Record[]) =>
      readerOf([...start, message('msg_2', answer(2)), ...records]).reader.takeTouches();
    const common = { path: '/work/shop/a.ts', messageId: 'msg_2', at: new Date(START + 1).toISOString() };
    assert.deepEqual(touchesAfter(read('prt_2', display('one\ntwo'))), [
      { ...common, op: 'read', full: true, text: 'one\ntwo', openEnd: true },
    ]);
    const edit = { filePath: '/work/shop/a.ts', oldString: 'two', newString: 'three' };
    assert.deepEqual(
      touchesAfter(read('prt_2', display('one\ntwo')), part('prt_3', 'msg_2', called('e', 'edit', edit, done('')))),
      [{ ...common, op: 'edit', full: true, text: 'one\nthree', openEnd: true }],
    );
    const write = called('w', 'write', { filePath: 'a.ts', content: 'one\ntwo\n' }, done(''));
    assert.deepEqual(touchesAfter(part('prt_1x', 'msg_2', write), read('prt_2', display('one\ntwo'))), [
      { ...common, op: 'read', full: true, text: 'one\ntwo\n' },
    ]);
    // A long line was cut, which `truncated` does not say; a part of a file is not the whole.
    assert.deepEqual(touchesAfter(read('prt_2', display(`${'x'.repeat(2000)}\ntwo`))), [
      { ...common, op: 'read', full: true },
    ]);
    assert.deepEqual(touchesAfter(read('prt_2', display('one', { lineEnd: 1 }))), [
      { ...common, op: 'read', full: false },
    ]);
    assert.deepEqual(touchesAfter(read('prt_2', display('one\ntwo'), { limit: 2 })), [
      { ...common, op: 'read', full: false },
    ]);
  });

  it('stamps a file whose last newline was not shown, whether it has one or not, and no other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-opencode-'));
    try {
      const names = ['with.ts', 'without.ts', 'changed.ts'];
      await writeFile(join(folder, 'with.ts'), 'one\ntwo\n');
      await writeFile(join(folder, 'without.ts'), 'one\ntwo');
      await writeFile(join(folder, 'changed.ts'), 'one\ntwo\n\n');
      const state = {
        metadata: { display: { type: 'file', text: 'one\ntwo', lineStart: 1, lineEnd: 2, totalLines: 2 } },
      };
      const parts = names.map((filePath, index) => ({
        ...{ id: `prt_${index}`, sessionID: SES, messageID: 'msg_1' },
        ...called(filePath, 'read', { filePath }, done('', state)),
      }));
      const info = { id: SES, directory: folder, title: 'T', version: '1', time: { created: START, updated: START } };
      const file = join(folder, 'export.json');
      await writeFile(
        file,
        JSON.stringify({
          info,
          messages: [
            { info: { id: 'msg_1', sessionID: SES, ...answer(1, { path: { cwd: folder, root: folder } }) }, parts },
          ],
        }),
      );
      const read = await importTranscript(file, { folder, now: () => START, random: () => '0123456789abcdef' });
      assert.ok(read.kind === 'imported');
      const cache = read.session.body.read_cache ?? {};
      assert.deepEqual(
        names.map((name) => cache[name]?.sha256 !== undefined),
        [true, true, false],
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('counts what sub-agents did, whose events stand among its own, and does not tell it', () => {
    const reader = opencode.reader({ transcript: '/x/events.json' });
    const events = [
      { type: 'server.connected', properties: {} },
      { type: 'session.created', properties: { info: { id: SES, directory: '/work/shop' } } },
      { type: 'session.created', properties: { info: { id: 'ses_child', parentID: SES, directory: '/work/shop' } } },
      { type: 'message.updated', properties: { info: { id: 'msg_1', sessionID: SES, ...asked(1) } } },
      {
        type: 'message.part.updated',
        properties: { part: { id: 'prt_1', messageID: 'msg_1', sessionID: SES, ...said('Lo') } },
      },
      {
        type: 'message.part.updated',
        properties: { part: { id: 'prt_1', messageID: 'msg_1', sessionID: SES, ...said('Look') } },
      },
      { type: 'message.updated', properties: { info: { id: 'msg_2', sessionID: 'ses_child', ...answer(2) } } },
      {
        type: 'message.part.updated',
        properties: {
          part: {
            id: 'prt_2',
            messageID: 'msg_2',
            sessionID: 'ses_child',
            ...called('c', 'read', { filePath: 'a' }, done('1: x')),
          },
        },
      },
      { type: 'message.updated', properties: { info: { id: 'msg_3', sessionID: SES, ...asked(3) } } },
      {
        type: 'message.part.updated',
        properties: { part: { id: 'prt_3', messageID: 'msg_3', sessionID: SES, ...said('Gone') } },
      },
      { type: 'message.removed', properties: { sessionID: SES, messageID: 'msg_3' } },
    ];
    for (const [index, event] of events.entries()) {
      reader.push(JSON.stringify(event), { from: 0, to: 0, number: index + 1, key: '' });
    }
    assert.equal(outline(reader.messages()), 'user(Look)');
    const { prompts, assistantMessages, toolCalls, reads } = reader.counts();
    assert.deepEqual(
      { prompts, assistantMessages, toolCalls, reads },
      { prompts: 2, assistantMessages: 1, toolCalls: 1, reads: 1 },
    );
    assert.deepEqual(reader.takeTouches(), []);
    assert.deepEqual(reader.problems(), []);
  });

  it('reads and finds a session of the old storage, and what is written to it later', async () => {
    const home = await mkdtemp(join(tmpdir(), 'holdfast-opencode-'));
    try {
      const storage = join(home, 'data/opencode/storage');
      const put = async (path: string, data: object): Promise<void> => {
        await mkdir(dirname(join(storage, path)), { recursive: true });
        await writeFile(join(storage, path), JSON.stringify(data));
      };
      const info = {
        id: SES,
        version: '1.0.98',
        projectID: 'p',
        directory: home,
        title: 'Old',
        time: { created: START, updated: START },
      };
      await put(`session/p/${SES}.json`, info);
      await put('session/p/ses_child.json', { ...info, id: 'ses_child', parentID: SES });
      await put(`message/${SES}/msg_1.json`, { id: 'msg_1', sessionID: SES, ...asked(1) });
      await put('part/msg_1/prt_1.json', { id: 'prt_1', messageID: 'msg_1', sessionID: SES, ...said('Look') });
      const where = { home: '/nobody', env: { XDG_DATA_HOME: join(home, 'data') } };
      const [found, ...others] = await opencode.find(where, home);
      assert.deepEqual([found?.nativeId, found?.title, others.length], [SES, 'Old', 0]);
      const transcript = found?.transcript ?? '';
      assert.equal(await opencode.native?.transcriptOf(where, SES), transcript);
      const layout = opencode.layout(transcript);
      assert.ok(layout.kind === 'rows');
      let cursor: string | undefined;
      const look = async (): Promise<readonly string[]> => {
        const told: string[] = [];
        for await (const batch of layout.rows(cursor)) {
          told.push(...batch.records.map(({ key, text }) => `${key} ${JSON.parse(text).id}`));
          cursor = batch.cursor;
        }
        return told;
      };
      assert.deepEqual(await look(), [`session ${SES}`, 'message msg_1', 'part prt_1']);
      await put(`message/${SES}/msg_2.json`, { id: 'msg_2', sessionID: SES, ...answer(2) });
      await put('part/msg_2/prt_2.json', { id: 'prt_2', messageID: 'msg_2', sessionID: SES, ...said('Well') });
      const told = await look();
      assert.ok(told.includes('message msg_2') && told.includes('part prt_2'), told.join());
      const read = await importTranscript(transcript, {
        folder: home,
        now: () => START,
        random: () => '0123456789abcdef',
      });
      assert.ok(read.kind === 'imported');
      assert.equal(outline(read.session.history), 'user(Look) assistant(Well)');
    } finally {
      await rm(home, { recursive: true });
    }
  });
});
