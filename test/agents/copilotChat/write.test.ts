import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copilotChat } from '../../../src/agents/copilotChat/index.ts';
import type { NativeForm } from '../../../src/agents/index.ts';

const native = copilotChat.native as NativeForm;
const ID = '01000000-0000-7000-8000-000000000001';

describe('a chat that is written to be imported', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'holdfast-export-'));
  });
  afterEach(() => rm(home, { recursive: true }));

  const target = () => ({ folder: home, newId: ID, now: 1_795_000_000_000 });
  const rounds = [
    { response: 'one', toolCalls: [{ id: 'c1', name: 'read_file', arguments: '{}' }] },
    { response: 'two', toolCalls: [{ id: 'c2', name: 'read_file', arguments: '{}' }] },
  ];
  const request = (id: string, toolCallResults: object) => ({
    requestId: id,
    message: { text: `asks ${id}`, parts: [{ kind: 'text', text: `asks ${id}` }], kept: 'as it is' },
    variableData: { variables: [] },
    response: [{ value: 'shown' }],
    vote: 1,
    result: { metadata: { toolCallRounds: rounds, toolCallResults } },
  });
  const given = (value: string) => ({ $mid: 20, content: [{ $mid: 21, value }] });
  const put = async (name: string, text: string): Promise<string> => {
    const file = join(home, name);
    await writeFile(file, text);
    return file;
  };
  const written = async (file: string) => JSON.parse(await readFile(file, 'utf8'));

  it('lies below the home folder, for its user only, and has what VS Code asks of an export', async () => {
    const history = [
      { id: 'a', role: 'user' as const, content: 'Hi' },
      { id: 'b', role: 'assistant' as const, content: 'Hello' },
    ];
    const { transcript } = await native.write({ home }, { ...target(), history });
    assert.equal(transcript, join(home, '.holdfast', 'copilot-chat', `${ID}.json`));
    assert.equal((await stat(transcript)).mode & 0o777, 0o600);
    const chat = await written(transcript);
    assert.equal(typeof chat.responderUsername, 'string');
    assert.equal(typeof chat.requesterUsername, 'string');
    assert.equal(chat.requests[0].message.parts[0].range.endExclusive, 2);
    assert.equal(await native.transcriptOf({ home }, ID), transcript);
    await assert.rejects(native.write({ home }, { ...target(), history }), { code: 'EEXIST' });
  });

  it('has requests that count as a whole as they were, and of the last what counts, with a result for each call', async () => {
    const first = request('request_a', { c1: given('r1'), c2: given('r2') });
    const raw = await put(
      'chat.json',
      JSON.stringify({ responderUsername: 'x', requests: [first, request('request_b', { c1: given('r3') })] }),
    );
    const { transcript } = await native.fork({ home }, { ...target(), raw, messages: 7 });
    const chat = await written(transcript);
    assert.equal(chat.requests.length, 2);
    const { requestId, ...kept } = chat.requests[0];
    const { requestId: _, ...own } = first;
    assert.deepEqual(kept, own);
    assert.notEqual(requestId, 'request_a');
    // The second: its prompt and its first answer, whose call is cut from its result.
    assert.equal(chat.requests[1].message.kept, 'as it is');
    assert.deepEqual(
      chat.requests[1].result.metadata.toolCallRounds.map((round: { response: string }) => round.response),
      ['one'],
    );
    assert.equal(chat.requests[1].result.metadata.toolCallResults.c1.content[0].value, 'interrupted');
    assert.deepEqual(await native.validate(transcript), []);
  });

  it('is made of a log as far as its bytes count, and of its good lines', async () => {
    const lines = [
      { kind: 0, v: { requests: [request('request_a', {})] } },
      { kind: 2, k: ['requests'], v: [request('request_b', {})] },
    ].map((line) => `${JSON.stringify(line)}\n`);
    const raw = await put('chat.jsonl', `${lines.join('')}{"torn`);
    const whole = await native.fork({ home }, { ...target(), raw });
    assert.equal((await written(whole.transcript)).requests.length, 2);
    const newId = ID.replace(/1$/, '2');
    const part = await native.fork({ home }, { ...target(), newId, raw, upTo: Buffer.byteLength(lines[0] ?? '') });
    assert.equal((await written(part.transcript)).requests.length, 1);
  });

  it('is not written from nothing, nor under what is no id', async () => {
    const raw = await put('chat.json', '{"requests":[]}');
    await assert.rejects(native.fork({ home }, { ...target(), raw }));
    await assert.rejects(native.write({ home }, { ...target(), newId: '../x', history: [] }));
    await assert.rejects(stat(join(home, '.holdfast', 'copilot-chat', `${ID}.json`)));
  });

  it('is told bad where VS Code would refuse it or forget what it says', async () => {
    const codes = async (text: string): Promise<readonly string[]> =>
      (await native.validate(await put('bad.json', text))).map(({ code }) => code);
    const good = request('request_a', { c1: given('r1'), c2: given('r2') });
    const chat = (fields: object, head: object = { responderUsername: 'x' }): string =>
      JSON.stringify({ ...head, requests: [{ ...good, ...fields }] });
    assert.deepEqual(await codes(chat({})), []);
    assert.deepEqual(await codes(chat({}, {})), ['header-field-missing']);
    assert.deepEqual(await codes(chat({ requestId: '' })), ['no-message-id']);
    assert.deepEqual(await codes(chat({ response: undefined })), ['header-field-missing']);
    assert.deepEqual(await codes(chat({ message: { text: 'no parts' } })), ['header-field-missing']);
    assert.deepEqual(await codes(JSON.stringify({ responderUsername: 'x', requests: [good, good] })), ['duplicate-id']);
    const lost = { metadata: { toolCallRounds: rounds, toolCallResults: { c1: { content: [] }, cX: given('') } } };
    assert.deepEqual(await codes(chat({ result: lost })), [
      'call-without-result',
      'call-without-result',
      'result-without-call',
    ]);
    assert.deepEqual(await codes(chat({}).slice(0, -3)), ['not-json', 'empty']);
    assert.deepEqual(await codes(''), ['not-json', 'header-field-missing', 'empty']);
    assert.deepEqual(
      (await native.validate(join(home, 'missing'))).map(({ code }) => code),
      ['not-json', 'header-field-missing', 'empty'],
    );
  });
});
