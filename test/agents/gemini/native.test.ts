import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gemini } from '../../../src/agents/gemini/index.ts';
import { rootHash, sessionName } from '../../../src/agents/gemini/places.ts';
import type { Message } from '../../../src/core/index.ts';
import { putText } from '../support/conformance/sample.ts';
import { NEW, NOW, nativeHome } from '../support/nativeHome.ts';
import { outline, partOf, toText } from '../support/transcripts.ts';
import { asked, call, context, header, response, SID, said, told } from './lines.ts';

describe('a session that is given to the Gemini CLI', () => {
  const at = nativeHome(gemini);
  const { form, where, history, written } = at;
  const { fork } = at;
  const talk = [
    ...[header(), told([context()]), asked('u1', 'one')],
    said('g2', 'I look', { toolCalls: [call('t1', 'read_file', { file_path: 'a' }, 'x')] }),
    { id: 'u3', type: 'user', content: [response('t1', 'read_file', 'x')] },
    ...[said('g4', 'two'), asked('u5', 'three'), said('g6', 'four')],
  ];
  const WHOLE = 'user(one) assistant(I look read_file#t1) tool(#t1) assistant(two) user(three) assistant(four)';

  it('is restored under its own id where Gemini has lost it, beside the empty file that the loss left', async () => {
    const chats = join(at.home, '.gemini/tmp/shop/chats');
    await putText(join(at.home, '.gemini/tmp/shop/.project_root'), at.folder);
    await putText(join(chats, 'session-2026-11-21T12-30-0a0a0a0a.jsonl'), toText([header(), told([context()])]));
    assert.equal(await form.transcriptOf(where(), SID, at.folder), undefined);
    const restored = await fork(talk, { newId: SID });
    assert.equal(dirname(restored.transcript), chats);
    assert.ok(restored.outline.endsWith(WHOLE));
    assert.equal(await form.transcriptOf(where(), SID, at.folder), restored.transcript);
    assert.deepEqual(
      (await gemini.find(where(), at.folder)).map(({ nativeId, title }) => [nativeId, title]),
      [[SID, 'one']],
    );
    assert.equal(restored.lines[0]?.['startTime'], '2026-11-20T10:00:00.000Z');
    await assert.rejects(fork(talk, { newId: SID }), { code: 'EEXIST' });
  });

  it('has a name that is not removed with the empty file that a later resume leaves behind', () => {
    // sessionCleanup.ts of 0.61: what ends like the name of a session without content goes, with all that ends like it.
    const stub = `session-2026-11-22T08-15-${SID.slice(0, 8)}.jsonl`;
    const short = /-([a-zA-Z0-9]{8})\.jsonl?$/.exec(stub)?.[1];
    const name = sessionName(SID, NOW);
    assert.equal(name, 'session-2026-11-21T12-30-0a0a0a0a-000000ff.jsonl');
    assert.ok(!name.endsWith(`-${short}.jsonl`));
    // The one that is in use is known by the first 8; deleting it by hand needs 8 at the end.
    assert.ok(name.includes(SID.slice(0, 8)));
    assert.match(name, /-[a-zA-Z0-9]{8}\.jsonl$/);
  });

  it('has ids whose first 8 digits differ, however close they are made', () => {
    const ids = ['a', 'b'].map((digit) => form.newId(NOW, digit.repeat(64)).slice(0, 8));
    assert.notEqual(ids[0], ids[1]);
  });

  it('was changed just now: one that is 30 days old is removed at the next start', async () => {
    const { lines } = await fork([...talk, { $set: { lastUpdated: '2020-01-01T00:00:00.000Z' } }]);
    assert.equal(lines[0]?.['lastUpdated'], new Date(NOW).toISOString());
    assert.ok(!lines.some((line) => '$set' in line));
    assert.equal(lines[0]?.['projectHash'], rootHash(at.folder));
  });

  it('holds every message once, and no result twice', async () => {
    const made = await fork([
      ...talk,
      header(),
      told([context(), asked('u1', 'one')]),
      { $rewindTo: 'u1' },
      ...talk.slice(2),
    ]);
    assert.ok(made.outline.endsWith(WHOLE));
    assert.equal(made.lines.filter((line) => JSON.stringify(line).includes('functionResponse')).length, 1);
  });

  it('answers a call that is cut off from its result, though Gemini records both as one', async () => {
    const cut = await fork(talk, { messages: 3 });
    assert.ok(cut.outline.endsWith('user(one) assistant(I look read_file#t1) tool(#t1)'));
    assert.deepEqual(partOf(await history(cut.transcript), 3)['output'], 'interrupted');
    const uncut = await fork(talk, { newId: form.newId(NOW, '7'.repeat(64)), messages: 4 });
    assert.deepEqual(partOf(await history(uncut.transcript), 3)['output'], 'x');
  });

  it('ends where it was cut: by bytes, or by messages', async function () {
    this.timeout(20_000);
    const all = await history(await putText(join(at.root, 'whole.jsonl'), toText(talk)));
    const outlines: string[] = [];
    for (const [index, message] of all.entries()) {
      if (index === 0) continue;
      const newId = form.newId(NOW, `${index}`.padStart(8, 'a').repeat(8));
      const made = await fork(talk, { newId, upTo: message.raw?.to ?? 0 });
      const counted = await fork(talk, {
        newId: form.newId(NOW, `${index}`.padStart(8, 'b').repeat(8)),
        messages: index + 1,
      });
      assert.equal(counted.outline, made.outline);
      outlines.push(made.outline.replace(/^system\([^)]*\) /s, ''));
    }
    const upToResult = 'user(one) assistant(I look read_file#t1) tool(#t1)';
    assert.deepEqual(outlines, [
      'user(one)',
      ...[upToResult, upToResult, `${upToResult} assistant(two)`],
      ...[`${upToResult} assistant(two) user(three)`, WHOLE],
    ]);
    await assert.rejects(fork(talk, { upTo: 10 }));
  });

  it('ends inside a line that tells several messages, as a compression does', async () => {
    const compressed = told([asked('s7', 'snapshot'), said('g8', 'Got it'), asked('u9', 'more'), said('g10', 'five')]);
    const raw = await putText(join(at.root, 'whole.jsonl'), toText([...talk, compressed]));
    const [, second] = await history(raw);
    const made = await fork([...talk, compressed], { upTo: second?.raw?.to ?? 0, messages: 2 });
    assert.equal(made.outline, 'user(snapshot) assistant(Got it)');
  });

  it('answers a call that was interrupted, and is told with a result that Gemini would not send', async () => {
    const made = await fork([
      ...[header(), asked('u1', 'one'), said('g2', '', { toolCalls: [call('t1', 'run_shell_command', {})] })],
      said('g3', '', { toolCalls: [call('t2', 'read_file', {}, undefined, { resultDisplay: 'shown' })] }),
      said('g4', '', { content: [{ functionCall: { id: 't3', name: 'read_file', args: {} } }] }),
    ]);
    assert.deepEqual(await form.validate(made.transcript), []);
    const results = (await history(made.transcript)).flatMap(({ role, content }) =>
      role === 'tool' && typeof content !== 'string'
        ? content.map((part) => (part as Record<string, unknown>)['output'])
        : [],
    );
    assert.deepEqual(results, ['interrupted', 'shown', 'interrupted']);
  });

  it('is a document of an old version no more, but lines', async () => {
    const raw = await putText(
      join(at.root, 'mirror.json'),
      JSON.stringify({ ...header(), messages: talk.slice(2) }, null, 2),
    );
    const { transcript } =
      (await form.fork(where(), { raw, folder: at.folder, newId: NEW, now: NOW, messages: 4 })) ?? {};
    assert.ok(transcript.endsWith('.jsonl'));
    assert.equal(
      outline(await history(transcript)),
      'user(one) assistant(I look read_file#t1) tool(#t1) assistant(two)',
    );
  });

  it('lies in the project that is the folder’s, and takes none that is another’s', async () => {
    await putText(join(at.home, '.gemini/tmp/shop/.project_root'), '/elsewhere/shop');
    const first = await fork(talk);
    assert.equal(basename(dirname(dirname(first.transcript))), 'shop-1');
    assert.equal(await readFile(join(at.home, '.gemini/tmp/shop-1/.project_root'), 'utf8'), at.folder);
    await putText(join(at.home, '.gemini/tmp/marked/.project_root'), `${at.folder}/`.slice(0, -1));
    await putText(join(at.home, '.gemini/projects.json'), JSON.stringify({ projects: { [at.folder]: 'marked' } }));
    const second = await fork(talk, { newId: SID });
    assert.equal(basename(dirname(dirname(second.transcript))), 'marked');
  });

  it('comes from another machine: its paths stay, its project is the one of the folder here', async () => {
    const file_path = 'C:\\work\\shop\\src\\a.ts';
    const made = await fork([
      ...[header({ directories: ['C:\\work\\shop'] }), context('C:\\work\\shop'), asked('u1', 'one')],
      said('g2', '', { toolCalls: [call('t1', 'read_file', { file_path }, 'x')] }),
    ]);
    assert.equal((await gemini.find(where(), at.folder))[0]?.cwd, at.folder);
    assert.ok(JSON.stringify(made.lines).includes(JSON.stringify(file_path)));
    assert.ok(!('directories' in (made.lines[0] ?? {})));
  });

  it('keeps words that Gemini would take for its own commands, and would not send', async () => {
    const messages: Message[] = [
      { id: 'a', role: 'user', content: '/etc/hosts is broken' },
      { id: 'b', role: 'assistant', content: 'yes' },
      { id: 'c', role: 'user', content: ' ?why' },
      { id: 'd', role: 'summary', content: 'so far' },
    ];
    const made = await form.write(where(), { folder: at.folder, newId: NEW, now: NOW, history: messages });
    const [, first] = await written(made.transcript);
    const text = ((first?.['content'] ?? []) as { text: string }[]).map((part) => part.text).join('');
    assert.match(text, /^The user wrote:\n\/etc/);
    assert.deepEqual(
      (await history(made.transcript)).map(({ role, content }) => [role, content]),
      [
        ['user', '/etc/hosts is broken'],
        ['assistant', [{ type: 'text', text: 'yes' }]],
        ['user', ' ?why'],
        ['user', 'so far'],
      ],
    );
  });

  it('has calls with their results, images with them, and no results of calls that it has not', async () => {
    const image = { type: 'image', media_type: 'image/png', data: 'AAAA' };
    const made = await form.write(where(), {
      ...{ folder: at.folder, newId: NEW, now: NOW, title: 'A title' },
      history: [
        { id: 'a', role: 'user', content: [{ type: 'text', text: 'see' }, image] },
        { id: 'a', role: 'assistant', content: [{ type: 'tool_call', id: 't1', name: 'Bash', input: { x: 1 } }] },
        {
          ...{ id: 'c', role: 'tool' },
          content: [
            { type: 'tool_result', call_id: 't1', output: 'no', is_error: true },
            { ...image, call_id: 't1' },
            { type: 'tool_result', call_id: 'lost', output: 'orphan' },
          ],
        },
      ] as Message[],
    });
    const [head, user, answer, orphan] = await written(made.transcript);
    assert.equal(head?.['summary'], 'A title');
    assert.deepEqual(user?.['content'], [{ text: 'see' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }]);
    assert.deepEqual([answer?.['id'], orphan?.['content']], ['a-2', [{ text: 'orphan' }]]);
    assert.deepEqual(((answer?.['toolCalls'] ?? []) as { result: unknown }[])[0]?.result, [
      { functionResponse: { id: 't1', name: 'Bash', response: { error: 'no' } } },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
    ]);
  });

  describe('is validated: Gemini would say nothing', () => {
    const codes = async (lines: readonly (object | string)[], name = 'session-1.jsonl') =>
      (await form.validate(await putText(join(at.root, name), toText(lines)))).map(({ code, record }) => [
        code,
        record,
      ]);
    const one = [asked('u1', 'one'), said('g2', 'two')];

    it('of a second session id, which takes the place of the first', async () => {
      assert.deepEqual(await codes([header(), ...one]), []);
      assert.deepEqual(await codes([header(), ...one, { $set: { sessionId: 'other' } }]), [['wrong-session-id', 4]]);
    });

    it('of two different messages under one id, of which the first is lost', async () => {
      assert.deepEqual(await codes([header(), asked('x', 'one'), said('x', 'two')]), [['duplicate-id', 3]]);
    });

    it('of a result without its call, and of a call whose result has no response', async () => {
      const orphan = { id: 'u3', type: 'user', content: [response('t9', 'read_file', 'x')] };
      assert.deepEqual(await codes([header(), ...one, orphan]), [['result-without-call', 4]]);
      const told_ = said('g3', '', { toolCalls: [call('t1', 'x', {}, undefined, { result: ['text'] })] });
      assert.deepEqual(await codes([header(), ...one, told_]), [['call-without-result', 4]]);
    });

    it('of messages that do not come after a first line', async () => {
      assert.deepEqual(await codes([...one, header()]), [['no-header', 1]]);
    });

    it('of a session in which nothing was said, and of one that no list shows', async () => {
      assert.deepEqual(await codes([header(), context()]), [['empty', undefined]]);
      assert.deepEqual(await codes([header({ kind: 'subagent' }), ...one]), [['not-listed', undefined]]);
    });

    it('of a line that is torn', async () => {
      assert.deepEqual(await codes([header(), ...one, '{"id":"u3","type":']), [['not-json', 4]]);
    });
  });

  it('is resumed with a first message behind -i, and never with one that is taken for an option', () => {
    const words = (prompt?: string) =>
      form.resumeCommand?.(NEW, { ...(prompt === undefined ? {} : { prompt }), model: 'm' });
    assert.deepEqual(words(), { command: 'gemini', args: ['--resume', NEW, '-m', 'm'] });
    assert.deepEqual(words('go on')?.args.slice(-2), ['-i', 'go on']);
    assert.deepEqual(words('--yolo')?.args.slice(-2), ['-i', ' --yolo']);
  });
});
