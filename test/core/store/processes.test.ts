import assert from 'node:assert/strict';
import fs from 'node:fs';
import { run } from './runScript.ts';
import { ids, session, useWorkspace } from './workspace.ts';

interface Told {
  readonly acknowledged: readonly string[];
  readonly conflicts: number;
  readonly saves: number;
}

describe('several processes', function () {
  this.timeout(60_000);
  const workspace = useWorkspace();

  it('append, fold and save at once, lose no message, and are told of each other', async () => {
    const { store, folder, files } = workspace();
    await store.save('a', session(['m1']), undefined);
    const count = 20;
    const told = await Promise.all(
      ['p', 'q', 'r'].map((tag) => run<Told>('appenderChild.ts', folder, tag, `${count}`)),
    );
    const found = await ids(store, 'a');
    assert.equal(new Set(found).size, found.length);
    for (const { acknowledged } of told) {
      assert.equal(acknowledged.length, count);
      const order = found.filter((id) => acknowledged.includes(id));
      assert.deepEqual(order, acknowledged);
    }
    assert.ok(told.every(({ conflicts, saves }) => conflicts + saves === count / 5));
    assert.deepEqual(
      files().filter((name) => !/^(\.gitignore|a\.json|a\.journal\.jsonl)$/.test(name)),
      [],
    );
  });

  it('that find the same lock of a dead one hold it one at a time', async () => {
    const { folder } = workspace();
    const overlaps = await Promise.all([1, 2, 3, 4].map(() => run<number>('lockChild.ts', folder, '25')));
    assert.deepEqual(overlaps, [0, 0, 0, 0]);
    const left = fs.readdirSync(folder).filter((name) => name !== 'a.lock');
    assert.deepEqual(left, []);
  });
});
