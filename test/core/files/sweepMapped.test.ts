import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as readline from 'node:readline';
import { sweep } from '../../../src/core/files/freshness/sweep.ts';
import { createGuard } from '../../../src/core/files/guard/guard.ts';
import { createStoreCheck, timeToRest } from '../../../src/core/files/mappedStores.ts';
import { createReadCache } from '../../../src/core/files/readCache.ts';
import { skipBecause } from '../../support/skip.ts';
import { makeFolder, removeFolders } from './workplace.ts';

/** Maps a file and stores into it when told to; `clean` writes its pages back. */
const SCRIPT = `import mmap,os,sys
f=open(sys.argv[1],'r+b');m=mmap.mmap(f.fileno(),0)
for line in sys.stdin:
    if line=='clean\\n': m.flush();os.fsync(f.fileno())
    else: m[0:1]=line[0:1].encode()
    print('done')`;

interface Mapping {
  clean(): Promise<void>;
  /** Stores one letter at the beginning of the file. */
  store(letter: string): Promise<void>;
}

const children: ChildProcess[] = [];

function map(file: string): Mapping {
  const child = spawn('python3', ['-uc', SCRIPT, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const lines = readline.createInterface(child.stdout)[Symbol.asyncIterator]();
  const tell = async (line: string): Promise<void> => {
    child.stdin.write(`${line}\n`);
    assert.equal((await lines.next()).value, 'done');
  };
  return {
    clean: () => tell('clean'),
    store: tell,
  };
}

const showsStores = (folder: string): boolean => createStoreCheck()(folder, fs.statSync(folder, { bigint: true }).dev);

describe('sweep beside a program that maps a file', () => {
  const made: string[] = [];
  before(function () {
    if (spawnSync('python3', ['--version']).status !== 0) skipBecause(this, 'python3 is not installed here');
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill();
    removeFolders();
    for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
  });

  /** What sweeps say after a read, and after a store, when all pages had been written back and the file had rested. */
  async function storeAfterRest(folder: string): Promise<readonly (string | undefined)[]> {
    const file = path.join(folder, 'a');
    fs.writeFileSync(file, 'a content');
    const mapping = map(file);
    await mapping.store('b');
    await mapping.clean();
    const now = (): number => Date.now() + timeToRest() + 1000;
    const cache = createReadCache(folder);
    const guard = createGuard({ folder, sessionsFolder: '.sessions', cache, now });
    await guard.read('a');
    assert.equal(cache.get('a')?.racy, undefined);
    const found = [(await sweep(cache, { now }))[0]];
    await mapping.store('c');
    found.push((await sweep(cache))[0]);
    await mapping.store('d');
    found.push((await sweep(cache))[0]);
    await mapping.store('b');
    found.push((await sweep(cache))[0]);
    return found.map((file) => `${file?.freshness}${file?.stamp === undefined ? '' : ', hashed'}`);
  }

  it('looks into no file that has rested, and sees the first store after that', async function () {
    const folder = makeFolder();
    if (!showsStores(folder)) skipBecause(this, 'the folder for temporary files lies on no file system of the list');
    const [rested, ...stored] = await storeAfterRest(folder);
    assert.equal(rested, 'same');
    assert.deepEqual(stored.slice(0, 2), ['changed, hashed', 'changed, hashed']);
    assert.match(String(stored[2]), /^(?:same|touched), hashed$/);
  });

  it('hashes on a disk that lives in memory, where no store changes a time', async function () {
    const memory = '/dev/shm';
    if (!fs.existsSync(memory)) skipBecause(this, 'there is no /dev/shm here');
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(memory, 'holdfast-')));
    made.push(folder);
    assert.equal(showsStores(folder), false);
    const found = await storeAfterRest(folder);
    assert.deepEqual(found, ['same, hashed', 'changed, hashed', 'changed, hashed', 'same, hashed']);
  });

  it('hashes a file that was stored into while it was young, until its page has been written back', async () => {
    const folder = makeFolder();
    const file = path.join(folder, 'a');
    fs.writeFileSync(file, 'a content');
    const mapping = map(file);
    await mapping.store('b');
    const cache = createReadCache(folder);
    const guard = createGuard({ folder, sessionsFolder: '.sessions', cache, now: Date.now });
    await guard.read('a');
    const found: unknown[] = [];
    for (const letter of ['b', 'c', 'd', 'b']) {
      await mapping.store(letter);
      found.push((await sweep(cache))[0]?.freshness);
    }
    assert.deepEqual(found, ['same', 'changed', 'changed', 'same']);
  });
});
