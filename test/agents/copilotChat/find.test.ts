import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pathOfUri, profileFolders, userFolders } from '../../../src/agents/codeUser.ts';
import { copilotChat } from '../../../src/agents/copilotChat/index.ts';

const uuid = (number: number): string => `0000000${number}-0000-4000-8000-000000000000`;

describe("VS Code's folders", () => {
  it('are those of each editor on each system, and of servers; a given one stands alone', () => {
    const where = { home: '/home/ada' };
    const linux = userFolders(where, 'linux');
    for (const folder of [
      '.config/Code/User',
      '.config/VSCodium/User',
      '.config/Cursor/User',
      '.local/share/code-server/User',
    ])
      assert.ok(linux.includes(join('/home/ada', folder)), folder);
    assert.ok(linux.includes('/home/ada/.vscode-server/data/User'));
    assert.ok(userFolders(where, 'darwin').includes('/home/ada/Library/Application Support/Code - Insiders/User'));
    assert.ok(userFolders(where, 'win32').includes(join('/home/ada', 'AppData', 'Roaming', 'Code', 'User')));
    assert.ok(userFolders({ ...where, env: { APPDATA: '/roam' } }, 'win32').includes(join('/roam', 'Code', 'User')));
    assert.ok(userFolders({ ...where, env: { XDG_CONFIG_HOME: '/cfg' } }, 'linux').includes('/cfg/Code/User'));
    assert.deepEqual(userFolders({ ...where, userData: '/u' }, 'linux'), ['/u']);
  });

  it('are told by URIs of this machine only, percent-encoded and with drive letters', () => {
    assert.equal(pathOfUri('file:///home/ada/my%20shop/%E5%BA%97'), '/home/ada/my shop/店');
    assert.equal(pathOfUri('file:///c%3A/Users/ada/shop'), 'C:\\Users\\ada\\shop');
    assert.equal(pathOfUri('file:///D:/x'), 'D:\\x');
    assert.equal(pathOfUri('file://server/share/x'), '\\\\server\\share\\x');
    for (const uri of [
      'vscode-remote://ssh-remote%2Bbox/home/ada',
      'untitled:x',
      'x',
      '',
      'file:///a%00b',
      'file:///%zz',
    ])
      assert.equal(pathOfUri(uri), undefined, uri);
  });
});

describe("Copilot's chats of a folder", () => {
  let root: string;
  let folder: string;
  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-chats-')));
    folder = join(root, 'my shop 店');
    await mkdir(join(folder, 'inner'), { recursive: true });
  });
  after(() => rm(root, { recursive: true }));

  const put = async (file: string, text: string): Promise<string> => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };
  const where = () => ({ home: join(root, 'home'), userData: join(root, 'User') });
  const storage = (id: string): string => join(root, 'User', 'workspaceStorage', id);
  const chat = (text: string, fields: object = {}): string =>
    JSON.stringify({
      version: 3,
      responderUsername: 'GitHub Copilot',
      requests: [
        { requestId: 'request_1', timestamp: 1_795_000_000_000, message: { text }, modelId: 'copilot/x', response: [] },
      ],
      ...fields,
    });

  it('are those of windows on it and on folders inside it, not those of other machines, and each once', async () => {
    await put(join(storage('a'), 'workspace.json'), JSON.stringify({ folder: pathToFileURL(folder).href }));
    await put(
      join(storage('b'), 'workspace.json'),
      JSON.stringify({ folder: pathToFileURL(join(folder, 'inner')).href }),
    );
    await put(join(storage('c'), 'workspace.json'), JSON.stringify({ folder: `vscode-remote://ssh${folder}` }));
    await put(join(storage('d'), 'workspace.json'), JSON.stringify({ workspace: 'file:///x.code-workspace' }));
    await put(join(storage('e'), 'workspace.json'), '{ torn');
    await put(join(storage('f'), 'workspace.json'), JSON.stringify({ folder: pathToFileURL(`${folder}-other`).href }));
    for (const [index, id] of ['a', 'b', 'c', 'd', 'e', 'f', 'no-workspace'].entries())
      await put(join(storage(id), 'chatSessions', `${uuid(index)}.json`), chat(`of ${id}`));
    await put(join(root, 'User', 'globalStorage', 'emptyWindowChatSessions', `${uuid(8)}.json`), chat('empty window'));
    const log = [{ kind: 0, v: { customTitle: 'Newer form', requests: [{ message: { text: 'x' } }] } }];
    await put(join(storage('a'), 'chatSessions', `${uuid(0)}.jsonl`), `${JSON.stringify(log[0])}\n`);
    await put(join(storage('a'), 'chatSessions', `${uuid(9)}.json`), chat('x', { requests: [] }));
    await put(join(storage('a'), 'chatSessions', 'notes.json'), chat('not a chat by its name'));

    const found = await copilotChat.find(where(), folder);
    assert.deepEqual(found.map(({ nativeId, title, turns }) => [nativeId, title, turns]).sort(), [
      [uuid(0), 'Newer form', 1],
      [uuid(1), 'of b', 1],
    ]);
    assert.equal(found.find(({ nativeId }) => nativeId === uuid(1))?.cwd, join(folder, 'inner'));
    assert.equal(
      await copilotChat.native?.transcriptOf(where(), uuid(2)),
      join(storage('c'), 'chatSessions', `${uuid(2)}.json`),
    );
    assert.equal(await copilotChat.native?.transcriptOf(where(), '../../x'), undefined);
  });

  it('tell of a long one what its ends say', async () => {
    const big = 'x'.repeat(600_000);
    const requests = [
      {
        requestId: 'request_1',
        message: { text: 'First \\"words\\"', parts: [] },
        modelId: 'copilot/old',
        response: [{ value: big }],
      },
      { requestId: 'request_2', message: { text: 'Last' }, modelId: 'copilot/new', response: [{ value: 'y' }] },
    ];
    await put(
      join(storage('a'), 'chatSessions', `${uuid(5)}.json`),
      chat('', { requests, creationDate: 1_795_000_000_000 }),
    );
    await put(
      join(storage('a'), 'chatSessions', `${uuid(6)}.jsonl`),
      `${JSON.stringify({ kind: 0, v: { creationDate: 1_795_000_000_000, requests } })}\n${JSON.stringify({ kind: 1, k: ['customTitle'], v: 'Renamed' })}\n`,
    );
    const found = await copilotChat.find(where(), folder);
    const plain = found.find(({ nativeId }) => nativeId === uuid(5));
    assert.deepEqual([plain?.title, plain?.model, plain?.turns], ['First \\"words\\"', 'copilot/new', undefined]);
    assert.equal(plain?.createdAt, new Date(1_795_000_000_000).toISOString());
    assert.equal(found.find(({ nativeId }) => nativeId === uuid(6))?.title, 'Renamed');
  });

  it('have profiles looked through for extensions, too', async () => {
    await mkdir(join(root, 'User', 'profiles', 'p1'), { recursive: true });
    assert.deepEqual(await profileFolders(where()), [join(root, 'User'), join(root, 'User', 'profiles', 'p1')]);
  });
});

describe('a file of Copilot Chat', () => {
  const is = (text: string): boolean => copilotChat.recognises(text, '/x/chat.json');
  it('is known by its first bytes, cut anywhere, and nothing else is', () => {
    assert.ok(is('{"responderUsername":"GitHub Copilot","initialLocation":"panel","requests":[{"requestId":"r'));
    assert.ok(is('\ufeff{\n "version": 3,\n "requests": [\n  {\n   "requestId": "x"'));
    assert.ok(is('{"kind":0,"v":{"version":3,"creationDate":1,"requests":['));
    for (const text of [
      '',
      '[]',
      '{"requests":[]}',
      '{"kind":0,"v":1}',
      '[{"role":"user","content":"\\"requests\\":["}]',
      '{"messages":[{"role":"user"}]}',
    ])
      assert.equal(is(text), false, text);
  });
});
