import assert from 'node:assert/strict';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import { bindTouches } from '../../../src/core/files/bindTouches.ts';
import { sweep } from '../../../src/core/files/freshness/sweep.ts';
import { createReadCache, type ReadCache } from '../../../src/core/files/readCache.ts';
import type { ReadCacheEntry } from '../../../src/core/session/snapshot.ts';
import { makeFolder, makeWorkplace, removeFolders, type Workplace } from './workplace.ts';

async function look(cache: ReadCache): Promise<Record<string, string>> {
  return Object.fromEntries((await sweep(cache)).map(({ key, freshness }) => [key, freshness]));
}

const retarget = ({ at }: Workplace, link: string, target: string): void => {
  fs.rmSync(at(link), { force: true });
  fs.symlinkSync(target, at(link));
};

describe('sweep of what was read by a link', () => {
  afterEach(removeFolders);

  it('calls a file changed when the link that it was read by leads elsewhere, nowhere, or is a file now', async () => {
    const place = makeWorkplace();
    const { put, at, cache, guard } = place;
    put('a', 'content');
    put('b', 'content');
    retarget(place, 'link', 'a');
    await guard.read('link');
    assert.deepEqual(cache.get('a')?.via, ['link']);
    assert.deepEqual(await look(cache), { a: 'same' });
    for (const change of [
      () => retarget(place, 'link', 'b'),
      () => retarget(place, 'link', 'absent'),
      () => retarget(place, 'link', '/dev/null'),
      () => retarget(place, 'link', 'link'),
      () => {
        fs.rmSync(at('link'));
        put('link', 'content');
      },
      () => fs.rmSync(at('link')),
    ]) {
      change();
      assert.deepEqual(await look(cache), { a: 'changed' });
    }
    retarget(place, 'link', at('a'));
    assert.deepEqual(await look(cache), { a: 'same' });
    fs.rmSync(at('a'));
    assert.deepEqual(await look(cache), { a: 'deleted' });
  });

  it('follows links of folders and links to links, and knows a plain path for what it is', async () => {
    const place = makeWorkplace();
    const { put, cache, guard } = place;
    put('one/a', 'content');
    put('two/a', 'content');
    retarget(place, 'folder', 'one');
    retarget(place, 'first', 'second');
    retarget(place, 'second', 'folder/a');
    for (const path of ['folder/a', './one/../one/a', 'first', 'one/a', place.at('folder/a')]) await guard.read(path);
    assert.deepEqual(cache.get('one/a')?.via, ['first', 'folder/a']);
    retarget(place, 'folder', 'two');
    assert.deepEqual(await look(cache), { 'one/a': 'changed' });
  });

  it('raises no more alarm once the session has read what the link leads to now', async () => {
    const place = makeWorkplace();
    const { put, cache, guard } = place;
    put('a', 'content');
    put('b', 'content');
    retarget(place, 'link', 'a');
    await guard.read('link');
    retarget(place, 'link', 'b');
    const set: Record<string, ReadCacheEntry>[] = [];
    const second = makeWorkplace({
      folder: place.folder,
      cache,
      onStamps: async (stamps) => void set.push(stamps),
    });
    await second.guard.read('link');
    assert.deepEqual(await look(cache), { a: 'same', b: 'same' });
    assert.deepEqual(
      set.map((stamps) => Object.entries(stamps).map(([key, { via }]) => [key, via])),
      [
        [
          ['b', ['link']],
          ['a', undefined],
        ],
      ],
    );
    // The file itself, read again, is no longer what the link led to.
    retarget(place, 'link', 'a');
    assert.deepEqual(await look(cache), { a: 'same', b: 'changed' });
    await guard.read('b');
    assert.deepEqual(await look(cache), { a: 'same', b: 'same' });
  });

  it('keeps the links over a write, 8 at most', async () => {
    const place = makeWorkplace();
    const { put, cache, guard } = place;
    put('a', 'content');
    for (let n = 0; n < 10; n++) {
      retarget(place, `link${n}`, 'a');
      await guard.read(`link${n}`);
    }
    assert.equal((await guard.edit('a', { old: 'content', new: 'more' })).kind, 'written');
    assert.deepEqual(cache.get('a')?.via, ['link2', 'link3', 'link4', 'link5', 'link6', 'link7', 'link8', 'link9']);
    assert.deepEqual(await look(cache), { a: 'same' });
  });

  it('knows the links by which an agent read', async () => {
    const place = makeWorkplace();
    place.put('a', 'content');
    place.put('b', 'content');
    retarget(place, 'link', 'a');
    const touch = { op: 'read', full: true, text: 'content', messageId: 'm1', at: '2026-01-01T00:00:00.000Z' } as const;
    const entries = await bindTouches([{ ...touch, path: place.at('link') }], { folder: place.folder });
    assert.deepEqual(entries['a']?.via, ['link']);
    const cache = createReadCache(place.folder, entries);
    assert.deepEqual(await look(cache), { a: 'same' });
    retarget(place, 'link', 'b');
    assert.deepEqual(await look(cache), { a: 'changed' });
  });

  it('asks nothing but where they lead of the links that a snapshot names', async () => {
    const outside = makeFolder();
    fs.writeFileSync(`${outside}/secret`, 'content');
    const place = makeWorkplace();
    place.put('a', 'content');
    retarget(place, 'out', `${outside}/secret`);
    const sha256 = crypto.hash('sha256', 'content');
    const at = (via: string[]): Promise<Record<string, string>> =>
      look(createReadCache(place.folder, { a: { sha256, via } }));
    assert.deepEqual(await at(['../../etc/passwd', '/etc/passwd', '', 'a\0b', '.']), { a: 'same' });
    assert.deepEqual(await at(['out']), { a: 'changed' });
    assert.deepEqual(await at(['__proto__']), { a: 'changed' });
  });
});
