import assert from 'node:assert/strict';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Bases, type BasesOptions, createBases } from '../../../src/core/files/merge/bases.ts';
import { makeFolder, removeFolders } from './workplace.ts';

const DAY = 86_400_000;

interface Place {
  readonly bases: Bases;
  readonly folder: string;
  /** Another process in the same folder. */
  another(): Bases;
  put(text: string | Buffer): Promise<string>;
  names(): string[];
  at(sha256: string): string;
}

function makePlace(options: Partial<BasesOptions> = {}): Place {
  const sessionsFolder = path.join(makeFolder(), '.sessions');
  const folder = path.join(sessionsFolder, 'bases');
  const another = (): Bases => createBases({ sessionsFolder, ...options });
  const bases = another();
  return {
    bases,
    folder,
    another,
    async put(text) {
      const sha256 = crypto.hash('sha256', text);
      await bases.put(sha256, Buffer.from(text));
      return sha256;
    },
    names: () => fs.readdirSync(folder).sort(),
    at: (sha256) => path.join(folder, sha256),
  };
}

describe('bases', function () {
  this.timeout(20_000);
  afterEach(removeFolders);

  it('keep a version under its hash, for its owner alone, and give it to whoever knows the hash', async () => {
    const { bases, folder, another, put, names, at } = makePlace();
    const sha256 = await put('text');
    assert.equal(String(await bases.get(sha256)), 'text');
    assert.equal(String(await another().get(sha256)), 'text');
    assert.deepEqual(names(), [sha256]);
    assert.equal(fs.statSync(at(sha256)).mode & 0o777, 0o600);
    assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
    assert.equal(fs.readFileSync(path.join(folder, '../.gitignore'), 'utf8'), '*\n');
    assert.equal(await bases.get(crypto.hash('sha256', 'other')), undefined);
  });

  it('keep empty versions and bytes that are no text', async () => {
    const { bases, put } = makePlace();
    const bytes = Buffer.from([0, 255, 10]);
    assert.deepEqual(await bases.get(await put(bytes)), bytes);
    assert.deepEqual(await bases.get(await put('')), Buffer.alloc(0));
  });

  it('give a version while it is still being written, as it was when it was put', async () => {
    const { bases } = makePlace();
    const bytes = Buffer.from('text');
    const sha256 = crypto.hash('sha256', 'text');
    const done = bases.put(sha256, bytes);
    bytes.fill(0);
    assert.equal(String(await bases.get(sha256)), 'text');
    await done;
    assert.equal(String(await bases.get(sha256)), 'text');
  });

  it('remove a version that is not what its name says', async () => {
    const { bases, another, put, names, at } = makePlace();
    for (const damage of ['txet', '', 'longer than it was']) {
      const sha256 = await put('text');
      fs.writeFileSync(at(sha256), damage);
      assert.equal(await another().get(sha256), undefined, damage);
      assert.deepEqual(names(), []);
      assert.equal(await bases.get(sha256), undefined);
    }
    const sha256 = await put('text');
    assert.equal(String(await bases.get(sha256)), 'text');
  });

  it('take nothing but hashes for names', async () => {
    const { bases, folder, put } = makePlace();
    await put('text');
    fs.writeFileSync(path.join(folder, '../secret'), 'secret');
    for (const name of ['../secret', '', 'a'.repeat(63), 'A'.repeat(64), `${'a'.repeat(64)}/x`, '__proto__']) {
      await bases.put(name, Buffer.from('x'));
      assert.equal(await bases.get(name), undefined);
    }
    assert.equal(fs.readFileSync(path.join(folder, '../secret'), 'utf8'), 'secret');
  });

  it('follow no link, neither in the folder’s place nor in a version’s', async () => {
    const { bases, folder, put, at } = makePlace();
    const elsewhere = makeFolder();
    fs.mkdirSync(path.dirname(folder));
    fs.symlinkSync(elsewhere, folder);
    const sha256 = await put('text');
    assert.deepEqual(fs.readdirSync(elsewhere), []);
    fs.writeFileSync(path.join(elsewhere, sha256), 'text');
    assert.equal(await bases.get(sha256), undefined);

    fs.rmSync(folder);
    assert.equal(await put('other'), crypto.hash('sha256', 'other'));
    fs.symlinkSync(path.join(elsewhere, sha256), at(sha256));
    assert.equal(await bases.get(sha256), undefined);
    assert.equal(fs.readFileSync(path.join(elsewhere, sha256), 'utf8'), 'text');
  });

  it('keep no version that is too big', async () => {
    const { bases, put } = makePlace({ maxFileBytes: 4 });
    assert.equal(await bases.get(await put('12345')), undefined);
    assert.equal(String(await bases.get(await put('1234'))), '1234');
  });

  it('drop what was not used for longest, and never hold more than their budget', async () => {
    let now = Date.now();
    const { bases, put, names, at } = makePlace({ maxBytes: 40 * 4096, now: () => now });
    const all: string[] = [];
    for (let index = 0; index < 200; index++) {
      const sha256 = await put(`version ${index}`);
      all.push(sha256);
      // The disk's clock says when a version was written, and the first one is used again and again.
      fs.utimesSync(at(sha256), now / 1000, now / 1000);
      now += DAY;
      assert.equal(String(await bases.get(all[0] as string)), 'version 0');
      assert.ok(names().length <= 40);
    }
    assert.equal(String(await bases.get(all.at(-1) as string)), 'version 199');
    assert.equal(await bases.get(all[1] as string), undefined);
    assert.ok(names().length >= 20);
  });

  it('count what other processes keep', async () => {
    const { another, names } = makePlace({ maxBytes: 40 * 4096 });
    const processes = [another(), another(), another()];
    for (let index = 0; index < 150; index++) {
      const text = `version ${index}`;
      await processes[index % 3]?.put(crypto.hash('sha256', text), Buffer.from(text));
      assert.ok(names().length <= 40 + 3 * 6, String(names().length));
    }
  });

  it('remove what a writer left that crashed, and nothing that is not theirs', async () => {
    let now = Date.now();
    const { put, folder, another, names } = makePlace({ now: () => now });
    const sha256 = await put('text');
    const left = `${sha256}.1234.tmp`;
    fs.writeFileSync(path.join(folder, left), 'te');
    fs.writeFileSync(path.join(folder, 'README'), 'mine');
    await another().put(crypto.hash('sha256', 'b'), Buffer.from('b'));
    assert.ok(names().includes(left));
    now += DAY;
    await another().put(crypto.hash('sha256', 'c'), Buffer.from('c'));
    assert.ok(!names().includes(left) && names().includes('README'));
  });

  it('take a thousand versions at once', async () => {
    const { bases, names } = makePlace();
    const texts = Array.from({ length: 1000 }, (_, index) => `version ${index}`);
    await Promise.all(texts.map((text) => bases.put(crypto.hash('sha256', text), Buffer.from(text))));
    assert.equal(names().length, 1000);
    assert.equal(String(await bases.get(crypto.hash('sha256', 'version 500'))), 'version 500');
  });

  it('leave nothing half written on a full disk, and keep the version once there is room', async () => {
    const { bases, folder, put, names } = makePlace();
    await put('before');
    const { writeFile } = fs.promises;
    let sha256: string;
    fs.promises.writeFile = (async (file: string) => {
      fs.writeFileSync(file, 'te');
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
    }) as typeof writeFile;
    try {
      sha256 = await put('text');
    } finally {
      fs.promises.writeFile = writeFile;
    }
    assert.equal(names().length, 1);
    assert.equal(await bases.get(sha256), undefined);
    await put('text');
    assert.equal(String(await bases.get(sha256)), 'text');
    assert.ok(fs.existsSync(path.join(folder, sha256)));
  });

  it('lose nothing but the base where it can’t be written', async () => {
    const { bases, folder, put } = makePlace();
    fs.mkdirSync(path.dirname(folder));
    fs.writeFileSync(folder, 'a file in the folder’s place');
    const sha256 = await put('text');
    assert.equal(await bases.get(sha256), undefined);
    assert.equal(fs.readFileSync(folder, 'utf8'), 'a file in the folder’s place');
    fs.rmSync(folder);
    await put('text');
    assert.equal(String(await bases.get(sha256)), 'text');
  });
});
