import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { WriteOutcome } from '../../../src/core/files/guard/guardTypes.ts';
import { skipBecause } from '../../support/skip.ts';
import { makeWorkplace, removeFolders, type Workplace } from './workplace.ts';

const isRoot = process.getuid?.() === 0;
/** Somebody who owns nothing. */
const NOBODY = 65_534;

/** What a guard answers that belongs to nobody in particular. */
function writeAsNobody(place: Workplace, name: string): Pick<WriteOutcome, 'kind'> & { code?: string } {
  const script = `
    import { createGuard } from ${JSON.stringify(url('guard/guard.ts'))};
    import { createReadCache } from ${JSON.stringify(url('readCache.ts'))};
    const [folder, name] = process.argv.slice(1);
    process.umask(0o022);
    const guard = createGuard({ folder, sessionsFolder: '.sessions', cache: createReadCache(folder), now: Date.now });
    await guard.read(name);
    const { kind, code } = await guard.write(name, 'two');
    process.stdout.write(JSON.stringify({ kind, code }));`;
  // The modules are loaded before the rights go: not everybody may read the project's folder.
  const dropping = script.replace(
    'const [folder',
    `process.setgid(${NOBODY}); process.setuid(${NOBODY}); const [folder`,
  );
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', dropping, place.folder, name]);
  assert.equal(run.status, 0, String(run.stderr));
  return JSON.parse(String(run.stdout));
}

function url(name: string): string {
  return new URL(`../../../src/core/files/${name}`, import.meta.url).href;
}

/** A file that a session has read. */
async function readOne(mode: number, name = 'a.txt'): Promise<Workplace> {
  const place = makeWorkplace();
  fs.chmodSync(place.put(name, 'one'), mode);
  await place.guard.read(name);
  return place;
}

describe('attributes of a file, through an edit', () => {
  afterEach(removeFolders);

  it('keeps every mode, set-user-ID and the like included where the owner stays', async () => {
    for (const mode of [0o755, 0o600, 0o640, 0o222 | 0o400, 0o4755, 0o2755, 0o1644]) {
      const place = await readOne(mode);
      assert.equal((await place.guard.edit('a.txt', { old: 'one', new: 'two' })).kind, 'written');
      assert.equal((fs.statSync(place.at('a.txt')).mode & 0o7777).toString(8), mode.toString(8));
      assert.equal(place.text('a.txt'), 'two');
    }
  });

  it('never shows the new content to more people than the old one', async () => {
    const seen: number[] = [];
    const place = makeWorkplace(
      {},
      {
        beforeRename() {
          for (const name of fs.readdirSync(place.folder)) {
            if (name.startsWith('.holdfast-')) seen.push(fs.statSync(place.at(name)).mode & 0o777);
          }
        },
      },
    );
    fs.chmodSync(place.put('secret', 'one'), 0o600);
    await place.guard.write('secret', 'two', { force: true });
    assert.deepEqual(seen, [0o600]);
    for (const name of ['displaced', 'locks', 'keys']) {
      assert.equal(fs.statSync(place.at(`.sessions/${name}`)).mode & 0o077, 0);
    }
  });

  it('keeps owner and group where the writer may give files away', async function () {
    if (!isRoot) skipBecause(this, 'only root gives files away');
    const place = await readOne(0o4750);
    fs.chownSync(place.at('a.txt'), 12_345, 54_321);
    fs.chmodSync(place.at('a.txt'), 0o4750);
    assert.equal((await place.guard.write('a.txt', 'two')).kind, 'written');
    const { uid, gid, mode } = fs.statSync(place.at('a.txt'));
    assert.deepEqual([uid, gid, mode & 0o7777], [12_345, 54_321, 0o4750]);
  });

  it('drops set-user-ID where the file gets another owner', async function () {
    if (!isRoot) skipBecause(this, 'only root makes files of others');
    const place = await readOne(0o4666);
    fs.chmodSync(place.folder, 0o777);
    assert.deepEqual(writeAsNobody(place, 'a.txt'), { kind: 'written' });
    const { uid, mode } = fs.statSync(place.at('a.txt'));
    assert.deepEqual([uid, mode & 0o7777], [NOBODY, 0o666]);
  });

  it('writes through a chain of links, which stay', async () => {
    const place = await readOne(0o644, 'real/a.txt');
    fs.symlinkSync('real', place.at('folder'));
    fs.symlinkSync('folder/a.txt', place.at('link'));
    fs.symlinkSync(place.at('link'), place.at('chain'));
    await place.guard.read('chain');
    assert.equal((await place.guard.write('chain', 'two')).kind, 'written');
    assert.equal(place.text('real/a.txt'), 'two');
    for (const name of ['folder', 'link', 'chain']) assert.ok(fs.lstatSync(place.at(name)).isSymbolicLink());
    assert.deepEqual(fs.readdirSync(place.at('real')), ['a.txt']);
  });

  it('leaves the old content to the other names of a hard-linked file', async () => {
    const place = await readOne(0o644);
    fs.linkSync(place.at('a.txt'), place.at('other.txt'));
    assert.equal((await place.guard.write('a.txt', 'two')).kind, 'written');
    assert.deepEqual([place.text('a.txt'), place.text('other.txt')], ['two', 'one']);
    fs.appendFileSync(place.at('other.txt'), ' more');
    assert.equal(place.text('a.txt'), 'two');
  });

  it('refuses a read-only file, by every way in', async () => {
    const place = await readOne(0o444);
    const { guard } = place;
    for (const outcome of [
      await guard.write('a.txt', 'two'),
      await guard.write('a.txt', 'two', { force: true }),
      await guard.edit('a.txt', { old: 'one', new: 'two' }),
    ]) {
      assert.ok(outcome.kind === 'io' && outcome.code === 'EACCES');
    }
    assert.equal(place.text('a.txt'), 'one');
    assert.deepEqual(place.files(), ['a.txt']);
  });

  it('refuses, and leaves nothing behind, where the folder takes no new file', async function () {
    if (!isRoot) skipBecause(this, 'only root makes folders of others');
    const place = await readOne(0o666, 'closed/a.txt');
    fs.chmodSync(place.folder, 0o777);
    fs.chmodSync(place.at('closed'), 0o755);
    assert.deepEqual(writeAsNobody(place, 'closed/a.txt'), { kind: 'io', code: 'EACCES' });
    assert.equal(place.text('closed/a.txt'), 'one');
    assert.deepEqual(place.files(), ['closed/a.txt']);
    assert.deepEqual(place.displaced(), []);
  });

  it('refuses, and leaves nothing behind, where a sticky folder protects the files of others', async function () {
    if (!isRoot) skipBecause(this, 'only root makes folders of others');
    const place = await readOne(0o666, 'sticky/a.txt');
    fs.chmodSync(place.folder, 0o777);
    fs.chmodSync(place.at('sticky'), 0o1777);
    assert.deepEqual(writeAsNobody(place, 'sticky/a.txt'), { kind: 'io', code: 'EPERM' });
    assert.equal(place.text('sticky/a.txt'), 'one');
    assert.deepEqual(place.files(), ['sticky/a.txt']);
    assert.deepEqual(place.displaced(), []);
    assert.deepEqual(fs.readdirSync(path.join(place.folder, '.sessions/locks')), []);
  });
});
