import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectAgent, handOver, importTranscript, toChatMessages } from '../../../src/agents/index.ts';
import { messages } from '../../../src/agents/messages/index.ts';
import type { Message } from '../../../src/core/index.ts';
import { outline, partOf } from '../support/transcripts.ts';

describe('plain messages', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-messages-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function read(content: unknown) {
    const file = join(folder, 'saved.json');
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    const options = { folder, now: () => 0, random: () => '0123456789abcdef' };
    const outcome = await importTranscript(file, { ...options, agent: 'messages' });
    if (outcome.kind !== 'imported') throw new Error(outcome.kind);
    return { ...outcome, history: outcome.session.history, body: outcome.session.body };
  }
  async function detected(content: unknown, name = 'saved.json'): Promise<string | undefined> {
    const file = join(folder, name);
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return (await detectAgent(file))?.id;
  }
  const user = { role: 'user', content: 'hi' };

  it('are known by their shape: a list of objects with a role, however it is laid out', async () => {
    for (const content of [
      [user],
      { messages: [user] },
      { model: 'x', input: [user] },
      { input: 'x', history: [user] },
      `\ufeff[\n${JSON.stringify(user)},\n${JSON.stringify({ role: 'assistant', content: 'ho' })}\n]`,
      `[\n${JSON.stringify({ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] })}\n]`,
      // The first message goes on behind what is looked at.
      [{ role: 'system', content: 'x'.repeat(100_000) }, user],
      { messages: [{ role: 'system', content: 'x'.repeat(100_000) }] },
    ])
      assert.equal(await detected(content), 'messages', JSON.stringify(content).slice(0, 60));
  });

  it('are not what only looks a little like them', async () => {
    for (const content of [
      [],
      {},
      [{ role: 'user' }],
      [{ role: 'admin', content: 'x' }],
      [{ type: 'click', x: 1 }],
      [['user', 'hi']],
      { users: [user] },
      { messages: 'none' },
      { messages: [] },
      { schema: 'holdfast/1', session_id: 's', history: [user] },
      `${JSON.stringify(user)}\n${JSON.stringify(user)}\n`,
    ])
      assert.equal(await detected(content), undefined, JSON.stringify(content));
  });

  it('keep native ids where each is one message’s own, else are numbered', async () => {
    const { history } = await read([
      { ...user, id: 'a' },
      { ...user, id: 'a' },
      { ...user, id: '' },
      { ...user, id: 'm1' },
      user,
    ]);
    assert.deepEqual(
      history.map(({ id }) => id),
      ['a', 'm1', 'm2', 'm3', 'm4'],
    );
  });

  it('pair calls and results that have no ids by name and order', async () => {
    const { history, counts } = await read({
      contents: [
        { role: 'user', parts: [{ text: 'go' }] },
        {
          role: 'model',
          parts: [
            { functionCall: { name: 'read_file', args: { path: 'a' } } },
            { function_call: { name: 'other', args: {} } },
          ],
        },
        {
          role: 'function',
          parts: [
            { function_response: { name: 'other', response: { error: 'no' } } },
            { functionResponse: { name: 'read_file', response: { lines: 3 } } },
          ],
        },
      ],
    });
    assert.equal(outline(history), 'user(go) assistant(read_file#m1.0 other#m1.1) tool(#m1.1 #m1.0)');
    assert.deepEqual([partOf(history, 2, 0)['is_error'], partOf(history, 2, 1)['output']], [true, '{"lines":3}']);
    assert.deepEqual([counts.toolCalls, counts.reads], [2, 1]);
  });

  it('have the old form of calls, arguments that are no JSON, reasoning, and images', async () => {
    const { history } = await read([
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }, 'look'] },
      { role: 'assistant', content: null, reasoning_content: 'hm', function_call: { name: 'f', arguments: '{"a"' } },
      { role: 'function', name: 'f', content: 'done' },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.invalid/x.png' } }] },
    ]);
    assert.equal(outline(history), 'user(image look) assistant(hm f#m1.1) tool(#m1.1) user(image_url)');
    assert.equal(partOf(history, 1, 1)['input'], '{"a"');
  });

  it('tell the tools and the instructions of a saved request, and no folder', async () => {
    const tools = [
      { type: 'function', function: { name: 'a', description: 'd', parameters: { type: 'object' } } },
      { name: 'b', input_schema: {} },
      { functionDeclarations: [{ name: 'c' }] },
      { type: 'web_search' },
    ];
    const { body, reader } = await read({ model: 'm', system: 'Be polite', tools, messages: [user] });
    assert.deepEqual(
      body.tools?.map(({ name }) => name),
      ['a', 'b', 'c', 'web_search'],
    );
    assert.equal(body.agent_config?.llm_model, 'm');
    assert.match(body.agent_config?.system_prompt_sha256 ?? '', /^[0-9a-f]{64}$/);
    assert.equal(reader.facts().cwd, undefined);
  });

  it('tell tools that are declared in groups, and of groups in groups nothing', async () => {
    const deep = `${'[{"functionDeclarations":'.repeat(20_000)}[]${'}]'.repeat(20_000)}`;
    const reader = messages.reader({ transcript: '/x/request.json' });
    const text = `[{"functionDeclarations":[{"name":"glob"},{"functionDeclarations":${deep}}]},{"name":"read"}]`;
    reader.push(text, { from: 0, to: 0, number: 1, key: 'tools' });
    assert.deepEqual(
      reader.facts().tools?.map(({ name }) => name),
      ['glob', 'read'],
    );
  });

  it('touch files by the names of known tools only, and only where the call succeeded', async () => {
    await writeFile(join(folder, 'a.ts'), 'a');
    const call = (id: string, name: string, input: object, result: object = {}) => [
      { role: 'assistant', content: [{ type: 'tool_use', id, name, input }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'ok', ...result }] },
    ];
    const { body, counts } = await read([
      user,
      ...call('1', 'read_file', { path: 'a.ts' }),
      ...call('2', 'Read', { file_path: '/elsewhere/b.ts', limit: 3 }),
      ...call('3', 'Write', { file_path: join(folder, 'a.ts'), content: 'a' }),
      ...call('4', 'Read', { file_path: 'failed.ts' }, { is_error: true }),
      ...call('5', 'open_gate', { path: 'gate.ts' }),
      ...call('6', 'read_file', { path: '../../up' }),
    ]);
    assert.deepEqual([counts.reads, counts.fullReads, counts.edits], [3, 2, 1]);
    assert.deepEqual(
      Object.keys(body.read_cache ?? {}).filter((key) => !key.startsWith('/')),
      ['a.ts'],
    );
    assert.ok(body.read_cache?.['a.ts']?.sha256 !== undefined);
    assert.ok(Object.entries(body.read_cache ?? {}).every(([key, { outside }]) => key === 'a.ts' || outside === true));
  });

  it('that are no messages are problems, and the others are read', async () => {
    const { history, problems } = await read('[7, {"role":"admin"}, {"role":"user","content":"hi"}, {"role":"us');
    assert.equal(outline(history), 'user(hi)');
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['truncated', 'bad-shape', 'bad-shape'],
    );
  });

  it('are written as chat messages, and read back as the same conversation', async () => {
    const history = [
      { id: 'm1', role: 'system', content: 'Be polite' },
      {
        id: 'm2',
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image', media_type: 'image/png', data: 'AAAA' },
        ],
      },
      {
        id: 'm3',
        role: 'assistant',
        content: [
          { type: 'text', text: 'Reading' },
          { type: 'tool_call', id: 'call_1', name: 'read_file', input: { path: 'a' } },
        ],
      },
      { id: 'm4', role: 'tool', content: [{ type: 'tool_result', call_id: 'call_1', output: 'text' }] },
      { id: 'm5', role: 'assistant', content: 'Done' },
    ] as readonly Message[];
    const accepts = { foreignCalls: true, images: true, system: true };
    const ready = (await handOver(history, { from: 'messages', to: 'messages', accepts })).history;
    const chat = toChatMessages(ready);
    assert.deepEqual(chat[2], {
      role: 'assistant',
      content: 'Reading',
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'read_file', arguments: '{"path":"a"}' } }],
    });
    assert.deepEqual(chat[3], { role: 'tool', tool_call_id: 'call_1', content: 'text' });
    assert.equal(
      outline((await read(chat)).history),
      'system(Be polite) user(look image) assistant(Reading read_file#call_1) tool(#call_1) assistant(Done)',
    );
  });
});
