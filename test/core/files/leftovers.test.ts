import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { createGuard } from '../../../src/core/files/guard/guard.ts';
import type { LateConflict } from '../../../src/core/files/guard/guardTypes.ts';
import { keyId } from '../../../src/core/files/replace/keys.ts';
import { removeLeftovers } from '../../../src/core/files/replace/leftovers.ts';
import { takeLock } from '../../../src/core/files/replace/lock.ts';
import { isAbandoned, ownTag } from '../../../src/core/files/replace/names.ts';
import { skipBecause } from '../../support/skip.ts';
import { makeFolder, makeWorkplace, removeFolders } from './workplace.ts';

/** A tag as a process that has ended made it. */
function deadTag(): string {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  return ownTag().replace(/-\d+-/, `-${pid}-`);
}

/** Runs `job` as if files had been there for long: times of links can't be set back, so the clock is set on. */
async function minutesLater(job: () => Promise<unknown>): Promise<void> {
  const realNow = Date.now;
  Date.now = () => realNow() + 240_000;
  try {
    await job();
  } finally {
    Date.now = realNow;
  }
}

describe('lock of one file', () => {
  afterEach(removeFolders);

  it('is held by one at a time and given on', async () => {
    const file = path.join(makeFolder(), 'lock');
    const first = await takeLock(file);
    assert.equal(await takeLock(file, 5), undefined);
    const waiting = takeLock(file);
    first?.release();
    const second = await waiting;
    assert.equal(second?.isMine(), true);
    assert.equal(first?.isMine(), false);
    first?.release();
    assert.equal(second?.isMine(), true);
    second?.release();
    assert.equal(fs.existsSync(file), false);
  });

  it('is taken over from a process that is dead, or died before it wrote its name', async () => {
    const file = path.join(makeFolder(), 'lock');
    fs.writeFileSync(file, deadTag());
    (await takeLock(file))?.release();
    fs.writeFileSync(file, '');
    fs.utimesSync(file, 1, 1);
    (await takeLock(file))?.release();
    assert.equal(fs.existsSync(file), false);
  });

  it('is not taken over from another machine, unless it is very old', async () => {
    const file = path.join(makeFolder(), 'lock');
    fs.writeFileSync(file, '00000000-1-a');
    assert.equal(await takeLock(file, 5), undefined);
    fs.utimesSync(file, 1, 1);
    (await takeLock(file))?.release();
    assert.equal(fs.existsSync(file), false);
  });

  it('is had by exactly one of many that find a dead one’s', async () => {
    const file = path.join(makeFolder(), 'lock');
    fs.writeFileSync(file, deadTag());
    let holders = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        const lock = await takeLock(file);
        assert.ok(lock !== undefined);
        most = Math.max(most, ++holders);
        await new Promise((resolve) => setImmediate(resolve));
        holders--;
        lock.release();
      }),
    );
    assert.equal(most, 1);
  });
});

describe('leftovers of a crashed writer', () => {
  afterEach(removeFolders);

  it('are known by their process: living, dead, or of another machine', () => {
    const hours = 2 * 60 * 60_000;
    assert.equal(isAbandoned(ownTag(), 0), false);
    assert.equal(isAbandoned(deadTag(), 0), true);
    assert.equal(isAbandoned(ownTag(), hours), true);
    assert.equal(isAbandoned('00000000-1-a', 0), false);
    assert.equal(isAbandoned('00000000-1-a', hours), true);
  });

  it('are removed by the next writer, but for bytes that may be the only copy', async () => {
    const { guard, put, at, files, displaced } = makeWorkplace();
    put('src/a', 'one');
    const tag = deadTag();
    put(`src/.holdfast-${tag}.tmp`, 'half writ');
    put(`src/.holdfast-${ownTag()}.tmp`, 'at work');
    const id = keyId('src/a');
    put(`.sessions/displaced/${tag}-${crypto.hash('sha256', 'same')}-${id}-a.old`, 'same');
    put(`.sessions/displaced/${tag}-${crypto.hash('sha256', 'before')}-${id}-a.old`, 'before and theirs');
    const before = `src/.holdfast-${tag}-${crypto.hash('sha256', 'before')}-${id}-a`;
    fs.renameSync(put('src/mine', 'new'), at(`${before}.new-${fs.statSync(at('src/mine')).ino}`));
    put(`${before}.new-1`, 'their rename');
    put('.sessions/displaced/something-else', 'kept');
    fs.mkdirSync(at('.sessions/locks'));
    await guard.read('src/a');
    assert.equal((await guard.write('src/a', 'two')).kind, 'written');
    assert.equal(files().length, 2);
    assert.deepEqual(displaced().toSorted(), ['before and theirs', 'kept', 'their rename']);
  });

  it('recovers what a slow program writes into a file after it was replaced', async () => {
    const { guard, put, at, text, displaced } = makeWorkplace();
    put('log', 'one\n');
    put('other', 'one\n');
    await guard.read('log');
    await guard.read('other');
    const slow = fs.openSync(at('log'), 'a');
    assert.equal((await guard.write('log', 'ours\n')).kind, 'written');
    assert.equal((await guard.write('other', 'ours\n')).kind, 'written');
    fs.writeSync(slow, 'late\n');
    fs.closeSync(slow);
    const folder = at('.sessions/displaced');
    const lingering = fs.readdirSync(folder);
    assert.equal(lingering.length, 2);
    await minutesLater(() => removeLeftovers(folder, folder));
    assert.deepEqual(displaced(), ['one\nlate\n']);
    assert.equal(fs.readdirSync(folder).length, 1);
    assert.match(fs.readdirSync(folder)[0] ?? '', /-log$/);
    assert.equal(text('log'), 'ours\n');
  });

  it('recovers what was written together with an old time, or by no time at all', async () => {
    const { guard, put, at, displaced } = makeWorkplace();
    put('copy', 'one\n');
    await guard.read('copy');
    // As `cp -p` and tar do: they open, write, and give the file the time of its original.
    const slow = fs.openSync(at('copy'), 'r+');
    assert.equal((await guard.write('copy', 'ours\n')).kind, 'written');
    guard.close();
    fs.writeSync(slow, 'TWO\n', 0);
    fs.futimesSync(slow, 1, 1);
    fs.closeSync(slow);
    const folder = at('.sessions/displaced');
    await minutesLater(() => removeLeftovers(folder, folder));
    assert.deepEqual(displaced(), ['TWO\n']);
  });

  it('are kept where they lie on another device than the sessions’ folder', async function () {
    const elsewhere = '/dev/shm';
    const place = makeWorkplace();
    if (!fs.existsSync(elsewhere) || fs.statSync(elsewhere).dev === fs.statSync(place.folder).dev) {
      skipBecause(this, 'there is no second device here');
    }
    const sessionsFolder = fs.mkdtempSync(path.join(elsewhere, 'holdfast-files-'));
    try {
      const told: LateConflict[] = [];
      const { folder, cache } = place;
      const onLate = (late: LateConflict) => void told.push(late);
      const guard = createGuard({ folder, sessionsFolder, cache, now: Date.now, onLate });
      place.put('a', 'one');
      place.put('b', 'one');
      await guard.read('a');
      assert.equal((await guard.write('a', 'two')).kind, 'written');
      const of = `${deadTag()}-${crypto.hash('sha256', 'before')}-${keyId('a')}-a`;
      place.put(`src/.holdfast-${of}.new-1`, 'their rename');
      assert.equal((await guard.write('src/c', 'three')).kind, 'written');
      assert.equal((await guard.write('src/c', 'four')).kind, 'written');
      assert.deepEqual(
        told.map(({ key, kept }) => [key, path.dirname(path.dirname(kept)), fs.readFileSync(kept, 'utf8')]),
        [['a', sessionsFolder, 'their rename']],
      );
      assert.deepEqual(fs.readdirSync(place.at('src')), ['c']);
    } finally {
      fs.rmSync(sessionsFolder, { recursive: true });
    }
  });

  it('are gone through in slices', async function () {
    this.timeout(20_000);
    const { put, at } = makeWorkplace();
    const tag = deadTag();
    for (let n = 0; n < 2500; n++) put(`src/.holdfast-${tag}${n}.tmp`, '');
    let ended = false;
    let turns = 0;
    const count = (): void => {
      turns++;
      if (!ended) setImmediate(count);
    };
    setImmediate(count);
    await removeLeftovers(at('src'), at('src'));
    ended = true;
    assert.deepEqual(fs.readdirSync(at('src')), []);
    assert.ok(turns > 2, String(turns));
  });

  it('are none in a folder that is gone', async () => {
    await removeLeftovers('/nowhere/at/all', '/nowhere');
  });
});
