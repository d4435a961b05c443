import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { WriteOutcome } from '../../../src/core/files/guard/guardTypes.ts';
import type { Steps } from '../../../src/core/files/replace/replacement.ts';
import { makeWorkplace, removeFolders, type Workplace } from './workplace.ts';

/** A session has read `one` and writes `ours`, while `steps` happen. */
async function writeWhile(steps: (place: Workplace) => Steps): Promise<{ place: Workplace; outcome: WriteOutcome }> {
  const hooks: Steps = {};
  const place = makeWorkplace({}, hooks);
  Object.assign(hooks, steps(place));
  place.put('a.txt', 'one');
  await place.guard.read('a.txt');
  return { place, outcome: await place.guard.write('a.txt', 'ours') };
}

function isSlipIn(outcome: WriteOutcome): outcome is Extract<WriteOutcome, { kind: 'conflict' }> {
  return outcome.kind === 'conflict' && outcome.reason === 'slipped-in';
}

describe('guard, between compare and rename', () => {
  afterEach(removeFolders);

  it('puts back what a foreign writer appended meanwhile', async () => {
    const { place, outcome } = await writeWhile(({ at }) => ({
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
    const { place, outcome } = await writeWhile(({ at }) => ({
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
    const { place, outcome } = await writeWhile(({ at }) => ({
      beforeRename: () => fs.writeFileSync(at('a.txt'), 'two'),
    }));
    assert.ok(isSlipIn(outcome));
    assert.equal(place.text('a.txt'), 'two');
  });

  it('puts the file itself back, so that a writer that holds it open goes on in it', async () => {
    let fd = -1;
    const { place, outcome } = await writeWhile(({ at }) => ({
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
    const { place, outcome } = await writeWhile(({ at }) => ({
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
      const { place, outcome } = await writeWhile(({ at }) => ({
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
        for (const name of fs.readdirSync(folder)) if (name.endsWith('.tmp')) fs.rmSync(at(name));
      },
    }));
    assert.ok(outcome.kind === 'io' && outcome.code === 'ENOENT');
    assert.equal(place.text('a.txt'), 'one');
    assert.deepEqual(place.files(), ['a.txt']);
    assert.deepEqual(place.displaced(), []);
    assert.deepEqual(fs.readdirSync(path.join(place.folder, '.sessions/locks')), []);
  });
});
