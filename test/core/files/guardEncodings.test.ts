import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import type { OpenEditors } from '../../../src/core/files/guard/guardTypes.ts';
import { createBases } from '../../../src/core/files/merge/bases.ts';
import { makeFolder, makeWorkplace, removeFolders } from './workplace.ts';

describe('guard, with files that are not plain UTF-8 with LF', () => {
  afterEach(removeFolders);

  it('edits what is ASCII in a Latin-1 file and keeps every other byte', async () => {
    const { guard, put, at } = makeWorkplace();
    put('a.txt', Buffer.from('caf\xe9\r\nold\r\n', 'latin1'));
    await guard.read('a.txt');
    assert.equal((await guard.edit('a.txt', { old: 'old', new: 'new\nline' })).kind, 'written');
    assert.equal(fs.readFileSync(at('a.txt'), 'latin1'), 'caf\xe9\r\nnew\r\nline\r\n');
    // An edit is UTF-8: what is written otherwise in the file it can't name.
    assert.deepEqual(await guard.edit('a.txt', { old: 'café', new: 'tea' }), {
      kind: 'no-match',
      key: 'a.txt',
      matches: 0,
    });
  });

  it('finds no text in a UTF-16 file, and changes nothing of it', async () => {
    const { guard, put, at } = makeWorkplace();
    const bytes = Buffer.from('\uFEFFone\r\ntwo\r\n', 'utf16le');
    put('a.txt', bytes);
    await guard.read('a.txt');
    const outcome = await guard.edit('a.txt', { old: 'one', new: 'ONE' }, { merge: true });
    assert.deepEqual(outcome, { kind: 'no-match', key: 'a.txt', matches: 0 });
    assert.deepEqual(fs.readFileSync(at('a.txt')), bytes);
  });

  it('keeps BOM, CRLF and a missing last line end through edit and merge', async () => {
    const bases = createBases({ sessionsFolder: makeFolder() });
    const { guard, put, text } = makeWorkplace({ bases });
    put('a.txt', '\uFEFFone\r\ntwo\r\nthree');
    await guard.read('a.txt');
    assert.equal((await guard.edit('a.txt', { old: 'one\ntwo', new: 'ONE\nand\ntwo' })).kind, 'written');
    assert.equal(text('a.txt'), '\uFEFFONE\r\nand\r\ntwo\r\nthree');
    put('a.txt', '\uFEFFONE\r\nand\r\ntwo\r\nTHREE');
    assert.equal((await guard.edit('a.txt', { old: 'ONE\n', new: 'one\n' }, { merge: true })).kind, 'written');
    assert.equal(text('a.txt'), '\uFEFFone\r\nand\r\ntwo\r\nTHREE');
  });

  it('leaves a line alone whose end differs from the others', async () => {
    const { guard, put, text } = makeWorkplace();
    put('a.txt', 'one\r\ntwo\nthree\r\n');
    await guard.read('a.txt');
    assert.equal((await guard.edit('a.txt', { old: 'two\n', new: '2\n' })).kind, 'written');
    assert.equal(text('a.txt'), 'one\r\n2\nthree\r\n');
  });

  it('counts other line ends in an unsaved editor as a change, which a merge takes over', async () => {
    let unsaved: string | undefined;
    const editors: OpenEditors = {
      unsavedText: () => unsaved,
      replaceUnsaved(_path, expected, text) {
        if (unsaved !== expected) return Promise.resolve(false);
        unsaved = text;
        return Promise.resolve(true);
      },
    };
    const bases = createBases({ sessionsFolder: makeFolder() });
    const { guard, put, text } = makeWorkplace({ bases, editors });
    put('a.txt', 'one\r\ntwo\r\n');
    await guard.read('a.txt');
    unsaved = 'one\ntwo\n';
    const outcome = await guard.edit('a.txt', { old: 'one', new: 'ONE' });
    assert.ok(outcome.kind === 'conflict' && outcome.reason === 'unsaved');
    assert.equal((await guard.edit('a.txt', { old: 'one', new: 'ONE' }, { merge: true })).kind, 'written');
    assert.deepEqual([unsaved, text('a.txt')], ['ONE\ntwo\n', 'one\r\ntwo\r\n']);
    // In a text with LF an edit is LF too, as the session has seen it now.
    assert.equal((await guard.edit('a.txt', { old: 'ONE\ntwo', new: '1\n2' })).kind, 'written');
    assert.equal(unsaved, '1\n2\n');
  });
});
