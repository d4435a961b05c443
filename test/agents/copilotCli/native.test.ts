import assert from 'node:assert/strict';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { copilotCli } from '../../../src/agents/copilotCli/index.ts';
import { readWorkspaceFile } from '../../../src/agents/copilotCli/workspace.ts';
import type { NativeForkOptions } from '../../../src/agents/index.ts';
import type { Message } from '../../../src/core/index.ts';
import { putText } from '../support/conformance/sample.ts';
import { NEW, NOW, nativeHome } from '../support/nativeHome.ts';
import { outline, toText } from '../support/transcripts.ts';
import { asked, call, chain, done, SID, said, start, type Told, uuid } from './events.ts';

describe('sessions of the GitHub Copilot CLI', () => {
  const at = nativeHome(copilotCli);
  const { form, where, history } = at;
  const fork = (told: readonly Told[], options: Partial<NativeForkOptions> = {}) => at.fork(chain(told), options);
  const put = (name: string, told: readonly Told[]) =>
    putText(join(at.home, '.copilot/session-state', name), toText(chain(told)));
  const here = () => start({ context: { cwd: at.folder } });
  const talk = [
    ...[start(), asked('one'), said('two', [call('t1', 'view'), call('t2', 'bash')])],
    ...[done('t1', 'x'), done('t2', 'y'), said('three'), asked('four')],
  ];

  it('are found by the folder in their events, or in the file beside them; old ones are single files', async () => {
    await put(`${SID}/events.jsonl`, [here(), asked('one'), said('two', [], { model: 'gpt-5' })]);
    await put('old.jsonl', [start({ context: { cwd: join(at.folder, 'sub') }, sessionId: 'old' }), asked('two')]);
    const beside = await put(`${NEW}/events.jsonl`, [start({ context: undefined }), asked('three')]);
    await putText(join(dirname(beside), 'workspace.yaml'), `cwd: ${at.folder}\nname: Mine\n`);
    await put('0d0d0d0d-0000-4000-8000-000000000000/events.jsonl', [start(), asked('elsewhere')]);
    await mkdir(join(at.home, '.copilot/session-state/0e0e0e0e-0000-4000-8000-000000000000'));
    const found = await copilotCli.find(where(), at.folder);
    assert.deepEqual(found.map(({ title, nativeId }) => [title, nativeId.slice(0, 4)]).sort(), [
      ...[
        ['Mine', '9999'],
        ['one', '0c0c'],
        ['two', 'old'],
      ],
    ]);
    assert.equal(found.find(({ nativeId }) => nativeId === SID)?.model, 'gpt-5');
    const env = { COPILOT_HOME: join(at.home, '.copilot') };
    assert.equal((await copilotCli.find({ home: '/nowhere', env }, at.folder)).length, 3);
  });

  it('are forked under the new id in both places, for the folder here, every event chained to the one before', async () => {
    const more: Told = ['session.resume', { context: { cwd: 'C:\\work\\shop' }, eventCount: 1 }];
    const made = await fork([...talk, more, said('five')], { title: 'It: a "title"' });
    assert.deepEqual([basename(dirname(made.transcript)), basename(made.transcript)], [NEW, 'events.jsonl']);
    assert.equal(
      made.outline,
      'user(one) assistant(two view#t1 bash#t2) tool(#t1) tool(#t2) assistant(three) user(four) assistant(five)',
    );
    const [first, ...others] = made.lines;
    const data = first?.['data'] as Record<string, unknown>;
    assert.deepEqual([data['sessionId'], data['context']], [NEW, { cwd: at.folder }]);
    assert.ok(others.every((line, index) => line['parentId'] === made.lines[index]?.['id']));
    assert.ok(!JSON.stringify(made.lines).includes('C:\\\\work'));
    const keys = readWorkspaceFile(await readFile(join(dirname(made.transcript), 'workspace.yaml'), 'utf8'));
    assert.deepEqual([keys.get('id'), keys.get('cwd'), keys.get('name')], [NEW, at.folder, 'It: a "title"']);
    assert.equal((await copilotCli.find(where(), at.folder))[0]?.title, 'It: a "title"');
    await assert.rejects(fork(talk), { code: 'EEXIST' });
  });

  it('are forked between two results of one answer: the one is kept, the other interrupted', async () => {
    const all = await history(await putText(join(at.root, 'whole.jsonl'), toText(chain(talk))));
    const made = await fork(talk, { upTo: all[2]?.raw?.to ?? 0 });
    assert.equal(made.outline, 'user(one) assistant(two view#t1 bash#t2) tool(#t1) tool(#t2)');
    const last = made.lines.at(-1)?.['data'] as Record<string, unknown>;
    assert.deepEqual([last['success'], last['error']], [false, { message: 'interrupted' }]);
    await assert.rejects(fork(talk, { newId: SID, upTo: 20 }));
  });

  it('keep a result that came after the user had spoken again', async () => {
    const late = [
      start(),
      asked('one'),
      said('', [call('t1', 'bash')]),
      asked('wait'),
      done('t1', 'late'),
      said('two'),
    ];
    const made = await fork(late);
    assert.equal(made.outline, 'user(one) assistant(bash#t1) user(wait) tool(#t1) assistant(two)');
    const killed = await fork([...late.slice(0, 4), said('two')], { newId: SID });
    assert.equal(killed.outline, 'user(one) assistant(bash#t1) tool(#t1) user(wait) assistant(two)');
  });

  it('are forked without what a rewind took back, whether it names a message or another event', async () => {
    const rewind = (to: number): Told => ['session.snapshot_rewind', { upToEventId: uuid(to), eventsRemoved: 2 }];
    const turn: Told = ['assistant.turn_start', { turnId: '0' }];
    const events = [start(), asked('one'), said('two'), asked('three'), said('', [call('t1', 'view')])];
    const made = await fork([...events, rewind(4), asked('four'), said('five')]);
    assert.equal(made.outline, 'user(one) assistant(two) user(four) assistant(five)');
    const other = await fork([...events.slice(0, 3), turn, ...events.slice(3), rewind(4), asked('six')], {
      newId: SID,
    });
    assert.equal(other.outline, 'user(one) assistant(two) user(six)');
  });

  it('are forked without results of calls that are not there, which the agent would drop', async () => {
    const made = await fork([start(), asked('one'), done('t9', 'x'), said('two')]);
    assert.equal(made.outline, 'user(one) assistant(two)');
  });

  it('are written from messages of any agent', async () => {
    const image = { type: 'image', media_type: 'image/png', data: 'AAAA' };
    const made = await form.write(where(), {
      ...{ folder: at.folder, newId: NEW, now: NOW, model: 'gpt-5' },
      history: [
        { id: 'm0', role: 'user', content: [{ type: 'text', text: 'see' }, image, { type: 'file', path: 'a.ts' }] },
        { id: 'm1', role: 'summary', content: 'so far' },
        { id: 'm2', role: 'assistant', content: [{ type: 'tool_call', id: 't1', name: 'Foreign', input: { a: 1 } }] },
        {
          ...{ id: 'm3', role: 'tool' },
          content: [
            { type: 'tool_result', call_id: 't1', output: 'x' },
            { ...image, call_id: 't1' },
            { type: 'tool_result', call_id: 'lost', output: 'orphan' },
          ],
        },
        { id: 'm4', role: 'assistant', content: [{ type: 'tool_call', id: 't2', name: 'bash', input: {} }] },
        { id: 'm4', role: 'user', content: 'go on' },
      ] as Message[],
    });
    assert.deepEqual(await form.validate(made.transcript), []);
    assert.equal(
      outline(await history(made.transcript)),
      'user(see\n@a.ts image) user(so far) assistant(Foreign#t1) tool(#t1) user(orphan image) ' +
        'assistant(bash#t2) tool(#t2) user(go on)',
    );
    assert.deepEqual((await copilotCli.currentConfig(where(), at.folder)).llm_model, undefined);
    await assert.rejects(form.write(where(), { folder: at.folder, newId: SID, now: NOW, history: [] }));
  });

  describe('are validated: the agent would say nothing', () => {
    const codes = async (lines: readonly (object | string)[], name = `${SID}/events.jsonl`) =>
      (await form.validate(await putText(join(at.root, 'v', name), toText(lines)))).map(({ code, record }) => [
        code,
        record,
      ]);

    it('of a folder that was renamed: it goes on under the id inside', async () => {
      const { transcript } = await fork(talk);
      const renamed = join(dirname(dirname(transcript)), SID);
      await rename(dirname(transcript), renamed);
      const [problem, ...others] = await form.validate(join(renamed, 'events.jsonl'));
      assert.deepEqual([problem?.code, problem?.detail, others], ['wrong-session-id', NEW, []]);
      // A copy that lies elsewhere has no other id.
      assert.deepEqual(await codes(chain([start(), asked('one')]), 'copy.jsonl'), []);
    });

    it('of a call without a result, for which it makes one up, and of a result without its call, which it drops', async () => {
      const open = chain([start(), said('', [call('t1', 'bash')]), done('t2', 'x')]);
      assert.deepEqual(await codes(open), [
        ['call-without-result', 2],
        ['result-without-call', 3],
      ]);
    });

    it('of a line that is no JSON, and of one that is torn', async () => {
      const lines = [...chain([start(), asked('one')])];
      assert.deepEqual(await codes([...lines.slice(0, 1), '{no', ...lines.slice(1), '{"type":']), [
        ['not-json', 2],
        ['not-json', 4],
      ]);
    });

    it('and of what it would refuse to load', async () => {
      const [first = {}, second = {}] = chain([start(), said('one')]);
      assert.deepEqual(await codes([second]), [['no-header', 1]]);
      assert.deepEqual(await codes([first, { ...second, id: 'e1' }]), [['no-message-id', 2]]);
      assert.deepEqual(await codes([first, { ...second, timestamp: 'now' }]), [['no-timestamp', 2]]);
      assert.deepEqual(await codes([first, { ...second, data: { content: 'one' } }]), [['no-message-id', 2]]);
      assert.deepEqual(await codes([first]), [['empty', undefined]]);
      assert.deepEqual(await codes(chain([['session.start', {}], asked('one')])), [['no-session-id', 1]]);
      const bare = chain([start({ startTime: undefined }), asked('one')]);
      assert.deepEqual(await codes(bare), [['header-field-missing', 1]]);
    });

    it('but not of a parent that is missing: the order of the lines decides', async () => {
      const lines = chain([start(), asked('one'), said('two')]).map((line) => ({ ...line, parentId: NEW }));
      assert.deepEqual(await codes(lines), []);
    });
  });

  it('are run with the model of the settings: the user’s, the repository’s, the user’s for this repository', async () => {
    const model = async () => (await copilotCli.currentConfig(where(), at.folder)).llm_model;
    await putText(join(at.home, '.copilot/config.json'), '// managed\n{"model":"old"}');
    assert.equal(await model(), 'old');
    await putText(join(at.home, '.copilot/settings.json'), '{"model":"mine", "effortLevel":"high"}');
    assert.equal(await model(), 'mine');
    await putText(join(at.folder, '.github/copilot/settings.json'), '{"model":"ours"}');
    assert.equal(await model(), 'ours');
    await putText(join(at.folder, '.github/copilot/settings.local.json'), '{"model":"auto"}');
    assert.equal(await model(), undefined);
    assert.equal((await copilotCli.currentConfig(where(), at.folder))['reasoning_effort'], 'high');
  });

  it('are resumed by their id, with a first message behind -i', () => {
    const { args } = form.resumeCommand?.(NEW, { prompt: '-x', model: 'gpt-5' }) ?? { args: [] };
    assert.deepEqual(args, ['--resume', NEW, '--model', 'gpt-5', '-i', ' -x']);
  });
});
