import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { createGuard } from '../../../src/core/files/guard/guard.ts';
import type { LateConflict, WriteOutcome } from '../../../src/core/files/guard/guardTypes.ts';
import { type Exchange, loadExchange } from '../../../src/core/files/replace/exchange.ts';
import type { Steps } from '../../../src/core/files/replace/replacement.ts';
import { skipBecause } from '../../support/skip.ts';
import { makeWorkplace, removeFolders, type Workplace } from './workplace.ts';

const canExchange = (await loadExchange()) !== undefined;

/** A session has read `one` and writes `ours`, while `steps` happen. */
async function writeWhile(
  steps: (place: Workplace) => Steps,
  exchange: () => Promise<Exchange | undefined> = loadExchange,
): Promise<{ place: Workplace; outcome: WriteOutcome }> {
  const hooks: Steps = { exchange };
  const place = makeWorkplace({}, hooks);
  Object.assign(hooks, steps(place));
  place.put('a.txt', 'one');
  await place.guard.read('a.txt');
  return { place, outcome: await place.guard.write('a.txt', 'ours') };
}

function isSlipIn(outcome: WriteOutcome): outcome is Extract<WriteOutcome, { kind: 'conflict' }> {
  return outcome.kind === 'conflict' && outcome.reason === 'slipped-in';
}

for (const [way, exchange] of [
  ['exchange', loadExchange],
  ['rename, where there is no exchange', () => Promise.resolve(undefined)],
  ['rename, where the disk refuses an exchange', () => Promise.resolve(() => false)],
] as const) {
  describe(`guard, between compare and ${way}`, () => {
    afterEach(removeFolders);
    const slipIn = (steps: (place: Workplace) => Steps) => writeWhile(steps, exchange);

    it('puts back what a foreign writer appended meanwhile', async () => {
      const { place, outcome } = await slipIn(({ at }) => ({
        beforeRename: () => fs.appendFileSync(at('a.txt'), ' and theirs'),
      }));
      assert.ok(isSlipIn(outcome));
      assert.equal(String(outcome.theirs.bytes), 'one and theirs');
      assert.equal(place.text('a.txt'), 'one and theirs');
      assert.deepEqual(place.displaced(), []);
      assert.deepEqual(place.files(), ['a.txt']);
    });

    it('puts back what a writer that had the file open wrote right after the rename', async () => {
      let fd = -1;
      const { place, outcome } = await slipIn(({ at }) => ({
        beforeRename() {
          fd = fs.openSync(at('a.txt'), 'a');
        },
        betweenLooks() {
          fs.writeSync(fd, ' and theirs');
          fs.closeSync(fd);
        },
      }));
      assert.ok(isSlipIn(outcome));
      assert.equal(place.text('a.txt'), 'one and theirs');
      assert.deepEqual(place.files(), ['a.txt']);
    });

    it('puts back a change of the same size', async () => {
      const { place, outcome } = await slipIn(({ at }) => ({
        beforeRename: () => fs.writeFileSync(at('a.txt'), 'two'),
      }));
      assert.ok(isSlipIn(outcome));
      assert.equal(place.text('a.txt'), 'two');
    });

    it('puts the file itself back, so that a writer that holds it open goes on in it', async () => {
      let fd = -1;
      const { place, outcome } = await slipIn(({ at }) => ({
        beforeRename() {
          fd = fs.openSync(at('a.txt'), 'a');
          fs.writeSync(fd, '+');
        },
      }));
      fs.writeSync(fd, '+');
      fs.closeSync(fd);
      assert.ok(isSlipIn(outcome));
      assert.equal(place.text('a.txt'), 'one++');
    });

    it('keeps both when somebody writes into our version before it is taken back', async () => {
      const { place, outcome } = await slipIn(({ at }) => ({
        beforeRename: () => fs.appendFileSync(at('a.txt'), ' first'),
        beforePutBack: () => fs.appendFileSync(at('a.txt'), ' second'),
      }));
      assert.ok(isSlipIn(outcome) && outcome.kept !== undefined);
      assert.equal(place.text('a.txt'), 'ours second');
      assert.equal(fs.readFileSync(outcome.kept, 'utf8'), 'one first');
      assert.deepEqual(place.displaced(), ['one first']);
    });

    it('keeps both when somebody replaces or deletes our version before it is taken back', async () => {
      for (const act of [
        (file: string) => {
          fs.writeFileSync(`${file}.new`, 'third');
          fs.renameSync(`${file}.new`, file);
        },
        (file: string) => fs.rmSync(file),
      ]) {
        const { place, outcome } = await slipIn(({ at }) => ({
          beforeRename: () => fs.appendFileSync(at('a.txt'), ' first'),
          beforePutBack: () => act(at('a.txt')),
        }));
        assert.ok(isSlipIn(outcome) && outcome.kept !== undefined);
        assert.deepEqual(place.displaced(), ['one first']);
        assert.equal(
          fs.existsSync(place.at('a.txt')) ? place.text('a.txt') : undefined,
          outcome.theirs.bytes?.toString(),
        );
      }
    });
  });
}

describe('guard, around a replacement', () => {
  afterEach(removeFolders);

  it('lets the session read and write again afterwards', async () => {
    const { place } = await writeWhile(({ at }) => ({
      beforeRename: () => {
        if (fs.readFileSync(at('a.txt'), 'utf8') === 'one') fs.writeFileSync(at('a.txt'), 'two');
      },
    }));
    await place.guard.read('a.txt');
    assert.equal((await place.guard.write('a.txt', 'ours')).kind, 'written');
    assert.equal(place.text('a.txt'), 'ours');
    assert.deepEqual(place.displaced(), []);
  });

  it('writes nothing when an editor gets unsaved text meanwhile', async () => {
    let unsaved: string | undefined;
    const place = makeWorkplace({
      editors: { unsavedText: () => unsaved, replaceUnsaved: () => Promise.resolve(false) },
      now: () => {
        // The first time is asked right before the replacing.
        if (reading) return Date.now();
        unsaved = 'typed';
        return Date.now();
      },
    });
    let reading = true;
    place.put('a.txt', 'one');
    await place.guard.read('a.txt');
    reading = false;
    const outcome = await place.guard.write('a.txt', 'ours');
    assert.ok(outcome.kind === 'conflict' && outcome.reason === 'unsaved');
    assert.equal(outcome.theirs.unsaved, 'typed');
    assert.equal(place.text('a.txt'), 'one');
    assert.deepEqual(place.files(), ['a.txt']);
  });

  it('leaves the old content when the rename fails, and nothing else', async () => {
    const { place, outcome } = await writeWhile(({ at, folder }) => ({
      beforeRename() {
        for (const name of fs.readdirSync(folder)) if (name.startsWith('.holdfast-')) fs.rmSync(at(name));
      },
    }));
    assert.ok(outcome.kind === 'io' && outcome.code === 'ENOENT');
    assert.equal(place.text('a.txt'), 'one');
    assert.deepEqual(place.files(), ['a.txt']);
    assert.deepEqual(place.displaced(), []);
    assert.deepEqual(fs.readdirSync(path.join(place.folder, '.sessions/locks')), []);
  });
});

/** What a foreign program that saves atomically does. */
function saveAtomically(file: string, text: string): void {
  fs.writeFileSync(`${file}.theirs`, text);
  fs.renameSync(`${file}.theirs`, file);
}

describe('guard, against a foreign rename between compare and exchange', () => {
  before(function () {
    if (!canExchange) skipBecause(this, 'this system can’t exchange two files');
  });
  afterEach(removeFolders);

  it('gives the foreign file its name back and reports a conflict', async () => {
    const { place, outcome } = await writeWhile(({ at }) => ({
      beforeRename: () => saveAtomically(at('a.txt'), 'theirs'),
    }));
    assert.ok(isSlipIn(outcome));
    assert.equal(String(outcome.theirs.bytes), 'theirs');
    assert.equal(outcome.kept, undefined);
    assert.equal(place.text('a.txt'), 'theirs');
    assert.deepEqual(place.files(), ['a.txt']);
    assert.deepEqual(place.displaced(), []);
  });

  it('keeps the foreign file when yet another one came before it could go back', async () => {
    const { place, outcome } = await writeWhile(({ at }) => ({
      beforeRename: () => saveAtomically(at('a.txt'), 'theirs'),
      beforePutBack: () => saveAtomically(at('a.txt'), 'newest'),
    }));
    assert.ok(isSlipIn(outcome) && outcome.kept !== undefined);
    assert.equal(place.text('a.txt'), 'newest');
    assert.equal(fs.readFileSync(outcome.kept, 'utf8'), 'theirs');
    assert.deepEqual(place.files(), ['a.txt']);
  });

  it('keeps the foreign file when ours was written into, or deleted, before it could go back', async () => {
    for (const [act, left] of [
      [(file: string) => fs.appendFileSync(file, ' and more'), 'ours and more'],
      [(file: string) => fs.rmSync(file), undefined],
    ] as const) {
      const { place, outcome } = await writeWhile(({ at }) => ({
        beforeRename: () => saveAtomically(at('a.txt'), 'theirs'),
        beforePutBack: () => act(at('a.txt')),
      }));
      assert.ok(isSlipIn(outcome) && outcome.kept !== undefined);
      assert.equal(fs.readFileSync(outcome.kept, 'utf8'), 'theirs');
      assert.equal(fs.existsSync(place.at('a.txt')) ? place.text('a.txt') : undefined, left);
    }
  });

  it('gives a link or a folder that took the file’s place its name back too', async () => {
    for (const make of [(file: string) => fs.symlinkSync('elsewhere', file), (file: string) => fs.mkdirSync(file)]) {
      const { place, outcome } = await writeWhile(({ at }) => ({
        beforeRename() {
          fs.rmSync(at('a.txt'));
          make(at('a.txt'));
        },
      }));
      assert.ok(isSlipIn(outcome));
      assert.equal(fs.lstatSync(place.at('a.txt')).isFile(), false);
      assert.deepEqual(place.displaced(), []);
    }
  });

  it('does not bring back a file that was deleted', async () => {
    const { place, outcome } = await writeWhile(({ at }) => ({ beforeRename: () => fs.rmSync(at('a.txt')) }));
    assert.ok(outcome.kind === 'conflict' && outcome.reason === 'deleted');
    assert.deepEqual(place.files(), []);
    assert.deepEqual(place.displaced(), []);
  });

  it('keeps the foreign file when the process is killed before it could go back', async () => {
    const place = makeWorkplace();
    place.put('a.txt', 'one');
    const script = place.put(
      'writer.mjs',
      `import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
       import { createGuard } from ${JSON.stringify(url('guard/guard.ts'))};
       import { createReadCache } from ${JSON.stringify(url('readCache.ts'))};
       const folder = process.argv[2];
       const file = folder + '/a.txt';
       const guard = createGuard({ folder, sessionsFolder: '.sessions', cache: createReadCache(folder), now: Date.now }, {
         beforeRename() { fs.writeFileSync(file + '.theirs', 'theirs'); fs.renameSync(file + '.theirs', file); },
         afterRename() { process.kill(process.pid, 'SIGKILL'); },
       });
       await guard.read('a.txt');
       await guard.write('a.txt', 'ours');`,
    );
    assert.equal(spawnSync(process.execPath, [script, place.folder]).signal, 'SIGKILL');
    fs.rmSync(script);
    // Nothing is lost, and there is no moment without the file.
    assert.equal(place.text('a.txt'), 'ours');
    const told: LateConflict[] = [];
    const next = createGuard({
      folder: place.folder,
      sessionsFolder: '.sessions',
      cache: place.cache,
      now: Date.now,
      onLate: (late) => told.push(late),
    });
    await next.read('a.txt');
    assert.equal((await next.write('a.txt', 'next')).kind, 'written');
    next.close();
    assert.deepEqual(place.files(), ['a.txt']);
    assert.deepEqual(
      told.map(({ key, kept }) => [key, fs.readFileSync(kept, 'utf8')]),
      [['a.txt', 'theirs']],
    );
  });
});

describe('guard, killed while it overwrites by force what the session has not seen', () => {
  afterEach(removeFolders);

  for (const exchanges of [true, false]) {
    for (const step of ['beforeRename', 'afterRename', 'betweenLooks']) {
      it(`keeps it, killed ${step}, ${exchanges ? 'with' : 'without'} an exchange`, async function () {
        if (exchanges && (await loadExchange()) === undefined) skipBecause(this, 'there is no exchange here');
        const place = makeWorkplace();
        place.put('a.txt', 'theirs');
        const script = place.put(
          'writer.mjs',
          `import { createGuard } from ${JSON.stringify(url('guard/guard.ts'))};
           import { createReadCache } from ${JSON.stringify(url('readCache.ts'))};
           const folder = process.argv[2];
           const guard = createGuard({ folder, sessionsFolder: '.sessions', cache: createReadCache(folder), now: Date.now }, {
             ${exchanges ? '' : 'exchange: () => Promise.resolve(undefined),'}
             ${step}() { process.kill(process.pid, 'SIGKILL'); },
           });
           await guard.write('a.txt', 'ours', { force: true });`,
        );
        assert.equal(spawnSync(process.execPath, [script, place.folder]).signal, 'SIGKILL');
        fs.rmSync(script);
        const isDone = step !== 'beforeRename';
        assert.equal(place.text('a.txt'), isDone ? 'ours' : 'theirs');
        await place.guard.read('a.txt');
        assert.equal((await place.guard.write('a.txt', 'next')).kind, 'written');
        assert.deepEqual(place.files(), ['a.txt']);
        assert.deepEqual(place.displaced(), isDone ? ['theirs'] : []);
      });
    }
  }
});

function url(name: string): string {
  return new URL(`../../../src/core/files/${name}`, import.meta.url).href;
}
