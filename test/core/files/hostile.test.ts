import assert from 'node:assert/strict';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { localDisk } from '../../../src/core/files/locate.ts';
import { createReadCache } from '../../../src/core/files/readCache.ts';
import { loadExchange } from '../../../src/core/files/replace/exchange.ts';
import { keyId } from '../../../src/core/files/replace/keys.ts';
import { listRecovered } from '../../../src/core/files/replace/listRecovered.ts';
import { takeLock } from '../../../src/core/files/replace/lock.ts';
import { withVia } from '../../../src/core/files/via.ts';
import { makeFolder, makeWorkplace, removeFolders } from './workplace.ts';

describe('a sessions’ folder that came with a clone', () => {
  afterEach(removeFolders);

  it('has no lock that is read through a link, or that is no lock, and none that stays', async () => {
    const forgeries: Record<string, (file: string) => void> = {
      'a link to a device without an end': (file) => fs.symlinkSync('/dev/zero', file),
      'a link to nothing': (file) => fs.symlinkSync('nowhere', file),
      'a link to a file': (file) => fs.symlinkSync('../../victim', file),
      'a huge one': (file) => {
        fs.writeFileSync(file, '');
        fs.truncateSync(file, 3 * 2 ** 30);
      },
      'one from the future': (file) => fs.writeFileSync(file, '00000000-1-a'),
    };
    for (const [what, forge] of Object.entries(forgeries)) {
      const { guard, put, at, text } = makeWorkplace();
      put('victim', 'of the clone');
      put('a.txt', 'one');
      const lock = put(`.sessions/locks/${crypto.hash('sha256', 'a.txt')}`, '');
      fs.rmSync(lock);
      forge(lock);
      const year = 365 * 24 * 3600;
      fs.lutimesSync(lock, 1, what.includes('future') ? Date.now() / 1000 + year : 1);
      await guard.read('a.txt');
      assert.equal((await guard.write('a.txt', 'two')).kind, 'written', what);
      assert.equal(text('victim'), 'of the clone');
      assert.deepEqual(fs.readdirSync(at('.sessions/locks')), [], what);
    }
  });

  it('has no mark of a lock’s removal that stays', async () => {
    const file = path.join(makeFolder(), 'lock');
    const year = 365 * 24 * 3600;
    for (const when of [1, Date.now() / 1000 + year]) {
      fs.writeFileSync(file, '');
      fs.writeFileSync(`${file}.stale`, '');
      fs.utimesSync(file, 1, 1);
      fs.utimesSync(`${file}.stale`, when, when);
      const lock = await takeLock(file, 5000);
      assert.equal(lock?.isMine(), true);
      lock?.release();
    }
  });

  it('has no forged key that keeps what was recovered from being told', async () => {
    const forgeries: ((file: string) => void)[] = [
      (file) => fs.writeFileSync(file, ''),
      (file) => fs.writeFileSync(file, 'b.txt'),
      (file) => fs.symlinkSync('/dev/zero', file),
    ];
    for (const forge of forgeries) {
      const { guard, put, at } = makeWorkplace();
      put('a.txt', 'theirs');
      fs.mkdirSync(at('.sessions/keys'), { recursive: true });
      forge(at(`.sessions/keys/${keyId('a.txt')}`));
      assert.equal((await guard.write('a.txt', 'ours', { force: true })).kind, 'written');
      assert.deepEqual(
        (await listRecovered(at('.sessions'))).map(({ key }) => key),
        ['a.txt'],
      );
    }
    const { guard, put, at } = makeWorkplace();
    put('a.txt', 'theirs');
    put(`.sessions/keys/${keyId('a.txt')}/x`, '');
    assert.equal((await guard.write('a.txt', 'ours', { force: true })).kind, 'written');
    const [only] = await listRecovered(at('.sessions'));
    assert.ok(only !== undefined && only.key === undefined && only.name === 'a.txt');
  });

  it('has no ways by links that are followed out of the folder, nor more than a few', () => {
    const asked: string[] = [];
    const folder = makeFolder();
    fs.writeFileSync(path.join(folder, 'a'), 'a');
    const disk = {
      ...localDisk,
      realpath(at: string) {
        asked.push(at);
        return localDisk.realpath(at);
      },
    };
    const via = ['/outside/a', '../b', ...Array.from({ length: 1000 }, (_, n) => `link${n}`)];
    const cache = createReadCache(folder, { a: { via } }, disk);
    asked.length = 0;
    withVia(cache, 'a', { sha256: 'x' }, undefined);
    assert.deepEqual(
      asked.filter((at) => !at.startsWith(folder)),
      [],
    );
    assert.ok(asked.length < 50, String(asked.length));
  });
});

describe('a folder that becomes a link while a write is under way', () => {
  afterEach(removeFolders);

  /** Turns `lib` into a link to a folder outside. */
  function swap(folder: string, outside: string): void {
    fs.renameSync(path.join(folder, 'lib'), path.join(folder, 'lib-before'));
    fs.symlinkSync(outside, path.join(folder, 'lib'));
  }

  it('leads no file out of the workspace that waited for its turn', async () => {
    const outside = makeFolder();
    let swapped = false;
    const place = makeWorkplace(
      {},
      {
        beforeRename() {
          if (!swapped) swap(place.folder, outside);
          swapped = true;
        },
      },
    );
    place.put('lib/there', '');
    const first = place.guard.write('lib/new', 'one');
    const second = place.guard.write('lib/new', 'two');
    assert.equal((await first).kind, 'io');
    assert.deepEqual(await second, { kind: 'outside', path: 'lib/new' });
    assert.deepEqual(fs.readdirSync(outside), []);
  });

  it('leads neither the new content nor the conflict out of the workspace', async () => {
    for (const force of [false, true]) {
      for (const step of ['exchange', 'afterLock'] as const) {
        const outside = makeFolder();
        fs.writeFileSync(path.join(outside, 'a'), 'one');
        let swapped = false;
        const once = (): void => {
          if (!swapped) swap(place.folder, outside);
          swapped = true;
        };
        const place = makeWorkplace(
          {
            editors: {
              // Asked when the file is read, and again under the lock.
              unsavedText() {
                if (step === 'afterLock' && fs.readdirSync(place.at('.sessions/locks')).length > 0) once();
                return undefined;
              },
              replaceUnsaved: () => Promise.resolve(false),
            },
          },
          {
            exchange() {
              if (step === 'exchange') once();
              return loadExchange();
            },
          },
        );
        place.put('lib/a', 'one');
        fs.mkdirSync(place.at('.sessions/locks'), { recursive: true });
        await place.guard.read('lib/a');
        const outcome = await place.guard.write('lib/a', 'two', { force });
        assert.ok(swapped && outcome.kind === 'conflict' && outcome.reason === 'changed', JSON.stringify(outcome));
        assert.equal(outcome.theirs.bytes, undefined);
        assert.deepEqual(fs.readdirSync(outside), ['a']);
        assert.equal(fs.readFileSync(path.join(outside, 'a'), 'utf8'), 'one');
        assert.equal(place.text('lib-before/a'), 'one');
        assert.deepEqual(place.displaced(), []);
      }
    }
  });
});
