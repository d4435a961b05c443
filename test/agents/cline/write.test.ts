import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cline } from '../../../src/agents/cline/index.ts';
import type { NativeForm } from '../../../src/agents/index.ts';
import type { Message } from '../../../src/core/index.ts';

const native = cline.native as NativeForm;
const NOW = 1_795_000_000_000;

describe('sessions and tasks of Cline', () => {
  let root: string;
  let folder: string;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-cline-')));
    folder = join(root, 'shop');
    await mkdir(folder);
  });
  afterEach(() => rm(root, { recursive: true }));

  const where = () => ({ home: join(root, 'home'), userData: join(root, 'User') });
  const put = async (file: string, value: unknown): Promise<string> => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
    return file;
  };
  const id = (seed: string): string => native.newId(NOW, seed.repeat(64));
  const target = (seed: string) => ({ folder, newId: id(seed), now: NOW, title: 'A title' });
  const history: readonly Message[] = [
    { id: 'a', role: 'user', content: 'Look' },
    {
      id: 'b',
      role: 'assistant',
      content: [
        { type: 'text', text: 'Reading' },
        { type: 'tool_call', id: 'c1', name: 'Read', input: { path: 'x' } },
      ],
    },
    { id: 'c', role: 'tool', content: [{ type: 'tool_result', call_id: 'c1', output: 'seen' }] },
    { id: 'd', role: 'assistant', content: [{ type: 'tool_call', id: 'c2', name: 'Read', input: {} }] },
    { id: 'e', role: 'user', content: 'Never mind' },
  ];
  const written = async (file: string) => JSON.parse(await readFile(file, 'utf8'));

  it('are found for their folder: sessions by their manifest, tasks by the list, the prompt, or the newer of both', async () => {
    const session = await native.write(where(), { ...target('a'), history, model: 'm', provider: 'p' });
    const store = join(root, 'User', 'globalStorage', 'saoudrizwan.claude-dev');
    await put(join(store, 'state', 'taskHistory.json'), [
      { id: '1795000000001', task: 'Listed', cwdOnTaskInitialization: folder, modelId: 'x' },
      { id: '1795000000002', task: 'Elsewhere', cwdOnTaskInitialization: root },
    ]);
    const shown = JSON.stringify(`<environment_details>\n# Current Working Directory (${folder}) Files`);
    for (const task of ['1795000000001', '1795000000002', '1795000000003'])
      await put(join(store, 'tasks', task, 'api_conversation_history.json'), `[{"role":"user","content":${shown}}]`);
    await put(join(store, 'tasks', '..hidden'), 'x');
    const found = await cline.find(where(), folder);
    assert.deepEqual(
      found.map(({ nativeId, title, model }) => [nativeId, title, model]).sort(),
      [
        ['1795000000001', 'Listed', 'x'],
        ['1795000000003', undefined, undefined],
        [session.nativeId, 'A title', 'm'],
      ].sort(),
    );
    const elsewhere = await cline.find(
      { home: root, env: { CLINE_DIR: join(root, 'home', '.cline') }, userData: '/none' },
      folder,
    );
    assert.deepEqual(
      elsewhere.map(({ nativeId }) => nativeId),
      [session.nativeId],
    );
  });

  it('are written with a manifest, for their user only, and an answer to each call before anything else is said', async () => {
    const { transcript, nativeId } = await native.write(where(), { ...target('a'), history });
    assert.equal((await stat(transcript)).mode & 0o777, 0o600);
    const { messages, sessionId } = await written(transcript);
    assert.equal(sessionId, nativeId);
    assert.deepEqual(
      messages.map(({ role, content }: { role: string; content: { type: string; content?: string }[] }) => [
        role,
        content.map(({ type }) => type),
      ]),
      [
        ['user', ['text']],
        ['assistant', ['text', 'tool_use']],
        ['user', ['tool_result']],
        ['assistant', ['tool_use']],
        ['user', ['tool_result']],
        ['user', ['text']],
      ],
    );
    const manifest = await written(join(dirname(transcript), `${nativeId}.json`));
    assert.deepEqual([manifest.cwd, manifest.metadata.title], [folder, 'A title']);
    // An empty name would make the agent begin anew, over the messages.
    assert.notEqual(manifest.model, '');
    assert.deepEqual(await native.validate(transcript), []);
    await assert.rejects(native.write(where(), { ...target('a'), history }), { code: 'EEXIST' });
  });

  it('are forked record by record, and in the middle of one where only its results count', async () => {
    const raw = await put(join(root, 'raw.json'), {
      version: 1,
      sessionId: '1795000000000_other',
      system_prompt: 'kept',
      messages: [
        { id: 'first_id', role: 'user', content: 'Look', ts: 5, extra: { kept: true } },
        {
          id: 'second_id',
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'x', signature: 's' },
            { type: 'tool_use', id: 'c1', name: 'editor', input: {} },
          ],
          ts: 6,
        },
        {
          id: 'third_id',
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'c1', content: 'ok' },
            { type: 'text', text: 'and on' },
          ],
          ts: 7,
        },
      ],
    });
    const before = await readFile(raw);
    const { transcript, nativeId } = await native.fork(where(), { ...target('b'), raw, messages: 3 });
    const fork = await written(transcript);
    assert.equal(fork.system_prompt, 'kept');
    assert.deepEqual(
      fork.messages.map((message: { id: string }) => message.id),
      ['first_id', 'second_id', 'third_id'],
    );
    assert.deepEqual(fork.messages[0].extra, { kept: true });
    assert.equal(fork.messages[1].content[0].signature, 's');
    assert.deepEqual(
      fork.messages[2].content.map(({ type }: { type: string }) => type),
      ['tool_result'],
    );
    const manifest = await written(join(dirname(transcript), `${nativeId}.json`));
    assert.equal(manifest.metadata.fork.forkedFromSessionId, '1795000000000_other');
    assert.deepEqual(await readFile(raw), before);
    const cut = await written((await native.fork(where(), { ...target('c'), raw, messages: 2 })).transcript);
    assert.equal(cut.messages[2].content[0].content, 'interrupted');
  });

  it('a task becomes a session: its store is left alone', async () => {
    const raw = await put(join(root, 'tasks', '1795000000009', 'api_conversation_history.json'), [
      { role: 'user', content: [{ type: 'text', text: '<task>\nLook\n</task>' }] },
      { role: 'assistant', content: [{ type: 'text', text: '<read_file><path>a</path></read_file>' }] },
      { role: 'user', content: [{ type: 'text', text: "[read_file for 'a'] Result:\n1 | x" }] },
    ]);
    const { transcript } = await native.fork(where(), { ...target('a'), newId: '1795000000009', raw });
    const { messages } = await written(transcript);
    assert.deepEqual(
      messages.map(({ content }: { content: { type: string }[] }) => content.map(({ type }) => type)),
      [['text'], ['tool_use'], ['tool_result']],
    );
    assert.deepEqual(await native.validate(transcript), []);
    await assert.rejects(stat(join(root, 'User')));
  });

  it('take no path and no flag for an id, and name what the command line is given', () => {
    for (const text of [
      '',
      '..',
      '../x',
      '-i',
      '1795000000000_',
      '1795000000000_a/b',
      '1795000000000 x',
      '12',
      'a'.repeat(20),
    ]) {
      assert.equal(native.isId(text), false, text);
      assert.throws(() => native.resumeCommand?.(text));
    }
    assert.deepEqual(native.resumeCommand?.(id('a'), { model: 'm', provider: 'p', prompt: 'lost' }), {
      command: 'cline',
      args: ['-i', '--id', id('a'), '-P', 'p', '-m', 'm'],
    });
  });

  it('are told bad where the agent would not find them, or go on without what was said', async () => {
    const { transcript, nativeId } = await native.write(where(), { ...target('a'), history: history.slice(0, 3) });
    const manifest = join(dirname(transcript), `${nativeId}.json`);
    const [goodManifest, good] = [await readFile(manifest, 'utf8'), await readFile(transcript, 'utf8')];
    const codes = async (): Promise<readonly string[]> => [
      ...new Set((await native.validate(transcript)).map(({ code }) => code)),
    ];
    const broken = async (file: string, from: string | RegExp, to: string): Promise<readonly string[]> => {
      await writeFile(file, (file === manifest ? goodManifest : good).replace(from, to));
      const found = await codes();
      await writeFile(file, file === manifest ? goodManifest : good);
      return found;
    };
    assert.deepEqual(await broken(manifest, '"model": "unknown"', '"model": ""'), ['header-field-missing']);
    assert.deepEqual(await broken(manifest, /"session_id": "[^"]*"/, '"session_id": "x"'), ['wrong-session-id']);
    assert.deepEqual(await broken(manifest, '{', ''), ['not-json']);
    assert.deepEqual(await broken(transcript, /"sessionId":"[^"]*"/, '"sessionId":"x"'), ['wrong-session-id']);
    assert.deepEqual(await broken(transcript, /"sessionId":"[^"]*",?/, ''), ['no-session-id']);
    assert.deepEqual(await broken(transcript, '"id":"msg_1"', '"id":""'), ['no-message-id']);
    assert.deepEqual(await broken(transcript, '"id":"msg_2"', '"id":"msg_1"'), ['duplicate-id']);
    assert.deepEqual(await broken(transcript, '"tool_use_id":"c1"', '"tool_use_id":"c9"'), [
      'result-without-call',
      'call-without-result',
    ]);
    assert.deepEqual(await broken(transcript, /"ts":\d+/, '"ts":null'), ['no-timestamp']);
    assert.deepEqual(await broken(transcript, /\]\}\s*$/, ''), ['not-json', 'call-without-result']);
    assert.deepEqual(await broken(transcript, /"messages":\[[\s\S]*\]/, '"messages":[]'), ['empty']);
    await rm(manifest);
    assert.deepEqual(await codes(), ['not-listed']);
  });

  it('are configured as the settings of the command line say, and no file of keys is opened', async () => {
    const data = join(root, 'home', '.cline', 'data');
    await put(join(data, 'globalState.json'), {
      mode: 'act',
      actModeApiProvider: 'openrouter',
      actModeOpenRouterModelId: 'm',
      actModeApiModelId: 'other',
    });
    const { llm_model: model, llm_provider: provider } = await cline.currentConfig(where(), folder);
    assert.deepEqual([model, provider], ['m', 'openrouter']);
    await put(join(data, 'globalState.json'), '[');
    assert.deepEqual(await cline.currentConfig(where(), folder), { name: 'Cline', agent_type: 'cline' });
  });
});
