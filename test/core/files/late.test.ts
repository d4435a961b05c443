import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { createGuard } from '../../../src/core/files/guard/guard.ts';
import type { LateConflict } from '../../../src/core/files/guard/guardTypes.ts';
import { keyId } from '../../../src/core/files/replace/keys.ts';
import { createLateLooks } from '../../../src/core/files/replace/lateLooks.ts';
import { listRecovered } from '../../../src/core/files/replace/listRecovered.ts';
import { displacedName, keptName, readDisplacedName, readKeptName } from '../../../src/core/files/replace/names.ts';
import { makeFolder, makeWorkplace, removeFolders, type Workplace } from './workplace.ts';

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Runs `job` as if some minutes had passed: times of links can't be set back, so the clock is set on. */
async function minutesLater(job: () => Promise<void>): Promise<void> {
  const realNow = Date.now;
  Date.now = () => realNow() + 240_000;
  try {
    await job();
  } finally {
    Date.now = realNow;
  }
}

/** A session replaces `src/log`, which a slow program has opened before. */
async function displace(onLate: (late: LateConflict) => void): Promise<{ place: Workplace; slow: number }> {
  const place = makeWorkplace({ onLate });
  place.put('src/log', 'one\n');
  await place.guard.read('src/log');
  const slow = fs.openSync(place.at('src/log'), 'a');
  assert.equal((await place.guard.write('src/log', 'ours\n')).kind, 'written');
  return { place, slow };
}

describe('later looks at a displaced version', () => {
  afterEach(removeFolders);

  it('tell what a slow program wrote into it, keep it, and keep what it goes on to write', async () => {
    const told: LateConflict[] = [];
    const { place, slow } = await displace((late) => told.push(late));
    fs.writeSync(slow, 'late\n');
    await until(() => told.length > 0);
    fs.writeSync(slow, 'later\n');
    fs.closeSync(slow);
    place.guard.close();
    const [late] = told;
    assert.ok(late !== undefined && told.length === 1);
    assert.equal(late.key, 'src/log');
    assert.equal(fs.readFileSync(late.kept, 'utf8'), 'one\nlate\nlater\n');
    assert.deepEqual(place.displaced(), ['one\nlate\nlater\n']);
    assert.equal(place.text('src/log'), 'ours\n');
  });

  it('go on after a first one that found nothing, and drop what nobody wrote into', async () => {
    const place = makeWorkplace();
    const folder = path.dirname(place.put('.sessions/displaced/.keep', ''));
    place.put(`.sessions/keys/${keyId('log')}`, 'log');
    const lingering = (text: string): string => {
      const of = { sha256: crypto.hash('sha256', text), id: keyId('log'), path: 'log' };
      return place.put(`.sessions/displaced/${displacedName(of, 'old').replace(/old$/, 'done')}`, text);
    };
    const told: LateConflict[] = [];
    const looks = createLateLooks((late) => told.push(...late), [0, 5, 10, 20]);
    const [touched, written] = [lingering('touched'), lingering('written')];
    for (const file of [touched, written]) looks.expect({ file, stat: fs.statSync(file, { bigint: true }) });
    // Other times, the same bytes.
    fs.utimesSync(touched, 1, 1);
    await until(() => !fs.existsSync(touched));
    await until(() => !fs.existsSync(written));
    assert.equal(told.length, 0);

    const late = lingering('late');
    looks.expect({ file: late, stat: fs.statSync(late, { bigint: true }) });
    fs.writeFileSync(late, 'LATE');
    await until(() => told.length > 0);
    assert.deepEqual(fs.readdirSync(folder).sort(), ['.keep', path.basename(told[0]?.kept ?? '')].sort());
    looks.close();
  });

  it('are fewer for a big version, and for more than a hundred', async () => {
    const place = makeWorkplace();
    const lingering = (name: string, bytes: number) => {
      const of = { sha256: crypto.hash('sha256', Buffer.alloc(bytes)), id: keyId(name), path: name };
      const displaced = displacedName(of, 'old').replace(/old$/, 'done');
      const file = place.put(`.sessions/displaced/${displaced}`, Buffer.alloc(bytes));
      return { file, stat: fs.statSync(file, { bigint: true }) };
    };
    const never = 100_000;
    const looks = createLateLooks(() => assert.fail('nobody wrote'), [0, 0, 1, never]);
    const small = lingering('small', 10);
    const big = lingering('big', 2 << 20);
    looks.expect(small);
    looks.expect(big);
    await until(() => !fs.existsSync(big.file));
    const many = Array.from({ length: 110 }, (_, n) => lingering(`${n}`, 1));
    for (const one of many) looks.expect(one);
    await until(() => many.filter(({ file }) => fs.existsSync(file)).length <= 100);
    assert.ok(fs.existsSync(small.file));
    looks.close();
  });

  it('end with the guard; a next one tells then, once', async () => {
    const told: LateConflict[] = [];
    const { place, slow } = await displace(() => assert.fail('closed'));
    place.guard.close();
    fs.writeSync(slow, 'late\n');
    fs.closeSync(slow);
    await minutesLater(async () => {
      for (let round = 0; round < 2; round++) {
        const { folder, cache } = place;
        const onLate = (late: LateConflict) => void told.push(late);
        const next = createGuard({ folder, sessionsFolder: '.sessions', cache, now: Date.now, onLate });
        place.put('other', `${round}`);
        await next.read('other');
        assert.equal((await next.write('other', 'x')).kind, 'written');
        next.close();
      }
    });
    assert.deepEqual(
      told.map(({ key, kept }) => [key, fs.readFileSync(kept, 'utf8')]),
      [['src/log', 'one\nlate\n']],
    );
  });

  it('do not keep a process alive, which leaves them to the next one', async () => {
    const place = makeWorkplace();
    place.put('log', 'one\n');
    const slow = fs.openSync(place.at('log'), 'a');
    const script = place.put(
      'writer.mjs',
      `import { createGuard } from ${JSON.stringify(url('guard/guard.ts'))};
       import { createReadCache } from ${JSON.stringify(url('readCache.ts'))};
       const folder = process.argv[2];
       const guard = createGuard({ folder, sessionsFolder: '.sessions', cache: createReadCache(folder), now: Date.now });
       await guard.read('log');
       const { kind } = await guard.write('log', 'ours\\n');
       process.on('exit', () => process.stdout.write(kind));`,
    );
    assert.equal(String(spawnSync(process.execPath, [script, place.folder]).stdout), 'written');
    const folder = place.at('.sessions/displaced');
    assert.deepEqual(
      fs.readdirSync(folder).map((name) => readDisplacedName(name)?.state),
      ['done'],
    );
    fs.writeSync(slow, 'late\n');
    fs.closeSync(slow);
    const told: LateConflict[] = [];
    await minutesLater(async () => {
      const { cache } = place;
      const onLate = (late: LateConflict) => void told.push(late);
      const next = createGuard({ folder: place.folder, sessionsFolder: '.sessions', cache, now: Date.now, onLate });
      await next.read('log');
      assert.equal((await next.write('log', 'next\n')).kind, 'written');
      next.close();
    });
    assert.deepEqual(
      told.map(({ key, kept }) => [key, fs.readFileSync(kept, 'utf8')]),
      [['log', 'one\nlate\n']],
    );
  });
});

describe('recovered versions', () => {
  afterEach(removeFolders);

  it('are listed with their keys, newest first, and stay', async () => {
    const place = makeWorkplace();
    const file = 'src/a very long name 名字.py';
    for (const text of ['first', 'second', 'third']) {
      place.put(file, text);
      assert.equal((await place.guard.write(file, 'ours', { force: true })).kind, 'written');
    }
    place.guard.close();
    const listed = await listRecovered(place.at('.sessions'));
    assert.deepEqual(
      listed.map((version) => [version.key, version.name, version.bytes, fs.readFileSync(version.file, 'utf8')]),
      ['third', 'second', 'first'].map((text) => [file, path.basename(file), text.length, text]),
    );
    assert.ok(listed.every(({ at }) => Math.abs(Date.now() - at) < 60_000));
    assert.equal((await listRecovered(place.at('.sessions'))).length, 3);
  });

  it('are none where there is no folder, or a file in its place', async () => {
    const folder = makeFolder();
    assert.deepEqual(await listRecovered(path.join(folder, 'nowhere')), []);
    fs.writeFileSync(path.join(folder, 'displaced'), '');
    assert.deepEqual(await listRecovered(folder), []);
  });

  it('are found among other files, folders and links; a key that is forged or gone is not told', async () => {
    const place = makeWorkplace();
    const kept = (key: string, at: number): string => keptName({ id: keyId(key), path: key }, at);
    place.put('.sessions/displaced/.DS_Store', 'x');
    place.put('.sessions/displaced/notes.txt', 'x');
    place.put('.sessions/displaced/20261399T996199Z-00000000-1-a-0000000000000000-no-such-time', 'x');
    place.put(`.sessions/displaced/${kept('constructor', 3000)}`, 'x');
    place.put(`.sessions/displaced/${kept('forged', 2000)}`, 'xx');
    place.put(`.sessions/displaced/${kept('gone', 1000)}`, 'xxx');
    place.put(`.sessions/keys/${keyId('constructor')}`, 'constructor');
    place.put(`.sessions/keys/${keyId('forged')}`, '../../etc/passwd');
    place.put(`.sessions/displaced/${kept('endless', 500)}`, 'xxxx');
    fs.symlinkSync('/dev/zero', place.at(`.sessions/keys/${keyId('endless')}`));
    fs.mkdirSync(place.at(`.sessions/displaced/${kept('folder', 0)}`));
    fs.symlinkSync('notes.txt', place.at(`.sessions/displaced/${kept('link', 0)}`));
    const listed = await listRecovered(place.at('.sessions'));
    assert.deepEqual(
      listed.map(({ key, name, at, bytes }) => ({ key, name, at, bytes })),
      [
        { key: 'constructor', name: 'constructor', at: 3000, bytes: 1 },
        { key: undefined, name: 'forged', at: 2000, bytes: 2 },
        { key: undefined, name: 'gone', at: 1000, bytes: 3 },
        { key: undefined, name: 'endless', at: 0, bytes: 4 },
      ],
    );
  });

  it('are not named through a link in the place of a folder', async () => {
    const place = makeWorkplace();
    place.put('a.txt', 'one');
    const elsewhere = makeFolder();
    fs.mkdirSync(place.at('.sessions'));
    fs.symlinkSync(elsewhere, place.at('.sessions/keys'));
    await place.guard.read('a.txt');
    const outcome = await place.guard.write('a.txt', 'two');
    assert.ok(outcome.kind === 'io' && outcome.code === 'ENOTDIR');
    assert.equal(place.text('a.txt'), 'one');
    assert.deepEqual(place.files(), ['a.txt']);
    assert.deepEqual(fs.readdirSync(elsewhere), []);
  });

  it('have names that say what they are of, whatever its name is', () => {
    const sha256 = crypto.hash('sha256', '');
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[/\\\0]/.test(text));
    fc.assert(
      fc.property(name, fc.integer({ min: 0, max: 4e12 }), (text, at) => {
        const of = { sha256, id: keyId(text), path: `folder/${text}` };
        const kept = keptName(of, at);
        assert.ok(Buffer.byteLength(kept) < 255);
        const read = readKeptName(kept);
        assert.ok(read !== undefined && text.endsWith(read.name));
        assert.deepEqual([read.id, read.at], [of.id, Math.floor(at / 1000) * 1000]);
        assert.equal(readDisplacedName(kept), undefined);
        const displaced = displacedName(of, 'new-123');
        assert.ok(Buffer.byteLength(displaced) < 240);
        assert.deepEqual(readDisplacedName(`.holdfast-${displaced}`)?.state, { newIno: '123' });
        assert.equal(readKeptName(displaced), undefined);
      }),
    );
  });
});

function url(name: string): string {
  return new URL(`../../../src/core/files/${name}`, import.meta.url).href;
}
