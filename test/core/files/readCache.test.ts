import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import type { Disk } from '../../../src/core/files/locate.ts';
import { createReadCache } from '../../../src/core/files/readCache.ts';
import { makeFolder, removeFolders } from './workplace.ts';

describe('read-cache', () => {
  afterEach(removeFolders);

  it('gives one key to every spelling of a file', () => {
    const folder = makeFolder();
    fs.mkdirSync(path.join(folder, 'src'));
    fs.writeFileSync(path.join(folder, 'src/a.py'), '');
    fs.symlinkSync('src/a.py', path.join(folder, 'link.py'));
    fs.symlinkSync('src', path.join(folder, 'lib'));
    const cache = createReadCache(folder);
    for (const spelling of [
      'src/a.py',
      './src/a.py',
      'x/../src/a.py',
      'src//a.py',
      path.join(folder, 'src/a.py'),
      'link.py',
      'lib/a.py',
      'lib/../src/./a.py',
    ]) {
      assert.equal(cache.key(spelling), 'src/a.py', spelling);
    }
  });

  it('gives a file that does not exist yet the key it will have', () => {
    const folder = makeFolder();
    fs.mkdirSync(path.join(folder, 'src'));
    fs.symlinkSync('src', path.join(folder, 'lib'));
    fs.symlinkSync('src/later.py', path.join(folder, 'dangling.py'));
    const cache = createReadCache(folder);
    assert.equal(cache.key('lib/new/b.py'), 'src/new/b.py');
    assert.equal(cache.key('dangling.py'), 'src/later.py');
  });

  it('works in a folder that is itself reached by a link', () => {
    const folder = makeFolder();
    fs.mkdirSync(path.join(folder, 'real'));
    fs.symlinkSync('real', path.join(folder, 'alias'));
    fs.writeFileSync(path.join(folder, 'real/a.py'), '');
    const cache = createReadCache(path.join(folder, 'alias'));
    assert.equal(cache.root, path.join(folder, 'real'));
    for (const spelling of ['a.py', path.join(folder, 'alias/a.py'), path.join(folder, 'real/a.py')]) {
      assert.equal(cache.key(spelling), 'a.py');
    }
    assert.equal(cache.absolute('a.py'), path.join(folder, 'real/a.py'));
  });

  it('marks what a path or a link outside leads to', () => {
    const folder = makeFolder();
    const elsewhere = makeFolder();
    fs.symlinkSync(elsewhere, path.join(folder, 'out'));
    fs.symlinkSync(path.join(elsewhere, 'not-yet'), path.join(folder, 'dangling'));
    const cache = createReadCache(folder);
    for (const spelling of ['../x', '/etc/passwd', 'out/a', 'dangling']) {
      const place = cache.locate(spelling);
      assert.ok(place.kind === 'place' && place.outside, spelling);
      assert.equal(place.key, place.path);
    }
  });

  it('answers for paths that can be none: empty, NUL, a loop of links, a name too long', () => {
    const folder = makeFolder();
    fs.symlinkSync('loop', path.join(folder, 'loop'));
    const cache = createReadCache(folder);
    const codes = ['', 'a\0b', 'loop', 'x'.repeat(300)].map((spelling) => {
      const place = cache.locate(spelling);
      return place.kind === 'nowhere' ? place.code : place.kind;
    });
    assert.deepEqual(codes, ['EINVAL', 'EINVAL', 'ELOOP', 'ENAMETOOLONG']);
    assert.equal(cache.key('a\0b'), undefined);
  });

  it('lists what it holds now, and leaves a list that it gave as it was', () => {
    const cache = createReadCache(makeFolder(), { a: { sha256: '1' }, b: { sha256: '2' } });
    const before = cache.list();
    cache.set('c', { sha256: '3' });
    cache.set('a', { sha256: '4' });
    cache.delete('b');
    assert.deepEqual(cache.list(), [
      ['a', { sha256: '4' }],
      ['c', { sha256: '3' }],
    ]);
    assert.deepEqual(before, [
      ['a', { sha256: '1' }],
      ['b', { sha256: '2' }],
    ]);
  });

  it('keeps hostile keys of a snapshot harmless', () => {
    const entries = JSON.parse(
      '{"__proto__":{"sha256":"1"},"constructor":{"sha256":"2"},"../../etc/passwd":{},"/etc/passwd":{},"a\\u0000":{}}',
    );
    const cache = createReadCache(makeFolder(), entries);
    assert.equal(cache.get('__proto__')?.sha256, '1');
    assert.equal(cache.get('toString'), undefined);
    assert.equal(Object.hasOwn(cache.entries(), '__proto__'), true);
    assert.deepEqual(Object.keys(cache.entries()), Object.keys(entries));
    for (const key of ['../../etc/passwd', '/etc/passwd', 'a\0', '']) assert.equal(cache.absolute(key), undefined, key);
  });

  it('tidies keys that other programs wrote', () => {
    const folder = makeFolder();
    const cache = createReadCache(folder, {
      './a.py': { sha256: '1' },
      [path.join(folder, 'src/../b.py')]: { sha256: '2' },
      '/etc//hosts': { outside: true },
    });
    assert.deepEqual(Object.keys(cache.entries()), ['a.py', 'b.py', '/etc/hosts']);
    assert.equal(cache.absolute('/etc/hosts'), '/etc/hosts');
  });

  it('knows another case and another normal form on a disk that does not tell them apart', () => {
    const cache = createReadCache('/w', {}, insensitiveDisk(['/w/Src/Main.py', '/w/Src/\u00e9.py']));
    for (const spelling of ['Src/Main.py', 'src/main.py', 'SRC/MAIN.PY', '/W/sRC/mAIN.py']) {
      assert.equal(cache.key(spelling), 'Src/Main.py', spelling);
    }
    assert.equal(cache.key('src/e\u0301.py'), 'Src/\u00e9.py');
    assert.equal(cache.key('src/new.py'), 'Src/new.py');
  });

  it('knows a deleted file by another case on such a disk', () => {
    const cache = createReadCache('/w', { 'Src/Gone.py': {} }, insensitiveDisk(['/w/Src/Main.py']));
    assert.equal(cache.key('src/main.py'), 'Src/Main.py');
    assert.equal(cache.key('src/gone.py'), 'Src/Gone.py');
  });

  it('keeps two files that differ in case apart where the disk does', function () {
    const folder = makeFolder();
    fs.writeFileSync(path.join(folder, 'a.py'), '');
    if (fs.existsSync(path.join(folder, 'A.PY'))) this.skip();
    fs.writeFileSync(path.join(folder, 'A.PY'), '');
    fs.linkSync(path.join(folder, 'a.py'), path.join(folder, 'b.py'));
    fs.linkSync(path.join(folder, 'b.py'), path.join(folder, 'B.PY'));
    const cache = createReadCache(folder);
    assert.deepEqual(
      ['a.py', 'A.PY', 'b.py', 'B.PY'].map((name) => cache.key(name)),
      ['a.py', 'A.PY', 'b.py', 'B.PY'],
    );
  });

  it('gives the same key for random detours to the same place', () => {
    const folder = makeFolder();
    fs.mkdirSync(path.join(folder, 'p/q'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'p/q/a.py'), '');
    fs.symlinkSync('p', path.join(folder, 'L'));
    fs.symlinkSync(path.join(folder, 'p/q'), path.join(folder, 'M'));
    const cache = createReadCache(folder);
    const detour = fc.constantFrom('.', 'p/..', 'p/q/../..', 'zzz/..', '');
    const start = fc.constantFrom('', folder, `${folder}/../${path.basename(folder)}`);
    const last = fc.constantFrom('p/q/a.py', 'L/q/a.py', 'M/a.py', 'p/./q//a.py');
    fc.assert(
      fc.property(start, fc.array(detour, { maxLength: 4 }), last, (from, ways, to) => {
        assert.equal(cache.key([from === '' ? '.' : from, ...ways, to].join('/')), 'p/q/a.py');
      }),
    );
  });
});

/** A disk like ext4 with casefold or vfat on Linux: names are found in any case, and realpath does not correct them. */
function insensitiveDisk(files: readonly string[]): Disk {
  const fold = (name: string): string => name.normalize('NFC').toLowerCase();
  const names = new Map<string, { ino: bigint; children: Set<string> }>();
  const add = (at: string): { children: Set<string> } => {
    const known = names.get(fold(at));
    if (known !== undefined) return known;
    const node = { ino: BigInt(names.size + 1), children: new Set<string>() };
    names.set(fold(at), node);
    if (at !== '/') add(path.dirname(at)).children.add(path.basename(at));
    return node;
  };
  for (const file of files) add(file);
  const missing = (): never => {
    throw Object.assign(new Error('no entry'), { code: 'ENOENT' });
  };
  return {
    lstat(at) {
      const node = names.get(fold(at));
      return node === undefined ? undefined : { ino: node.ino, dev: 1n, isSymbolicLink: () => false };
    },
    realpath: (at) => (names.has(fold(at)) ? at : missing()),
    readdir: (at) => [...(names.get(fold(at))?.children ?? [])],
    readlink: missing,
  };
}
