import assert from 'node:assert/strict';
import fs from 'node:fs';
import { mirrorPath } from '../../../src/core/index.ts';
import { useWorkspace } from './workspace.ts';

async function* pieces(...texts: readonly (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* texts;
}

const anew = async () => true;

describe('the mirror of a transcript that is rewritten as a whole', () => {
  const workspace = useWorkspace();
  it('is replaced by the newest text, and never grows with each of them', async () => {
    const { store, root, read } = workspace();
    const first = await store.mirrorDocument('s-1', pieces('{"a":', Buffer.from('"é"}')));
    assert.deepEqual(first, { file: 'raw/s-1.json', bytes: 10 });
    assert.equal(read('raw/s-1.json'), '{"a":"é"}');
    assert.deepEqual(await store.mirrorDocument('s-1', pieces('[1]')), { file: 'raw/s-1.json', bytes: 3 });
    assert.equal(read('raw/s-1.json'), '[1]');
    assert.deepEqual(fs.readdirSync(`${root}/raw`), ['s-1.json']);
    assert.equal(mirrorPath(store.root, 'raw/s-1.json'), `${store.root}/raw/s-1.json`);
  });

  it('is not written where the text is the same', async () => {
    const { store, root } = workspace();
    const before = await store.mirrorDocument('s-1', pieces('[1]'));
    const { ino } = fs.statSync(`${root}/raw/s-1.json`);
    assert.deepEqual(await store.mirrorDocument('s-1', pieces('[', '1]')), before);
    assert.deepEqual(await store.mirrorDocument('s-1', pieces('[1]'), { anew }), before);
    assert.equal(fs.statSync(`${root}/raw/s-1.json`).ino, ino);
  });

  it('begins anew where the text before held what this one does not', async () => {
    const { store, read } = workspace();
    assert.equal((await store.mirrorDocument('s-1', pieces('[1,2]'), { anew }))?.file, 'raw/s-1.json');
    assert.equal((await store.mirrorDocument('s-1', pieces('[1]'), { anew }))?.file, 'raw/s-1.2.json');
    assert.equal((await store.mirrorDocument('s-1', pieces('[1,3]')))?.file, 'raw/s-1.2.json');
    assert.equal(read('raw/s-1.json'), '[1,2]');
    assert.equal(read('raw/s-1.2.json'), '[1,3]');
  });

  it('stays as it was where the text was not whole, or could not be read to its end', async () => {
    const { store, root, read } = workspace();
    await store.mirrorDocument('s-1', pieces('[1]'));
    assert.equal(await store.mirrorDocument('s-1', pieces('[1,'), { isWhole: async () => false }), undefined);
    async function* broken(): AsyncGenerator<string> {
      yield '[1,2';
      throw new Error('gone');
    }
    await assert.rejects(store.mirrorDocument('s-1', broken()), /gone/);
    assert.equal(read('raw/s-1.json'), '[1]');
    assert.deepEqual(fs.readdirSync(`${root}/raw`), ['s-1.json']);
    await assert.rejects(store.mirrorDocument('../x', pieces('[1]')), RangeError);
  });
});
