import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import * as path from 'node:path';
import { loadExchange } from '../../../src/core/files/replace/exchange.ts';
import { keyId } from '../../../src/core/files/replace/keys.ts';
import { ownTag } from '../../../src/core/files/replace/names.ts';
import { skipBecause } from '../../support/skip.ts';
import { makeFolder, makeWorkplace, removeFolders } from './workplace.ts';

const canExchange = (await loadExchange()) !== undefined;

/** Replaces a function of `node:fs` while `job` runs: the faults of disks that a test can't have. */
async function withFault<K extends 'linkSync' | 'writeSync' | 'renameSync' | 'openSync'>(
  name: K,
  fault: (real: (typeof fs)[K]) => (typeof fs)[K],
  job: () => Promise<void>,
): Promise<void> {
  const real = fs[name];
  fs[name] = fault(real);
  syncBuiltinESMExports();
  try {
    await job();
  } finally {
    fs[name] = real;
    syncBuiltinESMExports();
  }
}

function fail(code: string, syscall: string): never {
  throw Object.assign(new Error(code), { code, syscall });
}

describe('guard, when the disk fails', () => {
  afterEach(removeFolders);

  it('keeps the old content and leaves nothing behind when the disk is full', async () => {
    const { guard, put, text, files, displaced } = makeWorkplace();
    put('a.py', 'one');
    await guard.read('a.py');
    let room = 2;
    await withFault(
      'writeSync',
      (real) =>
        ((fd: number, bytes: Buffer, at: number) => {
          // The disk takes two bytes more, as real ones do, and then none.
          if (room === 0) fail('ENOSPC', 'write');
          const taken = real(fd, bytes, at, Math.min(room, bytes.length - at));
          room -= taken;
          return taken;
        }) as typeof real,
      async () => {
        for (const name of ['a.py', 'new.py']) {
          const outcome = await guard.write(name, 'longer than before');
          assert.ok(outcome.kind === 'io' && outcome.code === 'ENOSPC', JSON.stringify(outcome));
        }
      },
    );
    assert.equal(text('a.py'), 'one');
    assert.deepEqual(files(), ['a.py']);
    assert.deepEqual(displaced(), []);
    assert.equal((await guard.write('a.py', 'longer than before')).kind, 'written');
  });

  it('replaces, creates and sees a slip-in where hard links are refused', async () => {
    const ways = ['EPERM', 'ENOTSUP', 'EMLINK'].flatMap((code) => [true, false].map((bare) => ({ code, bare })));
    for (const { code, bare } of ways) {
      let slips = false;
      const place = makeWorkplace(
        {},
        {
          exchange: () => (bare ? Promise.resolve(undefined) : loadExchange()),
          beforeRename() {
            if (slips) fs.appendFileSync(place.at('a.txt'), ' and theirs');
          },
        },
      );
      place.put('a.txt', 'one');
      await withFault(
        'linkSync',
        () => () => fail(code, 'link'),
        async () => {
          await place.guard.read('a.txt');
          assert.equal((await place.guard.write('a.txt', 'two')).kind, 'written');
          assert.equal((await place.guard.write('new.txt', 'new')).kind, 'written');
          place.put('there.txt', 'theirs');
          assert.equal((await place.guard.write('there.txt', 'ours', { force: true })).kind, 'written');
          slips = true;
          const outcome = await place.guard.write('a.txt', 'three');
          assert.ok(outcome.kind === 'conflict' && outcome.reason === 'slipped-in');
          // A displaced file without another name can be put back by an exchange only.
          const theirs = outcome.kept ?? place.at('a.txt');
          assert.equal(theirs === place.at('a.txt'), canExchange && !bare);
          assert.equal(fs.readFileSync(theirs, 'utf8'), 'two and theirs');
        },
      );
      const kept = canExchange && !bare ? ['theirs'] : ['theirs', 'two and theirs'];
      assert.deepEqual(place.displaced().toSorted(), kept);
      assert.deepEqual(place.files(), ['a.txt', 'new.txt', 'there.txt']);
    }
  });

  it('keeps displaced versions when the sessions’ folder is on another device', async function () {
    const elsewhere = '/dev/shm';
    const folder = makeFolder();
    if (!fs.existsSync(elsewhere) || fs.statSync(elsewhere).dev === fs.statSync(folder).dev) {
      skipBecause(this, 'there is no second device here');
    }
    const sessionsFolder = fs.mkdtempSync(path.join(elsewhere, 'holdfast-files-'));
    try {
      const place = makeWorkplace({ sessionsFolder });
      place.put('a.txt', 'theirs');
      const outcome = await place.guard.write('a.txt', 'ours', { force: true });
      assert.ok(outcome.kind === 'written' && outcome.kept !== undefined);
      assert.equal(fs.readFileSync(outcome.kept, 'utf8'), 'theirs');
      assert.equal((await place.guard.write('a.txt', 'more')).kind, 'written');
      assert.deepEqual(fs.readdirSync(place.folder), ['a.txt']);
    } finally {
      fs.rmSync(sessionsFolder, { recursive: true });
    }
  });

  it('tells an error of the system as it is', async () => {
    const { guard, put, text } = makeWorkplace();
    put('a.py', 'one');
    await guard.read('a.py');
    for (const [name, code] of [
      ['renameSync', 'EIO'],
      ['openSync', 'EMFILE'],
    ] as const) {
      await withFault(
        name,
        () => () => fail(code, 'open'),
        async () => {
          const outcome = await guard.write('a.py', 'two');
          assert.ok(outcome.kind === 'io' && outcome.code === code);
        },
      );
    }
    assert.equal(text('a.py'), 'one');
  });

  it('writes beside leftovers of others that it can’t read, and leaves those', async () => {
    const { guard, put, text, files } = makeWorkplace();
    put('a.py', 'one');
    const leftover = `.holdfast-${ownTag().replace(/-\d+-/, '-999999999-')}-${'0'.repeat(64)}-${keyId('a.py')}-a.py.new-1`;
    put(leftover, 'of another user');
    await guard.read('a.py');
    await withFault(
      'openSync',
      (real) =>
        (file, ...more) =>
          String(file).endsWith('.new-1') ? fail('EACCES', 'open') : real(file, ...more),
      async () => assert.equal((await guard.write('a.py', 'two')).kind, 'written'),
    );
    assert.equal(text('a.py'), 'two');
    assert.deepEqual(files(), [leftover, 'a.py']);
  });

  it('leaves no empty file where a new one can’t get its name, and writes over nothing that it can’t keep', async () => {
    const { guard, put, text, files, displaced } = makeWorkplace({}, { exchange: () => Promise.resolve(undefined) });
    await withFault(
      'linkSync',
      () => () => fail('EPERM', 'link'),
      async () => {
        await withFault(
          'renameSync',
          () => () => fail('EIO', 'rename'),
          async () => assert.equal((await guard.write('new.py', 'ours')).kind, 'io'),
        );
        assert.deepEqual(files(), []);
        put('a.py', 'theirs');
        let full = false;
        await withFault(
          'writeSync',
          (real) =>
            ((fd: number, bytes: Buffer, ...more: [number, number]) => {
              if (full) fail('ENOSPC', 'write');
              full = bytes.toString() === 'ours';
              return real(fd, bytes, ...more);
            }) as typeof real,
          async () => assert.equal((await guard.write('a.py', 'ours', { force: true })).kind, 'io'),
        );
        assert.equal(text('a.py'), 'theirs');
      },
    );
    assert.deepEqual(displaced(), []);
  });

  it('has the old or the new content, whole, after its process was killed at any moment', async function () {
    this.timeout(30_000);
    const place = makeWorkplace();
    const script = place.put(
      'writer.mjs',
      `import { createGuard } from ${JSON.stringify(url('guard/guard.ts'))};
       import { createReadCache } from ${JSON.stringify(url('readCache.ts'))};
       const folder = process.argv[2];
       const guard = createGuard({ folder, sessionsFolder: '.sessions', cache: createReadCache(folder), now: Date.now });
       const { bytes } = await guard.read('a.txt');
       for (let n = bytes[0]; ; n = (n + 1) % 256) {
         const outcome = await guard.write('a.txt', Buffer.alloc(100_000, n));
         if (outcome.kind !== 'written') throw new Error(outcome.kind);
         process.send(n);
       }`,
    );
    place.put('a.txt', Buffer.alloc(100_000, 7));
    for (let round = 0; round < (process.env['CI'] ? 6 : 3); round++) {
      const child = fork(script, [place.folder], { execArgv: ['--disable-warning=ExperimentalWarning'] });
      let written = 0;
      await new Promise((resolve) => {
        child.on('message', () => {
          if (++written === 5 + round) setTimeout(() => child.kill('SIGKILL'), round);
        });
        child.once('exit', resolve);
      });
      assert.ok(written >= 5);
      const content = fs.readFileSync(place.at('a.txt'));
      assert.deepEqual(content, Buffer.alloc(100_000, content[0]));
    }
    await place.guard.read('a.txt');
    assert.equal((await place.guard.write('a.txt', 'after')).kind, 'written');
    assert.deepEqual(place.files(), ['a.txt', 'writer.mjs']);
    assert.deepEqual(place.displaced(), []);
  });
});

function url(name: string): string {
  return new URL(`../../../src/core/files/${name}`, import.meta.url).href;
}
