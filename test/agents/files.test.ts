import assert from 'node:assert/strict';
import { join } from 'node:path';
import { insideOf } from '../../src/agents/files.ts';
import { createScanCache } from '../../src/agents/scan.ts';

describe('files of agents', () => {
  it('lie in a folder only where they are named from the root, by this system', async () => {
    const isInside = await insideOf(process.cwd());
    const paths = ['.', 'src', '', process.cwd(), join(process.cwd(), 'src'), join(process.cwd(), '..')];
    assert.deepEqual(await Promise.all(paths.map(isInside)), [false, false, false, true, true, false]);
    if (process.platform !== 'win32') assert.equal(await isInside('C:\\work'), false);
  });

  it('are looked into once for a list of thousands, and again only where they changed', async () => {
    const cached = createScanCache<string>();
    let scans = 0;
    const list = async (mtimeMs: (index: number) => number): Promise<void> => {
      for (let index = 0; index < 5000; index += 1) {
        await cached(`/${index}`, { size: 1, ino: 1, mtimeMs: mtimeMs(index) }, async () => {
          scans += 1;
          return '';
        });
      }
    };
    await list(() => 1);
    await list(() => 1);
    assert.equal(scans, 5000);
    await list((index) => (index === 7 ? 2 : 1));
    assert.equal(scans, 5001);
  });
});
