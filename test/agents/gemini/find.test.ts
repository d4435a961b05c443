import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gemini } from '../../../src/agents/gemini/index.ts';
import { rootHash, slugOf } from '../../../src/agents/gemini/places.ts';
import { putText } from '../support/conformance/sample.ts';
import { toText } from '../support/transcripts.ts';
import { asked, header, SID, said } from './lines.ts';

describe('sessions of the Gemini CLI are found', () => {
  let root: string;
  let folder: string;
  let home: string;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-gemini-')));
    [folder, home] = [join(root, 'work/My Shop'), join(root, 'home')];
    await mkdir(folder, { recursive: true });
  });
  afterEach(() => rm(root, { recursive: true }));

  const where = () => ({ home, env: {} });
  const talk = [asked('u1', 'one'), said('g2', 'two')];
  const put = (project: string, name: string, lines: readonly object[]) =>
    putText(join(home, '.gemini/tmp', project, 'chats', name), toText(lines));
  const mark = (project: string, of = folder) =>
    putText(join(home, '.gemini/tmp', project, '.project_root'), `${of}\n`);
  const found = async () =>
    (await gemini.find(where(), folder)).map(({ nativeId, title }) => `${nativeId.slice(0, 8)} ${title}`);
  const name = 'session-2026-11-20T10-00-0a0a0a0a.jsonl';

  it('by the marker of their project, by projects.json, and by the hash of the folder', async () => {
    await mark('any');
    await put('any', name, [header(), ...talk]);
    assert.deepEqual(await found(), ['0a0a0a0a one']);
    const [session] = await gemini.find(where(), folder);
    assert.deepEqual(
      [session?.cwd, session?.turns, session?.model, session?.agent],
      [folder, 1, 'gemini-3-flash', 'gemini'],
    );
    await rm(join(home, '.gemini'), { recursive: true });

    await putText(join(home, '.gemini/projects.json'), JSON.stringify({ projects: { [folder]: 'shop-1', '/x': 7 } }));
    await put('shop-1', name, [header(), ...talk]);
    assert.deepEqual(await found(), ['0a0a0a0a one']);
    await rm(join(home, '.gemini'), { recursive: true });

    await put(rootHash(folder), name, [header({ projectHash: rootHash(folder) }), ...talk]);
    assert.deepEqual(await found(), ['0a0a0a0a one']);
  });

  it('in a project that only its name tells where their hash is that of the folder', async () => {
    await put('my-shop', name, [header(), ...talk]);
    assert.deepEqual(await found(), []);
    await put('my-shop', name, [header({ projectHash: rootHash(folder) }), ...talk, asked('u3', 'three')]);
    assert.deepEqual(await found(), ['0a0a0a0a one']);
  });

  it('below GEMINI_CLI_HOME, and inside the folder, but not elsewhere', async () => {
    await mark('sub', join(folder, 'packages/a'));
    await put('sub', name, [header(), ...talk]);
    await mark('other', join(root, 'work'));
    await put('other', 'session-2026-11-20T10-00-0b0b0b0b.jsonl', [header({ sessionId: 'other' }), ...talk]);
    assert.deepEqual(await found(), ['0a0a0a0a one']);
    const env = { GEMINI_CLI_HOME: home };
    assert.equal((await gemini.find({ home: '/nowhere', env }, folder)).length, 1);
    assert.deepEqual(await gemini.find({ home: '/nowhere', env: {} }, folder), []);
  });

  it('without what a resume leaves behind, and without sub-agents', async () => {
    await mark('shop');
    const whole = await put('shop', name, [header(), ...talk]);
    const stub = await put('shop', 'session-2026-11-20T11-30-0a0a0a0a.jsonl', [header(), { $set: { messages: [] } }]);
    await utimes(stub, new Date(), new Date());
    await put('shop', 'session-2026-11-20T11-31-0c0c0c0c.jsonl', [
      header({ sessionId: 'sub', kind: 'subagent' }),
      ...talk,
    ]);
    assert.deepEqual(
      (await gemini.find(where(), folder)).map(({ transcript }) => transcript),
      [whole],
    );
    assert.equal(await gemini.native?.transcriptOf(where(), SID, folder), whole);
  });

  it('once, where an old document went on as lines', async () => {
    await mark('shop');
    const document = { ...header(), messages: talk };
    await putText(join(home, '.gemini/tmp/shop/chats/session-a-0a0a0a0a.json'), JSON.stringify(document, null, 2));
    assert.deepEqual(await found(), ['0a0a0a0a one']);
    const lines = await put('shop', 'session-a-0a0a0a0a.jsonl', [
      ...[header(), ...talk],
      { $set: { lastUpdated: '2026-11-20T12:00:00.000Z', summary: 'A title' } },
    ]);
    assert.deepEqual(
      (await gemini.find(where(), folder)).map(({ transcript, title }) => [transcript, title]),
      [[lines, 'A title']],
    );
  });

  it('whatever else lies there', async () => {
    await putText(join(home, '.gemini/projects.json'), '{"projects":[');
    await mark('shop');
    await put('shop', name, [header(), ...talk]);
    await putText(join(home, '.gemini/tmp/shop/chats/session-bad.json'), '{"sessionId":');
    await putText(join(home, '.gemini/tmp/shop/chats/session-null.jsonl'), 'null\n7\n"x"\n');
    await mkdir(join(home, '.gemini/tmp/shop/chats/session-folder.jsonl'));
    await writeFile(join(home, '.gemini/tmp/file'), '');
    assert.deepEqual(await found(), ['0a0a0a0a one']);
  });

  it('under slugs that Gemini makes of paths of any system', () => {
    assert.equal(slugOf('C:\\Users\\Ann\\My Shop (2)'), 'my-shop-2');
    assert.equal(slugOf('/home/ann/My Shop (2)'), 'my-shop-2');
    assert.equal(slugOf('/home/ann/商店'), 'project');
    assert.equal(slugOf('/'), 'project');
  });

  it('with settings that tell the model: the project before the user, comments and all', async () => {
    assert.equal((await gemini.currentConfig(where(), folder)).llm_model, undefined);
    await putText(join(home, '.gemini/settings.json'), '// mine\n{ "model": { "name": "gemini-2.5-pro" }, }');
    assert.equal((await gemini.currentConfig(where(), folder)).llm_model, 'gemini-2.5-pro');
    await putText(join(folder, '.gemini/settings.json'), '{ "model": "gemini-2.5-flash" }');
    assert.equal((await gemini.currentConfig(where(), folder)).llm_model, 'gemini-2.5-flash');
    await putText(join(folder, '.gemini/settings.json'), '{ "model": { "name": "auto" } }');
    assert.equal((await gemini.currentConfig(where(), folder)).llm_model, undefined);
    await putText(join(folder, '.gemini/settings.json'), '[1');
    assert.equal((await gemini.currentConfig(where(), folder)).llm_model, 'gemini-2.5-pro');
  });
});
