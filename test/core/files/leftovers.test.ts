import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { keyId } from '../../../src/core/files/replace/keys.ts';
import { removeLeftovers } from '../../../src/core/files/replace/leftovers.ts';
import { takeLock } from '../../../src/core/files/replace/lock.ts';
import { isAbandoned, ownTag } from '../../../src/core/files/replace/names.ts';
import { makeFolder, makeWorkplace, removeFolders } from './workplace.ts';

/** A tag as a process that has ended made it. */
function deadTag(): string {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  return ownTag().replace(/-\d+-/, `-${pid}-`);
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
    // As if they had been there for long: times can't be set back, so the clock is set on.
    const realNow = Date.now;
    Date.now = () => realNow() + 240_000;
    try {
      await removeLeftovers(folder, folder);
    } finally {
      Date.now = realNow;
    }
    assert.deepEqual(displaced(), ['one\nlate\n']);
    assert.equal(fs.readdirSync(folder).length, 1);
    assert.match(fs.readdirSync(folder)[0] ?? '', /-log$/);
    assert.equal(text('log'), 'ours\n');
  });

  it('are none in a folder that is gone', async () => {
    await removeLeftovers('/nowhere/at/all', '/nowhere');
  });
});
