import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { WriteOutcome } from '../../../src/core/files/guard/guardTypes.ts';
import { MAX_FILE_BYTES } from '../../../src/core/files/guard/target.ts';
import { createReadCache } from '../../../src/core/files/readCache.ts';
import { makeFolder, makeWorkplace, removeFolders } from './workplace.ts';

function reasonOf(outcome: WriteOutcome): string {
  return outcome.kind === 'conflict' ? outcome.reason : outcome.kind;
}

describe('guard', () => {
  afterEach(removeFolders);

  it('reads, edits and edits again without a second read', async () => {
    const { guard, put, text, files } = makeWorkplace();
    put('a.py', 'one two');
    assert.equal((await guard.read('a.py')).kind, 'read');
    assert.equal((await guard.edit('./a.py', { old: 'two', new: '2' })).kind, 'written');
    assert.equal((await guard.write('x/../a.py', '1 2')).kind, 'written');
    assert.equal(text('a.py'), '1 2');
    assert.deepEqual(files(), ['a.py']);
  });

  it('records a stamp of what it read and wrote, and waits for it to be kept', async () => {
    const kept: string[] = [];
    const { guard, put, cache } = makeWorkplace({
      onStamps: async (set) => {
        await new Promise((resolve) => setImmediate(resolve));
        kept.push(...Object.values(set).map((entry) => String(entry.sha256)));
      },
    });
    put('a.py', 'one');
    await guard.read('a.py');
    await guard.write('a.py', 'two');
    assert.deepEqual(kept, [crypto.hash('sha256', 'one'), crypto.hash('sha256', 'two')]);
    assert.equal(cache.get('a.py')?.sha256, crypto.hash('sha256', 'two'));
    assert.equal(cache.get('a.py')?.file_size_bytes, 3);
  });

  it('refuses to write a file that the session has not read, and shows it', async () => {
    const { guard, put, text } = makeWorkplace();
    put('a.py', 'theirs');
    const outcome = await guard.write('a.py', 'ours');
    assert.equal(reasonOf(outcome), 'unread');
    assert.ok(outcome.kind === 'conflict' && outcome.theirs.bytes !== undefined);
    assert.equal(String(outcome.theirs.bytes), 'theirs');
    assert.equal(outcome.seen, undefined);
    assert.equal(reasonOf(await guard.edit('a.py', { old: 'theirs', new: 'ours' })), 'unread');
    assert.equal(text('a.py'), 'theirs');
  });

  it('lets a version that only the user has seen be edited, not replaced, until it is read', async () => {
    const { guard, put, text, cache } = makeWorkplace();
    put('a.py', 'one two');
    await guard.read('a.py');
    cache.set('a.py', { ...cache.get('a.py'), model_unread: true });
    assert.equal(reasonOf(await guard.write('a.py', 'ours')), 'unread');
    assert.equal((await guard.edit('a.py', { old: 'two', new: '2' })).kind, 'written');
    assert.equal(text('a.py'), 'one 2');
    await guard.read('a.py');
    assert.equal((await guard.write('a.py', 'ours')).kind, 'written');
  });

  it('refuses to write over a change, says what was seen, and writes after a new read', async () => {
    const { guard, put, text } = makeWorkplace();
    put('a.py', 'one');
    await guard.read('a.py');
    put('a.py', 'two');
    const outcome = await guard.write('a.py', 'ours');
    assert.equal(reasonOf(outcome), 'changed');
    assert.ok(outcome.kind === 'conflict');
    assert.equal(outcome.seen?.sha256, crypto.hash('sha256', 'one'));
    assert.equal(outcome.theirs.stamp?.sha256, crypto.hash('sha256', 'two'));
    assert.equal(text('a.py'), 'two');
    await guard.read('a.py');
    assert.equal((await guard.write('a.py', 'ours')).kind, 'written');
  });

  it('takes a touched file with the same bytes for fresh', async () => {
    const { guard, put, at, text } = makeWorkplace();
    put('a.py', 'one');
    await guard.read('a.py');
    fs.utimesSync(at('a.py'), 5, 5);
    assert.equal((await guard.edit('a.py', { old: 'one', new: 'two' })).kind, 'written');
    assert.equal(text('a.py'), 'two');
  });

  it('creates a file with its folders, and never over one that is there', async () => {
    const { guard, put, text, cache } = makeWorkplace();
    const outcome = await guard.write('new/deep/a.py', 'ours');
    assert.ok(outcome.kind === 'written' && outcome.created);
    assert.equal(text('new/deep/a.py'), 'ours');
    assert.equal(cache.get('new/deep/a.py')?.sha256, crypto.hash('sha256', 'ours'));
    assert.equal((await guard.edit('absent.py', { old: 'a', new: 'b' })).kind, 'missing');

    const racing = makeWorkplace({}, { beforeRename: () => void fs.writeFileSync(racing.at('b.py'), 'theirs') });
    assert.equal(reasonOf(await racing.guard.write('b.py', 'ours')), 'unread');
    assert.equal(racing.text('b.py'), 'theirs');
    assert.deepEqual(racing.files(), ['b.py']);
    put('unused', '');
  });

  it('reports a file that was deleted since the read, and creates it again only by force', async () => {
    const { guard, put, at, text } = makeWorkplace();
    put('a.py', 'one');
    await guard.read('a.py');
    fs.rmSync(at('a.py'));
    assert.equal(reasonOf(await guard.write('a.py', 'ours')), 'deleted');
    assert.equal(reasonOf(await guard.edit('a.py', { old: 'one', new: 'b' })), 'deleted');
    assert.equal((await guard.read('a.py')).kind, 'missing');
    const forced = await guard.write('a.py', 'ours', { force: true });
    assert.ok(forced.kind === 'written' && forced.created);
    assert.equal(text('a.py'), 'ours');
  });

  it('keeps what a forced write overwrites', async () => {
    const { guard, put, text, displaced } = makeWorkplace();
    put('a.py', 'theirs');
    const outcome = await guard.write('a.py', 'ours', { force: true });
    assert.ok(outcome.kind === 'written' && outcome.kept !== undefined);
    assert.equal(fs.readFileSync(outcome.kept, 'utf8'), 'theirs');
    assert.equal(text('a.py'), 'ours');
    const fresh = await guard.write('a.py', 'ours again', { force: true });
    assert.ok(fresh.kind === 'written' && fresh.kept === undefined);
    assert.deepEqual(displaced(), ['theirs']);
  });

  it('counts matches and writes nothing when an edit does not fit exactly once', async () => {
    const { guard, put, text } = makeWorkplace();
    put('a.py', 'x x');
    await guard.read('a.py');
    assert.deepEqual(await guard.edit('a.py', { old: 'y', new: 'z' }), { kind: 'no-match', key: 'a.py', matches: 0 });
    assert.deepEqual(await guard.edit('a.py', { old: 'x', new: 'z' }), { kind: 'no-match', key: 'a.py', matches: 2 });
    assert.equal((await guard.edit('a.py', { old: 'x', new: 'z', all: true })).kind, 'written');
    assert.equal(text('a.py'), 'z z');
  });

  it('writes nothing when the content is there already', async () => {
    const { guard, put, at } = makeWorkplace();
    put('a.py', 'one');
    await guard.read('a.py');
    const before = fs.statSync(at('a.py'), { bigint: true });
    assert.equal((await guard.write('a.py', 'one')).kind, 'written');
    const after = fs.statSync(at('a.py'), { bigint: true });
    assert.deepEqual([after.ino, after.mtimeNs], [before.ino, before.mtimeNs]);
  });

  it('stays in the folder: paths and links that lead out are refused both ways', async () => {
    const elsewhere = makeFolder();
    fs.writeFileSync(path.join(elsewhere, 'secret'), 'theirs');
    const { guard, at, folder } = makeWorkplace();
    fs.symlinkSync(elsewhere, at('out'));
    fs.symlinkSync(path.join(elsewhere, 'secret'), at('link'));
    fs.symlinkSync(path.join(elsewhere, 'new'), at('dangling'));
    for (const spelling of ['../x', path.join(elsewhere, 'secret'), 'out/secret', 'out/new', 'link', 'dangling']) {
      assert.equal((await guard.read(spelling)).kind, 'outside', spelling);
      assert.equal((await guard.write(spelling, 'ours', { force: true })).kind, 'outside', spelling);
      assert.equal((await guard.edit(spelling, { old: 'theirs', new: 'x' })).kind, 'outside', spelling);
    }
    assert.deepEqual(fs.readdirSync(elsewhere), ['secret']);
    assert.deepEqual(fs.readdirSync(folder).sort(), ['dangling', 'link', 'out']);
  });

  it('reads a file outside only where a trusted read-cache names it', async () => {
    const outside = path.join(makeFolder(), 'notes.md');
    fs.writeFileSync(outside, 'notes');
    for (const trusted of [false, true]) {
      const { guard, cache } = makeWorkplace({ trusted });
      cache.set(outside, { outside: true });
      assert.equal((await guard.read(outside)).kind, trusted ? 'read' : 'outside');
      assert.equal((await guard.write(outside, 'ours', { force: true })).kind, 'outside');
    }
    assert.equal(fs.readFileSync(outside, 'utf8'), 'notes');
  });

  it('writes neither sessions nor the repository, by any name', async () => {
    const { guard, put, at } = makeWorkplace();
    put('.git/config', 'git');
    put('.sessions/a.json', '{}');
    fs.symlinkSync('.sessions', at('alias'));
    for (const spelling of [
      '.git/config',
      '.GIT/hooks/post-checkout',
      'sub/.git/config',
      '.sessions/a.json',
      'alias/b.json',
    ]) {
      assert.equal((await guard.write(spelling, 'ours', { force: true })).kind, 'protected', spelling);
      assert.equal((await guard.read(spelling)).kind, 'protected', spelling);
    }
  });

  it('refuses folders, FIFOs and devices without waiting for them', async () => {
    const { guard, at, folder } = makeWorkplace();
    fs.mkdirSync(at('folder'));
    execFileSync('mkfifo', [at('fifo')]);
    for (const spelling of ['folder', 'fifo', '.', folder]) {
      assert.equal((await guard.read(spelling)).kind, 'not-a-file', spelling);
      assert.equal((await guard.write(spelling, 'ours', { force: true })).kind, 'not-a-file', spelling);
    }
  });

  it('refuses files and contents over 50 MB', async () => {
    const { guard, put, at } = makeWorkplace();
    put('big', '');
    fs.truncateSync(at('big'), MAX_FILE_BYTES + 1);
    const refusal = { kind: 'too-big', key: 'big', bytes: MAX_FILE_BYTES + 1, limit: MAX_FILE_BYTES };
    assert.deepEqual(await guard.read('big'), refusal);
    assert.deepEqual(await guard.write('big', 'x', { force: true }), refusal);
    assert.equal((await guard.write('new', Buffer.alloc(MAX_FILE_BYTES + 1))).kind, 'too-big');
    assert.equal(fs.existsSync(at('new')), false);
  });

  it('answers an empty path, a NUL and a system’s error with a value', async () => {
    const { guard, put } = makeWorkplace();
    put('file', '');
    for (const [spelling, code] of [
      ['', 'EINVAL'],
      ['a\0b', 'EINVAL'],
      ['x'.repeat(300), 'ENAMETOOLONG'],
      ['file/below', 'EEXIST'],
    ] as const) {
      const outcome = await guard.write(spelling, 'x');
      assert.ok(outcome.kind === 'io' && outcome.code === code, JSON.stringify(outcome));
    }
  });

  it('keeps mode, and owner where it may', async () => {
    const { guard, put, at } = makeWorkplace();
    put('run.sh', 'one');
    fs.chmodSync(at('run.sh'), 0o754);
    if (process.getuid?.() === 0) fs.chownSync(at('run.sh'), 12345, 54321);
    const before = fs.statSync(at('run.sh'));
    await guard.read('run.sh');
    assert.equal((await guard.write('run.sh', 'two')).kind, 'written');
    const after = fs.statSync(at('run.sh'));
    assert.deepEqual([after.mode, after.uid, after.gid], [before.mode, before.uid, before.gid]);
    await guard.write('new', 'x');
    assert.equal(fs.statSync(at('new')).mode & 0o777, 0o666 & ~process.umask());
  });

  it('does not replace a read-only file, not even by force', async () => {
    const { guard, put, at, text } = makeWorkplace();
    put('a.py', 'one');
    fs.chmodSync(at('a.py'), 0o444);
    await guard.read('a.py');
    const outcome = await guard.write('a.py', 'ours', { force: true });
    assert.ok(outcome.kind === 'io' && outcome.code === 'EACCES');
    assert.equal(text('a.py'), 'one');
  });

  it('writes through a link to its target', async () => {
    const { guard, put, at, text } = makeWorkplace();
    put('real/a.py', 'one');
    fs.symlinkSync('real/a.py', at('link.py'));
    await guard.read('link.py');
    assert.equal((await guard.write('link.py', 'two')).kind, 'written');
    assert.equal(fs.lstatSync(at('link.py')).isSymbolicLink(), true);
    assert.equal(text('real/a.py'), 'two');
  });

  it('leaves the other names of a hard-linked file as they are', async () => {
    const { guard, put, at, text } = makeWorkplace();
    put('a.py', 'one');
    fs.linkSync(at('a.py'), at('b.py'));
    await guard.read('a.py');
    await guard.write('a.py', 'two');
    assert.deepEqual([text('a.py'), text('b.py')], ['two', 'one']);
  });

  it('keeps CRLF, BOM and bytes that are not UTF-8 through an edit', async () => {
    const { guard, put, at } = makeWorkplace();
    put('a.txt', Buffer.from('\uFEFFcaf\xe9\r\nold\r\n', 'latin1'));
    put('b.txt', Buffer.concat([Buffer.from('\uFEFFa\r\n'), Buffer.from([0xe9, 0xff]), Buffer.from('\r\nold\r\n')]));
    await guard.read('b.txt');
    assert.equal((await guard.edit('b.txt', { old: '\nold\n', new: '\nn\ne\nw\n' })).kind, 'written');
    assert.deepEqual(
      fs.readFileSync(at('b.txt')),
      Buffer.concat([Buffer.from('\uFEFFa\r\n'), Buffer.from([0xe9, 0xff]), Buffer.from('\r\nn\r\ne\r\nw\r\n')]),
    );
  });

  it('judges by text, then by time, where a transcript told no more', async () => {
    const { guard, put, at, cache } = makeWorkplace();
    const text = crypto.hash('sha256', 'a\nb\n');
    put('text', '\uFEFFa\r\nb\r\n');
    cache.set('text', { text_sha256: text });
    assert.equal((await guard.edit('text', { old: 'a', new: 'c' })).kind, 'written');
    put('other', 'x');
    cache.set('other', { text_sha256: text });
    assert.equal(reasonOf(await guard.write('other', 'ours')), 'changed');

    put('older', 'x');
    fs.utimesSync(at('older'), 1000, 1000);
    cache.set('older', { seen_at: new Date(999_500).toISOString() });
    assert.equal((await guard.write('older', 'ours')).kind, 'written');
    put('newer', 'x');
    cache.set('newer', { seen_at: new Date(999_500).toISOString() });
    assert.equal(reasonOf(await guard.write('newer', 'ours')), 'unknown');
    put('nothing', 'x');
    cache.set('nothing', { seen_at: 'yesterday' });
    assert.equal(reasonOf(await guard.write('nothing', 'ours')), 'unknown');
  });

  it('judges a HelloAgents entry by the time and size that it has', async () => {
    const { guard, put, at, cache } = makeWorkplace();
    for (const name of ['same', 'touched', 'grown']) {
      put(name, 'x');
      const stat = fs.statSync(at(name));
      cache.set(name, { file_mtime_ms: Math.floor(stat.mtimeMs), file_size_bytes: stat.size });
    }
    fs.utimesSync(at('touched'), 5, 5);
    put('grown', 'xx');
    assert.equal((await guard.write('same', 'ours')).kind, 'written');
    assert.equal(reasonOf(await guard.write('touched', 'ours')), 'unknown');
    assert.equal(reasonOf(await guard.write('grown', 'ours')), 'changed');
  });

  it('takes writes to one file in turn', async () => {
    const { guard, put, text } = makeWorkplace();
    put('a.txt', '');
    await guard.read('a.txt');
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => guard.write(`./a.txt`, `${n}`)));
    assert.deepEqual(new Set(outcomes.map((outcome) => outcome.kind)), new Set(['written']));
    assert.equal(text('a.txt'), '19');
  });

  it('edits in a folder that is reached by a link', async () => {
    const place = makeWorkplace();
    fs.mkdirSync(place.at('real'));
    fs.symlinkSync('real', place.at('alias'));
    const folder = place.at('alias');
    const { guard } = makeWorkplace({ folder, cache: createReadCache(folder) });
    place.put('real/a.py', 'one');
    await guard.read('a.py');
    assert.equal((await guard.write(path.join(folder, 'a.py'), 'two')).kind, 'written');
    assert.equal((await guard.write('.sessions/x', 'two')).kind, 'protected');
    assert.equal(place.text('real/a.py'), 'two');
  });

  it('tells when a lock or a displaced version can’t be kept, and changes nothing', async () => {
    const { guard, put, text, at } = makeWorkplace();
    put('a.py', 'one');
    put('.sessions', 'a file in the place of the folder');
    await guard.read('a.py');
    const outcome = await guard.write('a.py', 'ours');
    assert.equal(outcome.kind, 'io');
    assert.equal(text('a.py'), 'one');
    fs.rmSync(at('.sessions'));
    fs.mkdirSync(at('.sessions'));
    fs.symlinkSync(makeFolder(), at('.sessions/displaced'));
    const refused = await guard.write('a.py', 'ours');
    assert.ok(refused.kind === 'io' && refused.code === 'ENOTDIR');
    assert.equal(text('a.py'), 'one');
  });
});
