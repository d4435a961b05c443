import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { bindTouches } from '../../../src/core/files/bindTouches.ts';
import { findMoved } from '../../../src/core/files/freshness/findMoved.ts';
import { sweep } from '../../../src/core/files/freshness/sweep.ts';
import { createReadCache, type ReadCache } from '../../../src/core/files/readCache.ts';
import { makeWorkplace, passGrain, removeFolders } from './workplace.ts';

/** What somebody who comes back is told of: files that are not what the session saw, with where they went. */
async function whatChanged(cache: ReadCache, head?: string): Promise<Record<string, string>> {
  const found = await findMoved(cache, await sweep(cache), { head });
  const stale = found.filter(({ freshness }) => freshness !== 'same' && freshness !== 'touched');
  return Object.fromEntries(stale.map(({ key, freshness, movedTo }) => [key, movedTo ?? freshness]));
}

const TEXT = Array.from({ length: 30 }, (_, n) => `line ${n}\n`).join('');

describe('pain 18: nobody says what changed since the session was left', () => {
  afterEach(removeFolders);

  it('names exactly the files that changed, went and moved, of all that the session had read', async () => {
    const { guard, put, at, cache, folder } = makeWorkplace();
    for (let n = 0; n < 40; n++) {
      put(`src/f${n}.ts`, `${n}\n${TEXT}`);
      await guard.read(`src/f${n}.ts`);
    }
    assert.deepEqual(await whatChanged(cache), {});
    await passGrain(folder);
    // The session was left; the person goes on.
    put('src/f1.ts', `other\n${TEXT}`);
    fs.rmSync(at('src/f2.ts'));
    fs.mkdirSync(at('lib'));
    fs.renameSync(at('src/f3.ts'), at('lib/three.ts'));
    // None of these is news.
    put('src/f4.ts', `4\n${TEXT}`);
    fs.utimesSync(at('src/f5.ts'), 5, 5);
    fs.chmodSync(at('src/f6.ts'), 0o755);
    put('src/new.ts', 'nobody has read this');
    assert.deepEqual(await whatChanged(cache), {
      'src/f1.ts': 'changed',
      'src/f2.ts': 'deleted',
      'src/f3.ts': 'lib/three.ts',
    });
  });

  it('says so after a pull too, of files that were renamed and changed', async () => {
    const { guard, put, cache, folder } = makeWorkplace();
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@host.invalid', ...args], {
        encoding: 'utf8',
      }).trim();
    git('init', '--quiet', '--initial-branch=trunk');
    for (const name of ['a.ts', 'b.ts', 'c.ts']) put(name, `${name}\n${TEXT}`);
    git('add', '.');
    git('commit', '-qm', 'One');
    const head = git('rev-parse', 'HEAD');
    git('checkout', '-qb', 'theirs');
    git('mv', 'a.ts', 'renamed.ts');
    put('renamed.ts', `changed\n${TEXT}`);
    put('b.ts', `changed\n${TEXT}`);
    git('commit', '-qam', 'Two');
    git('checkout', '-q', 'trunk');
    for (const name of ['a.ts', 'b.ts', 'c.ts']) await guard.read(name);
    git('merge', '--quiet', '--ff-only', 'theirs');
    assert.deepEqual(await whatChanged(cache, head), { 'a.ts': 'renamed.ts', 'b.ts': 'changed' });
  });
});

describe('pain 20: rewind misses shell-made changes', () => {
  afterEach(removeFolders);

  it('reports what shell commands did to files, though no recorded call names these', async () => {
    const { folder, put, at } = makeWorkplace();
    for (const name of ['sed', 'moved', 'removed', 'appended', 'kept']) put(`${name}.ts`, `${name}\n${TEXT}`);
    // The transcript tells what the agent read, and nothing of what its shell did then.
    const touches = ['sed', 'moved', 'removed', 'appended', 'kept'].map((name) => ({
      op: 'read' as const,
      full: true,
      path: at(`${name}.ts`),
      text: `${name}\n${TEXT}`,
      messageId: 'm2',
      at: new Date().toISOString(),
    }));
    const cache = createReadCache(folder, await bindTouches(touches, { folder }));
    assert.deepEqual(await whatChanged(cache), {});
    const script =
      "sed -i 's/line 7/LINE 7/' sed.ts && mv moved.ts elsewhere.ts && rm removed.ts && echo x >> appended.ts";
    execFileSync('bash', ['-c', script], { cwd: folder });
    assert.deepEqual(await whatChanged(cache), {
      'sed.ts': 'changed',
      'moved.ts': 'elsewhere.ts',
      'removed.ts': 'deleted',
      'appended.ts': 'changed',
    });
  });
});
