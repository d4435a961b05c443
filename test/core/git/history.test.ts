import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { commitsSince, seenInGit } from '../../../src/core/git/history.ts';
import { textSha256 } from '../../../src/core/index.ts';
import { skipBecause } from '../../support/skip.ts';
import { makeRepository, type Repository } from '../drift/support/repository.ts';

describe('what git knows since a commit', function () {
  // Every commit is a process or two.
  this.timeout(20_000);
  let repository: Repository;
  beforeEach(() => {
    repository = makeRepository();
  });
  afterEach(() => repository.remove());
  const since = (recorded: string, keys: readonly string[], folder = repository.folder) =>
    commitsSince(folder, recorded, keys, process.env);

  it('are the commits that touch the files, newest first, by paths below the folder', async () => {
    repository.write('app/a.ts', 'one\n');
    const one = repository.commit('One');
    repository.write('app/a.ts', 'two\n');
    repository.commit('Two');
    repository.write('a.ts', 'not the one\n');
    repository.commit('Three');
    repository.write('app/a.ts', 'four\n');
    const four = repository.commit('Four: with\ttab');
    const { commits, more, recorded } = await since(one, ['a.ts'], path.join(repository.folder, 'app'));
    assert.deepEqual(
      commits.map(({ subject }) => subject),
      ['Four: with\ttab', 'Two'],
    );
    assert.deepEqual(commits[0], {
      hash: four,
      subject: 'Four: with\ttab',
      author: 'Ann',
      at: '2026-11-20T11:04:00+00:00',
    });
    assert.deepEqual([more, recorded], [false, 'ancestor']);
  });

  it('takes a name for a name, whatever it means to git or a shell', async () => {
    const names = ['[ab].ts', ':(top)x.ts', '-p', '$(x).ts', 'a b.ts'];
    if (process.platform === 'win32') names.splice(1, 1);
    for (const name of names) repository.write(name, 'one\n');
    repository.write('a.ts', 'one\n');
    const one = repository.commit('One');
    repository.write('a.ts', 'two\n');
    repository.commit('a alone');
    for (const name of names) {
      assert.deepEqual((await since(one, [name])).commits, [], name);
      repository.write(name, 'two\n');
      repository.commit(name);
      assert.deepEqual(
        (await since(one, [name])).commits.map(({ subject }) => subject),
        [name],
      );
    }
  });

  it('are twenty at most, and it says that there are more', async () => {
    repository.write('a.ts', '0\n');
    const first = repository.commit('0');
    for (let count = 1; count <= 21; count += 1) {
      repository.write('a.ts', `${count}\n`);
      repository.commit(String(count));
    }
    const { commits, more } = await since(first, ['a.ts']);
    assert.deepEqual([commits.length, commits[0]?.subject, more], [20, '21', true]);
  });

  it('is nothing where there is no repository, no commit, or nothing that is a commit', async () => {
    const none = { commits: [], more: false };
    assert.deepEqual(await since('1'.repeat(40), ['a.ts']), none);
    assert.deepEqual(await since('main', ['a.ts']), none);
    assert.deepEqual(await commitsSince(path.dirname(repository.folder), '1'.repeat(40), ['a.ts'], process.env), none);
    assert.deepEqual(await commitsSince(repository.folder, '1'.repeat(40), ['a.ts'], { PATH: '' }), none);
  });

  it('runs nothing that a hostile repository configures', async function () {
    if (process.platform === 'win32') skipBecause(this, 'the trap is a POSIX shell script');
    repository.write('a.ts', 'one\n');
    const one = repository.commit('One');
    repository.write('a.ts', 'two\n');
    repository.commit('Two');
    const sprung = path.join(repository.folder, 'sprung');
    const trap = path.join(repository.folder, 'trap.sh');
    fs.writeFileSync(trap, `#!/bin/sh\ntouch '${sprung}'\ncat\n`, { mode: 0o755 });
    fs.writeFileSync(path.join(repository.folder, '.gitattributes'), '* diff=trap filter=trap\n');
    for (const [key, value] of [
      ['core.pager', trap],
      ['pager.log', trap],
      ['core.fsmonitor', trap],
      ['core.sshCommand', trap],
      ['log.showSignature', 'true'],
      ['gpg.program', trap],
      ['diff.external', trap],
      ['diff.trap.textconv', trap],
      ['diff.trap.command', trap],
      ['filter.trap.smudge', trap],
      ['filter.trap.clean', trap],
      ['alias.log', `!${trap}`],
      ['alias.cat-file', `!${trap}`],
      ['log.mailmap', 'true'],
      ['mailmap.blob', 'HEAD:a.ts'],
      ['format.pretty', '%G?'],
    ] as const) {
      repository.git('config', key, value);
    }
    assert.equal((await since(one, ['a.ts'])).commits.length, 1);
    const entry = { text_sha256: await textSha256('one\n') };
    assert.equal(await seenInGit(repository.folder, one, 'a.ts', entry, process.env), 'one\n');
    assert.ok(!fs.existsSync(sprung));
  });
});

describe('the text that a commit holds', function () {
  // Every commit is a process or two.
  this.timeout(20_000);
  let repository: Repository;
  beforeEach(() => {
    repository = makeRepository();
  });
  afterEach(() => repository.remove());

  it('is answered only where it is the version that was seen', async () => {
    repository.write('app/a.ts', 'one\n');
    const one = repository.commit('One');
    const folder = path.join(repository.folder, 'app');
    const seen = (entry: Parameters<typeof seenInGit>[3], key = 'a.ts', commit = one): Promise<string | undefined> =>
      seenInGit(folder, commit, key, entry, process.env);
    const text_sha256 = await textSha256('one\n');
    assert.equal(await seen({ text_sha256 }), 'one\n');
    assert.equal(await seen({ sha256: text_sha256 }), 'one\n');
    // A checkout on Windows makes CRLF of the line ends.
    const windows = createHash('sha256').update('one\r\n').digest('hex');
    assert.equal(await seen({ sha256: windows }), 'one\n');
    assert.equal(await seen({ sha256: '0'.repeat(64) }), undefined);
    assert.equal(await seen({}), undefined);
    assert.equal(await seen({ text_sha256 }, '../app/a.ts'), undefined);
    assert.equal(await seen({ text_sha256: await textSha256('x') }, 'a.ts', '--help'), undefined);
    assert.equal(await seen({ text_sha256 }, 'b.ts'), undefined);
    repository.write('app/a.ts', 'two\n');
    repository.commit('Two');
    const two = { text_sha256: await textSha256('two\n') };
    assert.equal(await seen(two), 'two\n');
    assert.equal(await seenInGit(folder, undefined, 'a.ts', two, process.env), 'two\n');
    assert.equal(await seen({ text_sha256 }), 'one\n');
  });
});
