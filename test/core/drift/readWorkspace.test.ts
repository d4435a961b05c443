import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readWorkspace, withoutCredentials } from '../../../src/core/index.ts';

describe('workspace now', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-workspace-')));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@host.invalid', ...args], {
      encoding: 'utf8',
    }).trim();

  it('knows head, branch and remote, and records the remote without its credentials', async () => {
    git('init', '--quiet', '--initial-branch=trunk');
    git('commit', '--quiet', '--allow-empty', '-m', 'One');
    git('remote', 'add', 'origin', 'https://me:secret@host.invalid/shop.git?token=x');
    assert.deepEqual(await readWorkspace(folder), {
      folder: basename(folder),
      git: { remote: 'https://host.invalid/shop.git', head: git('rev-parse', 'HEAD'), branch: 'trunk' },
    });
  });

  it('knows a repository without a commit and a detached head', async () => {
    git('init', '--quiet', '--initial-branch=trunk');
    assert.deepEqual((await readWorkspace(folder)).git, { branch: 'trunk' });
    git('commit', '--quiet', '--allow-empty', '-m', 'One');
    git('checkout', '--quiet', '--detach');
    assert.deepEqual((await readWorkspace(folder)).git, { head: git('rev-parse', 'HEAD') });
  });

  it('tells "no repository" from "git could not be asked"', async () => {
    assert.deepEqual(await readWorkspace(folder), { folder: basename(folder), git: {} });
    assert.deepEqual(await readWorkspace(folder, { env: { PATH: folder } }), { folder: basename(folder) });
  });

  it('is not misled by the variables of a git hook', async () => {
    git('init', '--quiet', '--initial-branch=trunk');
    const env = { ...process.env, GIT_DIR: join(folder, 'elsewhere') };
    assert.deepEqual((await readWorkspace(folder, { env })).git, { branch: 'trunk' });
  });

  it('runs nothing that a hostile repository configures', async () => {
    git('init', '--quiet', '--initial-branch=trunk');
    git('commit', '--quiet', '--allow-empty', '-m', 'One');
    const trap = join(folder, 'trap.sh');
    const sprung = join(folder, 'sprung');
    await writeFile(trap, `#!/bin/sh\ntouch '${sprung}'\n`);
    await chmod(trap, 0o755);
    await mkdir(join(folder, '.git', 'hooks'), { recursive: true });
    for (const [key, value] of [
      ['core.fsmonitor', trap],
      ['core.pager', trap],
      ['core.sshCommand', trap],
      ['core.hooksPath', folder],
      ['alias.rev-parse', `!${trap}`],
      ['credential.helper', `!${trap}`],
      ['extensions.partialClone', 'origin'],
      ['remote.origin.url', `ext::${trap}`],
      ['remote.origin.promisor', 'true'],
      ['remote.origin.uploadpack', trap],
    ] as const) {
      git('config', key, value);
    }
    // A head that is not in the object store is what a partial clone would fetch.
    await writeFile(join(folder, '.git', 'refs', 'heads', 'trunk'), `${'1'.repeat(40)}\n`);
    await readWorkspace(folder);
    assert.ok(!existsSync(sprung));
  });
});

describe('a remote without credentials', () => {
  for (const [remote, expected] of [
    ['https://token@host.invalid/a.git', 'https://host.invalid/a.git'],
    ['https://me:secret@host.invalid/a.git#x', 'https://host.invalid/a.git'],
    ['ssh://git:secret@host.invalid/a.git', 'ssh://git@host.invalid/a.git'],
    ['git@host.invalid:team/a.git', 'git@host.invalid:team/a.git'],
    ['/srv/git/a.git', '/srv/git/a.git'],
    ['https://me:se@cret@:bad/a.git', 'https://:bad/a.git'],
  ] as const) {
    it(`of ${remote} is ${expected}`, () => assert.equal(withoutCredentials(remote), expected));
  }
});
