import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import { type FindMovedOptions, findMoved } from '../../../src/core/files/freshness/findMoved.ts';
import { sweep } from '../../../src/core/files/freshness/sweep.ts';
import { walkFolder } from '../../../src/core/files/freshness/walkFolder.ts';
import { createGuard } from '../../../src/core/files/guard/guard.ts';
import { createPacer } from '../../../src/core/files/pacer.ts';
import { createReadCache } from '../../../src/core/files/readCache.ts';
import { makeFolder, makeWorkplace, removeFolders, type Workplace } from './workplace.ts';

/** Keys that moved, and where to; the others with their freshness. */
async function look({ cache }: Workplace, options: FindMovedOptions = {}): Promise<Record<string, string>> {
  const found = await findMoved(cache, await sweep(cache), options);
  return Object.fromEntries(found.map(({ key, freshness, movedTo }) => [key, movedTo ?? freshness]));
}

function makeRepository(place: Workplace): (...args: string[]) => string {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', place.folder, '-c', 'user.name=A', '-c', 'user.email=a@host.invalid', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  git('init', '--quiet', '--initial-branch=trunk');
  return git;
}

async function readAll(place: Workplace, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    place.put(name, text);
    await place.guard.read(name);
  }
}

const LONG = Array.from({ length: 40 }, (_, n) => `line ${n}\n`).join('');

describe('moved files', () => {
  afterEach(removeFolders);

  it('are found by git, committed or staged, also where the content changed too', async () => {
    const place = makeWorkplace();
    const git = makeRepository(place);
    await readAll(place, { 'a.ts': LONG, 'b.ts': `${LONG}b`, 'c.ts': `${LONG}c`, 'd.ts': `${LONG}d` });
    git('add', '.');
    git('commit', '-qm', 'One');
    const head = git('rev-parse', 'HEAD');
    fs.mkdirSync(place.at('lib dir'));
    git('mv', 'a.ts', 'lib dir/ä\n.ts');
    place.put('lib dir/ä\n.ts', `${LONG}and more\n`);
    git('commit', '-qam', 'Two');
    git('mv', 'b.ts', 'staged.ts');
    git('rm', '-q', 'c.ts');
    // Renamed by git, and gone from the disk since.
    git('mv', 'd.ts', 'e.ts');
    fs.rmSync(place.at('e.ts'));
    const expected = { 'a.ts': 'lib dir/ä\n.ts', 'b.ts': 'staged.ts', 'c.ts': 'deleted', 'd.ts': 'deleted' };
    assert.deepEqual(await look(place, { head }), expected);
    // Without git, only what is still the same content.
    assert.deepEqual(await look(place), { ...expected, 'a.ts': 'deleted' });
    assert.deepEqual(await look(place, { head, env: { PATH: place.folder } }), { ...expected, 'a.ts': 'deleted' });
  });

  it('are found by git in a folder below the repository’s', async () => {
    const outer = makeWorkplace();
    const git = makeRepository(outer);
    outer.put('sub/a.ts', LONG);
    const inner = { ...outer, ...makeInner(outer.at('sub')) };
    await inner.guard.read('a.ts');
    git('add', '.');
    git('commit', '-qm', 'One');
    const head = git('rev-parse', 'HEAD');
    git('mv', 'sub/a.ts', 'sub/b.ts');
    outer.put('sub/b.ts', `${LONG}x`);
    assert.deepEqual(await look(inner, { head }), { 'a.ts': 'b.ts' });
  });

  it('ask git for nothing but a commit’s whole name', async () => {
    const place = makeWorkplace();
    const git = makeRepository(place);
    await readAll(place, { 'a.ts': LONG });
    git('add', '.');
    git('commit', '-qm', 'One');
    git('mv', 'a.ts', 'b.ts');
    place.put('b.ts', `${LONG}x`);
    for (const head of ['HEAD', '--output=x', 'trunk', '', '1'.repeat(40), `${'1'.repeat(40)}\n`]) {
      assert.deepEqual(await look(place, { head }), { 'a.ts': 'deleted' }, head);
    }
    assert.ok(!fs.existsSync(place.at('x')));
  });

  it('run nothing that a hostile repository configures', async () => {
    const place = makeWorkplace();
    const git = makeRepository(place);
    await readAll(place, { 'a.ts': LONG, 'b.ts': `${LONG}b` });
    place.put('.gitattributes', '* filter=trap diff=trap\n');
    git('add', '.');
    git('commit', '-qm', 'One');
    const head = git('rev-parse', 'HEAD');
    const blob = git('rev-parse', 'HEAD:b.ts');
    git('mv', 'a.ts', 'c.ts');
    git('mv', 'b.ts', 'd.ts');
    place.put('d.ts', `${LONG}d`);
    git('add', '.');
    git('commit', '-qm', 'Two');
    const sprung = place.at('sprung');
    const trap = place.put('trap.sh', `#!/bin/sh\ntouch '${sprung}'\n`);
    fs.chmodSync(trap, 0o755);
    for (const name of ['post-index-change', 'reference-transaction']) fs.copyFileSync(trap, place.at(name));
    for (const [key, value] of [
      ['core.fsmonitor', trap],
      ['core.hooksPath', place.folder],
      ['core.pager', trap],
      ['core.sshCommand', trap],
      ['diff.external', trap],
      ['diff.trap.command', trap],
      ['diff.trap.textconv', trap],
      ['filter.trap.clean', trap],
      ['filter.trap.smudge', trap],
      ['filter.trap.process', trap],
      ['credential.helper', `!${trap}`],
      ['extensions.partialClone', 'origin'],
      ['remote.origin.url', `ext::${trap}`],
      ['remote.origin.promisor', 'true'],
      ['remote.origin.uploadpack', trap],
      ['protocol.ext.allow', 'always'],
    ] as const) {
      git('config', key, value);
    }
    // To compare contents, git wants the missing one: a partial clone would fetch it.
    fs.rmSync(place.at(`.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`), { force: true });
    fs.rmSync(sprung, { force: true });
    assert.equal((await look(place, { head }))['a.ts'], 'c.ts');
    assert.ok(!fs.existsSync(sprung));
  });

  it('are found by their content elsewhere, by the same inode before the same name before any', async () => {
    const place = makeWorkplace();
    await readAll(place, {
      'src/a.ts': 'the same',
      'src/b.ts': 'the same',
      'src/c.ts': 'the same',
      'src/d.ts': 'other',
    });
    place.put('other.ts', 'the same');
    place.put('deep/down/b.ts', 'the same');
    fs.renameSync(place.at('src/a.ts'), place.at('renamed.ts'));
    for (const name of ['b', 'c', 'd']) fs.rmSync(place.at(`src/${name}.ts`));
    assert.deepEqual(await look(place), {
      'src/a.ts': 'renamed.ts',
      'src/b.ts': 'deep/down/b.ts',
      'src/c.ts': 'other.ts',
      'src/d.ts': 'deleted',
    });
  });

  it('move with their folder', async () => {
    const place = makeWorkplace();
    await readAll(place, { 'src/a.ts': 'a', 'src/x/b.ts': 'b', 'src/empty.ts': '' });
    fs.renameSync(place.at('src'), place.at('lib'));
    assert.deepEqual(await look(place), {
      'src/a.ts': 'lib/a.ts',
      'src/x/b.ts': 'lib/x/b.ts',
      'src/empty.ts': 'deleted',
    });
  });

  it('are not looked for in .git, node_modules and the sessions’ folder, nor behind links', async () => {
    const place = makeWorkplace();
    const outside = makeFolder();
    fs.writeFileSync(`${outside}/a.ts`, 'content');
    await readAll(place, { 'a.ts': 'content', 'read.ts': 'content' });
    fs.rmSync(place.at('a.ts'));
    for (const folder of ['.git', 'node_modules/x', 'sub/node_modules', '.sessions/displaced', 'kept']) {
      place.put(`${folder}/a.ts`, 'content');
    }
    fs.symlinkSync(outside, place.at('out'));
    fs.symlinkSync(`${outside}/a.ts`, place.at('b.ts'));
    assert.deepEqual(await look(place, { sessionsFolder: place.at('kept') }), {
      // The sessions' folder is another one here.
      'a.ts': '.sessions/displaced/a.ts',
      'read.ts': 'same',
    });
    assert.deepEqual(
      await look(place, { sessionsFolder: 'kept' }),
      await look(place, { sessionsFolder: place.at('kept') }),
    );
    fs.rmSync(place.at('kept'), { recursive: true });
    assert.deepEqual(await look(place), { 'a.ts': 'deleted', 'read.ts': 'same' });
  });

  it('are known by their text where a transcript recorded no more', async () => {
    const place = makeWorkplace();
    const text = (content: string) => ({ text_sha256: crypto.hash('sha256', content) });
    place.cache.set('a.ts', text('one\ntwo\n'));
    place.cache.set('b.ts', { sha256: crypto.hash('sha256', 'bytes') });
    place.cache.set('c.ts', { ...text('unsaved\n'), sha256: crypto.hash('sha256', 'unsaved\n'), unsaved: true });
    place.cache.set('d.ts', { seen_at: '2026-01-01T00:00:00.000Z' });
    place.cache.set('e.ts', text(''));
    place.put('x/one.ts', '\uFEFFone\r\ntwo\r\n');
    place.put('x/bytes.ts', 'bytes');
    place.put('x/saved.ts', 'unsaved\r\n');
    place.put('x/empty.ts', '');
    assert.deepEqual(await look(place), {
      'a.ts': 'x/one.ts',
      'b.ts': 'x/bytes.ts',
      'c.ts': 'x/saved.ts',
      'd.ts': 'deleted',
      'e.ts': 'deleted',
    });
  });

  it('leave everything else as it was: files outside, hostile keys, files that are there', async () => {
    const place = makeWorkplace();
    place.put('here.ts', 'content');
    const entry = { sha256: crypto.hash('sha256', 'content'), file_size_bytes: 7 };
    place.cache.set('/nowhere/at/all.ts', { ...entry, outside: true });
    place.cache.set('../../x.ts', entry);
    place.cache.set('__proto__', entry);
    const before = await sweep(place.cache, { trusted: true });
    const found = await findMoved(place.cache, before);
    assert.deepEqual(
      found.map(({ key, freshness, movedTo }) => [key, freshness, movedTo]),
      [
        ['/nowhere/at/all.ts', 'deleted', undefined],
        ['../../x.ts', 'unreadable', undefined],
        ['__proto__', 'moved', 'here.ts'],
      ],
    );
    place.cache.delete('__proto__');
    const same = await sweep(place.cache);
    assert.equal(await findMoved(place.cache, same), same);
  });

  it('stop when they are told to', async () => {
    const place = makeWorkplace();
    await readAll(place, { 'a.ts': 'content' });
    fs.rmSync(place.at('a.ts'));
    const files = await sweep(place.cache);
    await assert.rejects(findMoved(place.cache, files, { signal: AbortSignal.abort() }), { name: 'AbortError' });
    const controller = new AbortController();
    const run = findMoved(place.cache, files, { head: '1'.repeat(40), signal: controller.signal });
    controller.abort();
    await assert.rejects(run, { name: 'AbortError' });
  });

  describe('looked for again', () => {
    /** `a.ts` is gone; the folders look as if nothing had come or gone for an hour. */
    async function makeGone(): Promise<Workplace & { rest(): void }> {
      const place = makeWorkplace();
      await readAll(place, { 'a.ts': 'content' });
      place.put('lib/b.ts', 'another');
      place.put('lib/deep/c.ts', 'a third');
      fs.rmSync(place.at('a.ts'));
      const then = Date.now() / 1000 - 3600;
      const rest = (): void => {
        for (const folder of ['', 'lib', 'lib/deep']) fs.utimesSync(place.at(folder), then, then);
      };
      rest();
      return { ...place, rest };
    }
    const later = { now: () => Date.now() + 61_000 };

    it('are found where they came since, at any depth', async () => {
      const place = await makeGone();
      assert.deepEqual(await look(place), { 'a.ts': 'deleted' });
      place.put('lib/deep/d.ts', 'content');
      assert.deepEqual(await look(place), { 'a.ts': 'lib/deep/d.ts' });
      fs.renameSync(place.at('lib/deep/d.ts'), place.at('lib/e.ts'));
      assert.deepEqual(await look(place), { 'a.ts': 'lib/e.ts' });
      fs.mkdirSync(place.at('new'));
      fs.renameSync(place.at('lib/e.ts'), place.at('new/a.ts'));
      assert.deepEqual(await look(place), { 'a.ts': 'new/a.ts' });
      place.put('a.ts', 'content');
      assert.deepEqual(await look(place), { 'a.ts': 'touched' });
    });

    it('are not looked for in folders that did not change, but once a minute', async () => {
      const place = await makeGone();
      assert.deepEqual(await look(place), { 'a.ts': 'deleted' });
      // Behind the folder's back: with its time set back, it looks as if nothing had come.
      place.put('lib/deep/d.ts', 'content');
      place.rest();
      assert.deepEqual(await look(place), { 'a.ts': 'deleted' });
      assert.deepEqual(await look(place, later), { 'a.ts': 'lib/deep/d.ts' });
    });

    it('are not where something else was written meanwhile', async () => {
      const place = await makeGone();
      place.put('lib/deep/d.ts', 'content');
      place.rest();
      assert.deepEqual(await look(place), { 'a.ts': 'lib/deep/d.ts' });
      fs.writeFileSync(place.at('lib/deep/d.ts'), 'CONTENT');
      assert.deepEqual(await look(place), { 'a.ts': 'deleted' });
    });

    it('are looked for everywhere when the session has read another version, or others are gone', async () => {
      const place = await makeGone();
      assert.deepEqual(await look(place), { 'a.ts': 'deleted' });
      place.cache.set('a.ts', { sha256: crypto.hash('sha256', 'another'), file_size_bytes: 7 });
      assert.deepEqual(await look(place), { 'a.ts': 'lib/b.ts' });
      place.cache.set('x.ts', { sha256: crypto.hash('sha256', 'a third'), file_size_bytes: 7 });
      assert.deepEqual(await look(place), { 'a.ts': 'lib/b.ts', 'x.ts': 'lib/deep/c.ts' });
    });
  });

  it('stay a conflict for the guard, which writes nothing to the old place', async () => {
    const place = makeWorkplace();
    await readAll(place, { 'a.ts': 'content' });
    fs.renameSync(place.at('a.ts'), place.at('b.ts'));
    const outcome = await place.guard.write('a.ts', 'ours');
    assert.ok(outcome.kind === 'conflict' && outcome.reason === 'deleted');
    assert.deepEqual(place.files(), ['b.ts']);
  });

  it('are looked for among so many files and no more, the shallow ones first', async () => {
    const { put, folder } = makeWorkplace();
    for (const name of ['a', 'b', 'x/c', 'x/y/d']) put(name, name);
    const seen: string[] = [];
    for await (const files of walkFolder(folder, { pause: createPacer(), maxFiles: 3 }))
      seen.push(...files.map(({ key }) => key));
    assert.deepEqual(seen.sort(), ['a', 'b', 'x/c']);
  });
});

function makeInner(folder: string): Pick<Workplace, 'cache' | 'guard' | 'folder'> {
  const cache = createReadCache(folder);
  return { folder, cache, guard: createGuard({ folder, sessionsFolder: '.sessions', cache, now: Date.now }) };
}
