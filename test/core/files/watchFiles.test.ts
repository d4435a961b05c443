import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { MAX_WATCHED, watchFiles } from '../../../src/core/files/freshness/watchFiles.ts';
import { makeWorkplace, removeFolders } from './workplace.ts';

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function never(what: unknown): void {
  assert.fail(String(what));
}

describe('file watcher', () => {
  afterEach(removeFolders);

  it('tells of changes, replacing, deleting and creating again, for the watched files only', async () => {
    const { put, at } = makeWorkplace();
    put('a', '1');
    put('b', '1');
    const told: string[] = [];
    const watcher = watchFiles([at('a')], (path) => told.push(path), never);
    assert.equal(watcher.mode, 'watch');
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
    const watcher = watchFiles([at('later')], (path) => told.push(path), never);
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
    const watcher = watchFiles([at('a')], (path) => told.push(path), never);
    await watcher.close();
    await watcher.close();
    await watcher.ready;
    put('a', '22');
    const second = watchFiles([at('a')], () => undefined, never);
    await second.ready;
    put('a', '333');
    await second.close();
    assert.deepEqual(told, []);
  });

  it('watches nothing above the number where a sweep is cheaper, and says so', async () => {
    const watcher = watchFiles(
      Array.from({ length: MAX_WATCHED + 1 }, (_, n) => `/nowhere/${n}`),
      never,
      never,
    );
    assert.equal(watcher.mode, 'sweep');
    await watcher.ready;
    await watcher.close();
  });
});
