import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { type Agent, fileOf, type LiveSession } from '../../../../src/agents/index.ts';
import { makePlace, type Place, type Samples } from './sample.ts';
import { spyOnReads } from './spyOnReads.ts';

const SECRETS = /(?:^|[/\\])(?:auth\.json|\.credentials\.json|oauth_creds\.json|secrets\.json|providers\.json)$/;

/** What looking for sessions, and for the agent's settings, promises. */
export function finding(agent: Agent, { transcripts }: Samples): void {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => place.remove());

  const listed = transcripts.filter(({ elsewhere }) => elsewhere !== true);
  const find = (folder = place.folder): Promise<readonly LiveSession[]> => agent.find(place.where, folder);
  async function putAll(): Promise<readonly string[]> {
    const files: string[] = [];
    for (const sample of listed) {
      for (const number of [1, 2]) files.push(await sample.put(place.where, place.folder, files.length * 2 + number));
    }
    return files;
  }

  it('finds nothing, and throws nothing, where the agent was never used', async () => {
    assert.deepEqual(await find(), []);
    assert.deepEqual(await agent.find({ home: join(place.root, 'nobody') }, join(place.root, 'nowhere')), []);
  });

  it('lists the sessions of the folder, newest first, and those of no other', async () => {
    const files = await putAll();
    const found = await find();
    assert.deepEqual(found.map(({ transcript }) => transcript).sort(), [...files].sort());
    for (const session of found) {
      assert.equal(session.agent, agent.id);
      assert.ok(isAbsolute(session.transcript) && isAbsolute(session.cwd));
      assert.ok(session.changedAt > 0);
      assert.ok(agent.native === undefined || agent.native.isId(session.nativeId), session.nativeId);
    }
    assert.equal(new Set(found.map(({ nativeId }) => nativeId)).size, found.length);
    const times = found.map(({ changedAt }) => changedAt);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => b - a),
    );
    const other = join(place.root, 'work/other');
    await mkdir(other, { recursive: true });
    assert.deepEqual(await find(other), []);
  });

  it('opens nothing outside the home, the editor’s data and the folder, and no credentials', async () => {
    await putAll();
    const { paths } = await spyOnReads(async () => {
      await find();
      await agent.currentConfig(place.where, place.folder);
    });
    for (const path of paths) {
      if (/node_modules|[/\\]src[/\\]/.test(path)) continue;
      const way = relative(place.root, path);
      assert.ok(!way.startsWith('..') && !isAbsolute(way), `it opened ${path}`);
      assert.doesNotMatch(path, SECRETS);
    }
  });

  it('lives with folders that are files, files that are folders, links that lead nowhere, and garbage', async () => {
    for (const file of await putAll()) {
      const [stored, beside] = [fileOf(agent, file), dirname(fileOf(agent, file))];
      const ending = /(?:\.[^./\\]+)?$/.exec(basename(stored))?.[0] ?? '';
      const name = basename(stored).slice(0, basename(stored).length - ending.length);
      await writeFile(join(beside, `${name.slice(0, -1)}0${ending}`), '\0{"torn');
      await writeFile(join(beside, `${name.slice(0, -1)}9${ending}`), '');
      await mkdir(join(beside, `${name.slice(0, -1)}8${ending}`), { recursive: true }).catch(ignoreTaken);
      await symlink('nowhere', join(beside, `${name.slice(0, -1)}7${ending}`)).catch(ignoreTaken);
    }
    await find();
    for (const root of agent.watchRoots(place.where, place.folder)) {
      assert.ok(isAbsolute(root), root);
      await rm(root, { recursive: true, force: true });
      await mkdir(dirname(root), { recursive: true });
      await writeFile(root, 'a file').catch(ignoreTaken);
    }
    assert.deepEqual(await find(), []);
  });

  it('reads settings that are missing, broken, or no files', async () => {
    const ask = () => spyOnReads(() => agent.currentConfig(place.where, place.folder));
    const { result, paths } = await ask();
    assert.equal(typeof result, 'object');
    for (const content of ['', '{', '[]', 'null', '{"model":7,"env":[],"profiles":null}', '= x', undefined]) {
      for (const path of paths.filter((one) => one.startsWith(place.root))) {
        await rm(path, { recursive: true, force: true });
        await mkdir(content === undefined ? path : dirname(path), { recursive: true });
        if (content !== undefined) await writeFile(path, content);
      }
      const { result: config } = await ask();
      assert.ok(config.llm_model === undefined || typeof config.llm_model === 'string', content);
    }
  });
}

function ignoreTaken(error: unknown): void {
  if (error instanceof Error && 'code' in error && (error.code === 'EEXIST' || error.code === 'EISDIR')) return;
  throw error;
}
