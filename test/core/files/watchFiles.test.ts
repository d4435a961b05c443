import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import {
  MAX_WATCHED,
  MAX_WATCHED_FOLDERS,
  type Watch,
  type WatchMode,
  watchFiles,
} from '../../../src/core/files/freshness/watchFiles.ts';
import { watchFolders } from '../../../src/core/files/freshness/watchFolders.ts';
import { watchSingly } from '../../../src/core/files/freshness/watchSingly.ts';
import { makeWorkplace, removeFolders } from './workplace.ts';

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function never(what: unknown): void {
  assert.fail(String(what));
}

const ways = { files: watchSingly, folders: watchFolders };

/** Both ways of watching hold the same promises. */
for (const [name, way] of Object.entries(ways)) {
  describe(`file watcher, by ${name}`, () => {
    afterEach(removeFolders);
    const watch = (paths: readonly string[], told: string[]): ReturnType<typeof watchFiles> =>
      watchFiles(paths, (path) => told.push(path), never, { files: way, folders: way });

    it('tells of changes, replacing, deleting and creating again, for the watched files only', async () => {
      const { put, at } = makeWorkplace();
      put('a', '1');
      put('b', '1');
      const told: string[] = [];
      const watcher = watch([at('a')], told);
      assert.equal(watcher.mode, 'files');
      await watcher.ready;
      for (const act of [
        () => put('a', '22'),
        () => {
          put('b', '333');
          fs.renameSync(at('b'), at('a'));
        },
        () => fs.rmSync(at('a')),
        () => put('a', '4444'),
        () => put('a', '55555'),
      ]) {
        told.length = 0;
        act();
        await until(() => told.length > 0);
        assert.deepEqual([...new Set(told)], [at('a')]);
      }
      await watcher.close();
    });

    it('tells of a file that does not exist yet', async () => {
      const { put, at } = makeWorkplace();
      const told: string[] = [];
      const watcher = watch([at('later')], told);
      await watcher.ready;
      put('later', '1');
      await until(() => told.length > 0);
      assert.deepEqual(told, [at('later')]);
      await watcher.close();
    });

    it('is silent after it was closed, also when closed at once and twice', async () => {
      const { put, at } = makeWorkplace();
      put('a', '1');
      const told: string[] = [];
      const watcher = watch([at('a')], told);
      await watcher.close();
      await watcher.close();
      await watcher.ready;
      put('a', '22');
      const second = watch([at('a')], told);
      await second.ready;
      await second.close();
      put('a', '333');
      // A third one hears of it; the closed ones would have by then.
      const heard: string[] = [];
      const third = watch([at('a')], heard);
      await third.ready;
      put('a', '4444');
      await until(() => heard.length > 0);
      await third.close();
      assert.deepEqual(told, []);
    });
  });
}

describe('file watcher, by folders', () => {
  afterEach(removeFolders);
  const watch = (paths: readonly string[], told: string[]): ReturnType<typeof watchFiles> =>
    watchFiles(paths, (path) => told.push(path), never, { files: watchFolders, folders: watchFolders });

  it('sees folders deleted, created again and replaced, as a checkout does it', async () => {
    const { put, at } = makeWorkplace();
    put('x/y/a', '1');
    put('b', '1');
    const told: string[] = [];
    const watcher = watch([at('x/y/a'), at('b')], told);
    await watcher.ready;
    const tells = async (act: () => unknown): Promise<void> => {
      told.length = 0;
      act();
      await until(() => told.length > 0);
      assert.deepEqual([...new Set(told)], [at('x/y/a')]);
    };
    for (let round = 0; round < 3; round++) {
      await tells(() => fs.rmSync(at('x'), { recursive: true }));
      await tells(() => put('x/y/a', `${round}`));
      await tells(() => put('x/y/a', `${round} more`));
      await tells(() => {
        put('z/a', 'other');
        fs.renameSync(at('x/y'), at(`old${round}`));
        fs.renameSync(at('z'), at('x/y'));
      });
      await tells(() => put('x/y/a', `${round} again`));
    }
    await watcher.close();
  });

  it('waits for a folder that is not there, far below one that is, without a word about its neighbours', async () => {
    const { put, at } = makeWorkplace();
    const told: string[] = [];
    const watcher = watch([at('p/q/r/a')], told);
    await watcher.ready;
    put('p/other', '1');
    put('pp/q/r/a', '1');
    fs.mkdirSync(at('p/q'));
    put('neighbour', '1');
    const heard: string[] = [];
    const second = watch([at('neighbour')], heard);
    await second.ready;
    put('neighbour', '22');
    await until(() => heard.length > 0);
    assert.deepEqual(told, []);
    put('p/q/r/a', '1');
    await until(() => told.length > 0);
    assert.deepEqual([...new Set(told)], [at('p/q/r/a')]);
    await Promise.all([watcher.close(), second.close()]);
  });

  it('tells the error of a folder that can’t be watched, and watches the others', async () => {
    const { put, at } = makeWorkplace();
    put('file', '1');
    put('b/b', '1');
    const told: string[] = [];
    // The folder of `file/below` is a file.
    const watcher = watch([at('file/below'), at('b/b')], told);
    await watcher.ready;
    put('b/b', '22');
    await until(() => told.length > 0);
    assert.deepEqual([...new Set(told)], [at('b/b')]);
    fs.rmSync(at('file'));
    put('file/below', '1');
    await until(() => told.includes(at('file/below')));
    await watcher.close();
  });
});

describe('file watcher', () => {
  afterEach(removeFolders);

  const named = (count: number, folders: number): readonly string[] =>
    Array.from({ length: count }, (_, n) => `/nowhere/${n % folders}/${n}`);
  const used: WatchMode[] = [];
  const play = (mode: 'files' | 'folders', fate: 'works' | 'ends'): Watch => {
    return () => {
      used.push(mode);
      const error = Object.assign(new Error('no watches left'), { code: 'ENOSPC' });
      return {
        ready: fate === 'works' ? Promise.resolve() : new Promise(() => undefined),
        exhausted: fate === 'works' ? new Promise(() => undefined) : Promise.reject(error),
        close: () => Promise.resolve(),
      };
    };
  };

  it('watches files, above a number their folders, and above a number of these nothing', async () => {
    for (const [paths, mode] of [
      [named(MAX_WATCHED, MAX_WATCHED), 'files'],
      [named(MAX_WATCHED + 1, MAX_WATCHED_FOLDERS), 'folders'],
      [named(MAX_WATCHED_FOLDERS + 1, MAX_WATCHED_FOLDERS + 1), 'sweep'],
    ] as const) {
      used.length = 0;
      const watcher = watchFiles(paths, never, never, {
        files: play('files', 'works'),
        folders: play('folders', 'works'),
      });
      await watcher.ready;
      assert.equal(watcher.mode, mode);
      assert.deepEqual(used, mode === 'sweep' ? [] : [mode]);
      await watcher.close();
    }
  });

  it('goes on to folders, and then to nothing, when the system’s watches are used up, and tells so', async () => {
    for (const [folders, mode, expected] of [
      ['works', 'folders', ['ENOSPC']],
      ['ends', 'sweep', ['ENOSPC', 'ENOSPC']],
    ] as const) {
      used.length = 0;
      const told: unknown[] = [];
      const watcher = watchFiles(named(3, 1), never, (error) => told.push((error as NodeJS.ErrnoException).code), {
        files: play('files', 'ends'),
        folders: play('folders', folders),
      });
      await watcher.ready;
      assert.equal(watcher.mode, mode);
      assert.deepEqual(used, ['files', 'folders']);
      assert.deepEqual(told, expected);
      await watcher.close();
    }
  });

  it('tells an error of starting, and is ready all the same', async () => {
    const told: unknown[] = [];
    const broken: Watch = () => ({
      ready: Promise.reject(new Error('broken')),
      exhausted: new Promise(() => undefined),
      close: () => Promise.resolve(),
    });
    const watcher = watchFiles(named(1, 1), never, (error) => told.push(error), { files: broken, folders: broken });
    await watcher.ready;
    assert.equal(String(told[0]), 'Error: broken');
    await watcher.close();
  });

  it('tells a change once per turn, by the path as it was given', async () => {
    let tell: ((path: string) => void) | undefined;
    const way: Watch = (_paths, { note }) => {
      tell = note;
      return { ready: Promise.resolve(), exhausted: new Promise(() => undefined), close: () => Promise.resolve() };
    };
    const told: string[] = [];
    const watcher = watchFiles(['/a/./b', '/c'], (path) => told.push(path), never, { files: way, folders: way });
    for (const path of ['/a/b', '/a/b', '/c', '/d', '/a/b']) tell?.(path);
    await until(() => told.length > 0);
    assert.deepEqual(told, ['/a/./b', '/c']);
    tell?.('/c');
    await watcher.close();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(told, ['/a/./b', '/c']);
  });
});
