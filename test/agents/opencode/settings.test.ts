import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { importTranscript } from '../../../src/agents/index.ts';
import { opencode } from '../../../src/agents/opencode/index.ts';
import { openStore, SES, START } from './store.ts';

describe('what opencode would run with', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'holdfast-opencode-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  const config = (env: Readonly<Record<string, string>> = {}) =>
    opencode.currentConfig({ home: join(root, 'home'), env }, join(root, 'repo/packages/a'));

  it('is told by the settings nearest to the folder, up to the root of its repository', async () => {
    await mkdir(join(root, 'repo/packages/a'), { recursive: true });
    const plain = { name: 'opencode', agent_type: 'opencode' };
    assert.deepEqual(await config(), plain);
    await put('home/.local/state/opencode/model.json', '{"recent":[{"providerID":"last","modelID":"used"}]}');
    assert.deepEqual(await config(), { ...plain, llm_provider: 'last', llm_model: 'used' });
    await put('home/.config/opencode/opencode.jsonc', '{ // mine\n "model": "user/one", }');
    assert.deepEqual(await config(), { ...plain, llm_provider: 'user', llm_model: 'one' });
    await put('opencode.json', '{"model":"outside/x"}');
    await mkdir(join(root, 'repo/.git'), { recursive: true });
    assert.equal((await config()).llm_provider, 'user');
    await put('repo/opencode.json', '{"model":"repo/a/b"}');
    assert.deepEqual(await config(), { ...plain, llm_provider: 'repo', llm_model: 'a/b' });
    await put(
      'repo/packages/a/opencode.json',
      '{"default_agent":"plan","agent":{"plan":{"model":"of/plan"}},"model":"x/y"}',
    );
    assert.deepEqual(await config(), { ...plain, llm_provider: 'of', llm_model: 'plan', mode: 'plan' });
    await put('elsewhere/config/opencode/opencode.json', '{"model":"xdg/m"}');
    await put('repo/packages/a/opencode.json', '{"agent":[],"model":7}');
    await put('repo/opencode.json', 'no settings');
    assert.equal((await config({ XDG_CONFIG_HOME: join(root, 'elsewhere/config') })).llm_provider, 'xdg');
  });

  it('says nothing of its sessions, and throws nothing, where the runtime has no SQLite', async () => {
    const file = join(root, 'home/.local/share/opencode/opencode.db');
    const store = await openStore(file);
    store.session(root);
    store.close();
    const { getBuiltinModule, emitWarning } = process;
    try {
      process.getBuiltinModule = (() => undefined) as unknown as typeof getBuiltinModule;
      assert.deepEqual(await opencode.find({ home: join(root, 'home') }, root), []);
      const read = await importTranscript(`${file}#${SES}`, {
        folder: root,
        now: () => START,
        random: () => '01234567',
      });
      assert.equal(read.kind, 'unreadable');
    } finally {
      process.getBuiltinModule = getBuiltinModule;
    }
    assert.equal(process.emitWarning, emitWarning, 'all other warnings are told');
    assert.equal((await opencode.find({ home: join(root, 'home') }, root)).length, 1);
  });

  it('leaves out of its sessions those of sub-agents, archived ones, other folders, and ids that are none', async () => {
    const store = await openStore(join(root, 'data/opencode/opencode.db'));
    try {
      const inside = join(root, 'repo/packages');
      store.session(join(root, 'repo'), { id: 'ses_here', time_updated: START + 1 });
      store.session(inside, { id: 'ses_inside', time_updated: START + 2 });
      store.session(root, { id: 'ses_above' });
      store.session(join(root, 'repo-2'), { id: 'ses_beside' });
      store.session(inside, { id: 'ses_child', parent_id: 'ses_here' });
      store.session(inside, { id: 'ses_archived', time_archived: START });
      store.session(inside, { id: 'ses_$(id)' });
      const found = await opencode.find({ home: root, env: { XDG_DATA_HOME: join(root, 'data') } }, join(root, 'repo'));
      assert.deepEqual(
        found.map(({ nativeId }) => nativeId),
        ['ses_inside', 'ses_here'],
      );
    } finally {
      store.close();
    }
  });
});
