import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import type { GuardOptions } from '../../../src/core/files/guard/guard.ts';
import type { OpenEditors, WriteOutcome } from '../../../src/core/files/guard/guardTypes.ts';
import type { Bases } from '../../../src/core/files/merge/bases.ts';
import type { Steps } from '../../../src/core/files/replace/replacement.ts';
import { makeWorkplace, removeFolders, type Workplace } from './workplace.ts';

/** Bases in memory. */
function keepBases(): Bases & { readonly kept: Map<string, Buffer> } {
  const kept = new Map<string, Buffer>();
  return {
    kept,
    put(sha256, bytes) {
      kept.set(sha256, Buffer.from(bytes));
      return Promise.resolve();
    },
    get: (sha256) => Promise.resolve(kept.get(sha256)),
  };
}

interface Editor {
  text: string | undefined;
  /** What happens between the guard's look at the text and its change. */
  beforeReplace: (() => void) | undefined;
}

/** A workplace with bases and an editor whose unsaved text of `a.txt` is `editor.text`. */
function makePlace(options: Partial<GuardOptions> = {}, steps: Steps = {}): Workplace & { readonly editor: Editor } {
  const editor: Editor = { text: undefined, beforeReplace: undefined };
  const editors: OpenEditors = {
    unsavedText: (path) => (path === place.at('a.txt') ? editor.text : undefined),
    replaceUnsaved(_path, expected, text) {
      editor.beforeReplace?.();
      if (editor.text !== expected) return Promise.resolve(false);
      editor.text = text;
      return Promise.resolve(true);
    },
  };
  const place = makeWorkplace({ editors, bases: keepBases(), ...options }, steps);
  return { ...place, editor };
}

const BASE = 'one\ntwo\nthree\nfour\nfive\n';
const EDIT = { old: 'one', new: 'ONE' };

function offerOf(outcome: WriteOutcome): { base: string; ours: string; merged: string | undefined } | undefined {
  assert.ok(outcome.kind === 'conflict');
  const { merge } = outcome;
  return merge && { base: String(merge.base), ours: String(merge.ours), merged: merge.merged && String(merge.merged) };
}

describe('guard, with bases', () => {
  afterEach(removeFolders);

  it('offers the merge of an edit with what changed since, and writes nothing', async () => {
    const { guard, put, text } = makePlace();
    put('a.txt', BASE);
    await guard.read('a.txt');
    put('a.txt', BASE.replace('five', 'FIVE'));
    const ours = BASE.replace('one', 'ONE');
    const merged = ours.replace('five', 'FIVE');
    assert.deepEqual(offerOf(await guard.edit('a.txt', EDIT)), { base: BASE, ours, merged });
    assert.deepEqual(offerOf(await guard.write('a.txt', ours)), { base: BASE, ours, merged });
    assert.equal(text('a.txt'), BASE.replace('five', 'FIVE'));
  });

  it('writes the merge where that is wanted, and takes it for read by nobody as a whole', async () => {
    const { guard, put, text, cache } = makePlace();
    put('a.txt', BASE);
    await guard.read('a.txt');
    put('a.txt', BASE.replace('five', 'FIVE'));
    const outcome = await guard.edit('a.txt', EDIT, { merge: true });
    assert.ok(outcome.kind === 'written' && outcome.merged === true && !outcome.created && !outcome.unsaved);
    assert.equal(text('a.txt'), 'ONE\ntwo\nthree\nfour\nFIVE\n');
    assert.equal(cache.get('a.txt')?.model_unread, true);
    assert.equal(cache.get('a.txt')?.sha256, outcome.stamp.sha256);
    // Parts may be edited on and on, the whole not be replaced, merged or not.
    assert.equal((await guard.edit('a.txt', { old: 'two', new: 'TWO' })).kind, 'written');
    for (const merge of [false, true]) {
      const whole = await guard.write('a.txt', 'ours', { merge });
      assert.ok(whole.kind === 'conflict' && whole.reason === 'unread' && whole.merge === undefined);
    }
    await guard.read('a.txt');
    assert.equal((await guard.write('a.txt', 'ours')).kind, 'written');
  });

  it('merges a whole content too, against what the session wrote itself', async () => {
    const { guard, put, text } = makePlace();
    assert.equal((await guard.write('a.txt', BASE)).kind, 'written');
    put('a.txt', BASE.replace('five', 'FIVE'));
    const outcome = await guard.write('a.txt', BASE.replace('one', 'ONE'), { merge: true });
    assert.ok(outcome.kind === 'written' && outcome.merged === true);
    assert.equal(text('a.txt'), 'ONE\ntwo\nthree\nfour\nFIVE\n');
  });

  it('names both sides where they changed the same lines, and writes nothing', async () => {
    const { guard, put, text } = makePlace();
    put('a.txt', BASE);
    await guard.read('a.txt');
    put('a.txt', BASE.replace('one', 'uno'));
    const outcome = await guard.edit('a.txt', EDIT, { merge: true });
    assert.deepEqual(offerOf(outcome), { base: BASE, ours: BASE.replace('one', 'ONE'), merged: undefined });
    assert.equal(text('a.txt'), BASE.replace('one', 'uno'));
  });

  it('names the sides of a merge that would take too long, for a person', async () => {
    const { guard, put } = makePlace();
    const same = Array.from({ length: 2000 }, () => 'same\n');
    const base = same.with(1, 'one\n').with(1998, 'one\n').join('');
    put('a.txt', base);
    await guard.read('a.txt');
    put('a.txt', base.replace('same\nsame', 'theirs'));
    const outcome = await guard.edit('a.txt', { ...EDIT, all: true }, { merge: true });
    assert.deepEqual(offerOf(outcome), { base, ours: base.replaceAll('one', 'ONE'), merged: undefined });
  });

  it('offers nothing where the base is not known, the edit does not fit it, or there is nothing to merge with', async () => {
    const { guard, put, at, cache } = makePlace({
      bases: { put: () => Promise.resolve(), get: () => Promise.resolve(undefined) },
    });
    put('a.txt', BASE);
    await guard.read('a.txt');
    put('a.txt', BASE.replace('five', 'FIVE'));
    assert.equal(offerOf(await guard.edit('a.txt', EDIT, { merge: true })), undefined);

    const known = makePlace();
    known.put('a.txt', BASE);
    assert.equal(offerOf(await known.guard.edit('a.txt', EDIT, { merge: true })), undefined);
    await known.guard.read('a.txt');
    known.put('a.txt', BASE.replace('five', 'FIVE'));
    assert.equal(offerOf(await known.guard.edit('a.txt', { old: 'FIVE', new: '5' }, { merge: true })), undefined);
    fs.rmSync(known.at('a.txt'));
    const gone = await known.guard.edit('a.txt', EDIT, { merge: true });
    assert.ok(gone.kind === 'conflict' && gone.reason === 'deleted' && gone.merge === undefined);

    cache.set('a.txt', { seen_at: new Date(0).toISOString() });
    const unknown = await guard.edit('a.txt', EDIT, { merge: true });
    assert.ok(unknown.kind === 'conflict' && unknown.reason === 'unknown' && unknown.merge === undefined);
    assert.ok(fs.existsSync(at('a.txt')));
  });

  it('tells a conflict where the base can’t be read', async () => {
    const { guard, put, cache } = makePlace({
      baseOf: () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'read' })),
    });
    put('a.txt', BASE);
    cache.set('a.txt', { text_sha256: 'f'.repeat(64) });
    assert.equal(offerOf(await guard.edit('a.txt', EDIT, { merge: true })), undefined);
  });

  it('asks for the base that an agent recorded, and keeps the BOM and line ends that it did not', async () => {
    const asked: string[] = [];
    const { guard, put, text, cache } = makePlace({
      baseOf: (key) => {
        asked.push(key);
        return Promise.resolve(Buffer.from(BASE));
      },
    });
    const disk = `\uFEFF${BASE.replace('five', 'FIVE').replaceAll('\n', '\r\n')}`;
    put('a.txt', disk);
    cache.set('a.txt', { text_sha256: 'f'.repeat(64) });
    const outcome = await guard.edit('a.txt', { old: 'one\ntwo', new: 'ONE\nand\ntwo' }, { merge: true });
    assert.ok(outcome.kind === 'written' && outcome.merged === true);
    assert.equal(text('a.txt'), disk.replace('one\r\n', 'ONE\r\nand\r\n'));
    assert.deepEqual(asked, ['a.txt']);
  });

  it('does not merge binary files, which an edit changes by their bytes', async () => {
    const { guard, put, at } = makePlace();
    const bytes = Buffer.from([0, 1, 2, 0x41, 0xff, 0xfe, 10, 0x42, 10]);
    put('a.bin', bytes);
    await guard.read('a.bin');
    assert.equal((await guard.edit('a.bin', { old: 'A', new: 'Z' })).kind, 'written');
    assert.deepEqual(fs.readFileSync(at('a.bin')), Buffer.from([0, 1, 2, 0x5a, 0xff, 0xfe, 10, 0x42, 10]));
    put('a.bin', Buffer.from([9, 1, 2, 0x5a, 0xff, 0xfe, 10, 0x42, 10]));
    assert.equal(offerOf(await guard.edit('a.bin', { old: 'B', new: 'Y' }, { merge: true })), undefined);
  });

  it('writes by force without a merge, even where both are asked for', async () => {
    const { guard, put, text, displaced } = makePlace();
    put('a.txt', BASE);
    await guard.read('a.txt');
    put('a.txt', BASE.replace('five', 'FIVE'));
    const outcome = await guard.write('a.txt', 'ours', { force: true, merge: true });
    assert.ok(outcome.kind === 'written' && outcome.merged === undefined && outcome.kept !== undefined);
    assert.equal(text('a.txt'), 'ours');
    assert.deepEqual(displaced(), [BASE.replace('five', 'FIVE')]);
  });

  it('merges again when the file changes between merge and write', async () => {
    let changes = 0;
    const place = makePlace(
      {},
      {
        beforeRename() {
          changes++;
          if (changes === 1) place.put('a.txt', BASE.replace('five', 'cinq'));
        },
      },
    );
    const { guard, put, text, displaced } = place;
    put('a.txt', BASE);
    await guard.read('a.txt');
    put('a.txt', BASE.replace('five', 'FIVE'));
    const outcome = await guard.edit('a.txt', EDIT, { merge: true });
    assert.ok(outcome.kind === 'written' && outcome.merged === true);
    assert.equal(text('a.txt'), 'ONE\ntwo\nthree\nfour\ncinq\n');
    assert.deepEqual(displaced(), []);
  });

  it('gives up a file that changes again and again, with nothing of it lost', async () => {
    let changes = 0;
    const place = makePlace(
      {},
      { beforeRename: () => void place.put('a.txt', BASE.replace('five', `five ${changes++}`)) },
    );
    const { guard, put, text } = place;
    put('a.txt', BASE);
    const read = await guard.read('a.txt');
    put('a.txt', BASE.replace('five', 'FIVE'));
    const outcome = await guard.edit('a.txt', EDIT, { merge: true });
    assert.ok(outcome.kind === 'conflict' && outcome.reason === 'slipped-in');
    assert.ok(read.kind === 'read');
    assert.equal(outcome.seen?.sha256, read.stamp.sha256);
    assert.equal(text('a.txt'), BASE.replace('five', `five ${changes - 1}`));
  });

  it('merges what slipped in between compare and rename', async () => {
    let slipped = false;
    const place = makePlace(
      {},
      {
        beforeRename() {
          if (!slipped) place.put('a.txt', BASE.replace('five', 'FIVE'));
          slipped = true;
        },
      },
    );
    place.put('a.txt', BASE);
    await place.guard.read('a.txt');
    const outcome = await place.guard.edit('a.txt', EDIT, { merge: true });
    assert.ok(outcome.kind === 'written' && outcome.merged === true);
    assert.equal(place.text('a.txt'), 'ONE\ntwo\nthree\nfour\nFIVE\n');
  });

  it('counts the same change on both sides as written', async () => {
    const { guard, put, text } = makePlace();
    put('a.txt', BASE);
    await guard.read('a.txt');
    put('a.txt', BASE.replace('one', 'ONE').replace('five', 'FIVE'));
    assert.equal((await guard.edit('a.txt', EDIT, { merge: true })).kind, 'written');
    assert.equal(text('a.txt'), 'ONE\ntwo\nthree\nfour\nFIVE\n');
  });

  it('merges into unsaved text, by the editor, with the line ends that it shows', async () => {
    for (const ends of ['\n', '\r\n']) {
      const { guard, put, text, cache, editor } = makePlace();
      put('a.txt', BASE);
      await guard.read('a.txt');
      editor.text = BASE.replace('five', 'typed').replaceAll('\n', ends);
      const offered = await guard.edit('a.txt', EDIT);
      assert.ok(offered.kind === 'conflict' && offered.reason === 'unsaved' && offered.merge?.merged !== undefined);
      const outcome = await guard.edit('a.txt', EDIT, { merge: true });
      assert.ok(outcome.kind === 'written' && outcome.unsaved && outcome.merged === true);
      assert.equal(editor.text, 'ONE\ntwo\nthree\nfour\ntyped\n'.replaceAll('\n', ends));
      assert.equal(text('a.txt'), BASE);
      assert.deepEqual([cache.get('a.txt')?.model_unread, cache.get('a.txt')?.unsaved], [true, true]);
    }
  });

  it('leaves unsaved text that changed the same lines, or is no text, alone', async () => {
    const { guard, put, editor } = makePlace();
    put('a.txt', BASE);
    await guard.read('a.txt');
    editor.text = BASE.replace('one', 'typed');
    const overlap = await guard.edit('a.txt', EDIT, { merge: true });
    assert.ok(overlap.kind === 'conflict' && overlap.merge !== undefined && overlap.merge.merged === undefined);
    assert.equal(editor.text, BASE.replace('one', 'typed'));
    editor.text = BASE.replace('five', '\uD83D');
    assert.equal(offerOf(await guard.edit('a.txt', EDIT, { merge: true })), undefined);
    assert.equal(editor.text, BASE.replace('five', '\uD83D'));
  });

  it('merges again when a person types while it merges', async () => {
    const { guard, put, editor } = makePlace();
    put('a.txt', BASE);
    await guard.read('a.txt');
    editor.text = BASE.replace('five', 'typed');
    editor.beforeReplace = () => {
      editor.text = BASE.replace('five', 'typed more');
      editor.beforeReplace = undefined;
    };
    const outcome = await guard.edit('a.txt', EDIT, { merge: true });
    assert.ok(outcome.kind === 'written' && outcome.merged === true);
    assert.equal(editor.text, 'ONE\ntwo\nthree\nfour\ntyped more\n');
  });

  it('merges with what a person saved while it merges', async () => {
    const { guard, put, text, editor } = makePlace();
    const crlf = (content: string): string => content.replaceAll('\n', '\r\n');
    put('a.txt', crlf(BASE));
    await guard.read('a.txt');
    editor.text = crlf(BASE.replace('five', 'typed'));
    editor.beforeReplace = () => {
      put('a.txt', `\uFEFF${editor.text}`);
      editor.text = undefined;
    };
    const outcome = await guard.edit('a.txt', EDIT, { merge: true });
    assert.ok(outcome.kind === 'written' && outcome.merged === true && !outcome.unsaved);
    assert.equal(text('a.txt'), `\uFEFF${crlf('ONE\ntwo\nthree\nfour\ntyped\n')}`);
  });

  it('tells a host what it replaced on disk, once the stamp is kept', async () => {
    const told: string[][] = [];
    const stamps: string[] = [];
    const editors: OpenEditors = {
      unsavedText: () => undefined,
      replaceUnsaved: () => Promise.resolve(false),
      afterWrite(path, before, after) {
        told.push([path, String(before), String(after), String(stamps.length)]);
        return Promise.resolve();
      },
    };
    const { guard, put, at } = makePlace({
      editors,
      onStamps: (set) => Promise.resolve(void stamps.push(...Object.keys(set))),
    });
    put('a.txt', 'one');
    await guard.read('a.txt');
    await guard.edit('a.txt', EDIT);
    await guard.write('a.txt', 'ONE');
    await guard.write('new.txt', 'new');
    assert.deepEqual(told, [[at('a.txt'), 'one', 'ONE', '2']]);
  });

  it('keeps every version that it reads and writes as a base', async () => {
    const bases = keepBases();
    const { guard, put, editor } = makePlace({ bases });
    put('a.txt', 'read');
    await guard.read('a.txt');
    await guard.write('a.txt', 'written');
    await guard.write('b.txt', 'created');
    editor.text = 'typed';
    await guard.read('a.txt');
    await guard.write('a.txt', 'into the editor');
    assert.deepEqual([...bases.kept.values()].map(String), ['read', 'written', 'created', 'typed', 'into the editor']);
  });
});
