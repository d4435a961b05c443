import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { sweep } from '../../../src/core/files/freshness/sweep.ts';
import type { OpenEditors } from '../../../src/core/files/guard/guardTypes.ts';
import { createReadCache } from '../../../src/core/files/readCache.ts';
import { makeWorkplace, removeFolders, type Workplace } from './workplace.ts';

interface Editor {
  text: string | undefined;
  /** What the editor makes of a text that is put into it. */
  makes: (text: string) => string;
  place: Workplace;
}

function makeEditor(): Editor {
  const editor: Omit<Editor, 'place'> & { place?: Workplace } = { text: undefined, makes: (text) => text };
  const editors: OpenEditors = {
    unsavedText: (path) => (path === editor.place?.at('a.txt') ? editor.text : undefined),
    replaceUnsaved(_path, expected, text) {
      if (editor.text !== expected) return Promise.resolve(false);
      editor.text = editor.makes(text);
      return Promise.resolve(true);
    },
  };
  return Object.assign(editor, { place: makeWorkplace({ editors }) });
}

describe('guard, with an unsaved editor', () => {
  afterEach(removeFolders);

  it('reads the unsaved text and writes into the editor, never to the disk', async () => {
    const editor = makeEditor();
    const { guard, put, text, cache } = editor.place;
    put('a.txt', 'disk');
    editor.text = 'typed é';
    const read = await guard.read('a.txt');
    assert.ok(read.kind === 'read' && read.unsaved);
    assert.equal(String(read.bytes), 'typed é');
    assert.equal(cache.get('a.txt')?.unsaved, true);
    const written = await guard.edit('a.txt', { old: 'typed', new: 'ours' });
    assert.ok(written.kind === 'written' && written.unsaved);
    assert.equal(editor.text, 'ours é');
    assert.equal((await guard.write('a.txt', 'more')).kind, 'written');
    assert.equal(editor.text, 'more');
    assert.equal(text('a.txt'), 'disk');
  });

  it('knows its own text again where the editor gives all lines its own kind of end', async () => {
    const editor = makeEditor();
    const { guard, put } = editor.place;
    put('a.txt', 'disk');
    editor.text = 'one\r\ntwo\r\n';
    await guard.read('a.txt');
    assert.equal((await guard.write('a.txt', '1\n2\n')).kind, 'written');
    editor.text = '1\r\n2\r\n';
    assert.equal((await guard.edit('a.txt', { old: '2', new: 'two' })).kind, 'conflict', 'ends that changed later');
    editor.makes = (text) => text.replaceAll(/\r?\n/g, '\r\n');
    await guard.read('a.txt');
    assert.equal((await guard.write('a.txt', '1\n2\n')).kind, 'written');
    assert.equal(editor.text, '1\r\n2\r\n');
    assert.equal((await guard.edit('a.txt', { old: '2', new: 'two' })).kind, 'written');
    editor.makes = (text) => `${text}typed`;
    assert.equal((await guard.write('a.txt', '1\n')).kind, 'written');
    assert.equal((await guard.edit('a.txt', { old: '1', new: '2' })).kind, 'conflict', 'more than line ends');
  });

  it('stops a write over unsaved text that the session has not seen', async () => {
    const editor = makeEditor();
    const { guard, put, text } = editor.place;
    put('a.txt', 'disk');
    await guard.read('a.txt');
    editor.text = 'typed';
    for (const outcome of [
      await guard.write('a.txt', 'ours'),
      await guard.edit('a.txt', { old: 'disk', new: 'ours' }),
    ]) {
      assert.ok(outcome.kind === 'conflict' && outcome.reason === 'unsaved');
      assert.equal(outcome.theirs.unsaved, 'typed');
    }
    assert.deepEqual([text('a.txt'), editor.text], ['disk', 'typed']);
  });

  it('writes into an editor whose text is what was read from disk, with or without a BOM', async () => {
    for (const disk of ['same', '\uFEFFsame']) {
      const editor = makeEditor();
      editor.place.put('a.txt', disk);
      await editor.place.guard.read('a.txt');
      editor.text = 'same';
      const outcome = await editor.place.guard.edit('a.txt', { old: 'same', new: 'ours' });
      assert.ok(outcome.kind === 'written' && outcome.unsaved);
      assert.equal(editor.text, 'ours');
      assert.equal(editor.place.text('a.txt'), disk);
    }
  });

  it('stops when the person types while the edit is on its way', async () => {
    const editor = makeEditor();
    const place = makeWorkplace({
      editors: {
        unsavedText: () => editor.text,
        replaceUnsaved() {
          editor.text = 'typed more';
          return Promise.resolve(false);
        },
      },
    });
    place.put('a.txt', 'disk');
    editor.text = 'typed';
    await place.guard.read('a.txt');
    for (const force of [false, true]) {
      const outcome = await place.guard.write('a.txt', 'ours', { force });
      assert.ok(outcome.kind === 'conflict' && outcome.theirs.unsaved === 'typed more');
    }
    assert.deepEqual(place.displaced(), []);
  });

  it('takes the saved text for the one that it has seen, in whichever form the editor saved it', async () => {
    for (const saved of ['a\nb\n', '\uFEFFa\r\nb\r\n']) {
      const editor = makeEditor();
      const { guard, put, text } = editor.place;
      put('a.txt', 'disk');
      editor.text = 'a\nb\n';
      await guard.read('a.txt');
      put('a.txt', saved);
      editor.text = undefined;
      assert.equal((await guard.edit('a.txt', { old: 'a\n', new: 'c\n' })).kind, 'written');
      assert.equal(text('a.txt'), saved.replace('a', 'c'));
    }
  });

  it('stops when the unsaved text that it has seen was thrown away', async () => {
    const editor = makeEditor();
    const { guard, put, text } = editor.place;
    put('a.txt', 'disk');
    editor.text = 'typed';
    await guard.read('a.txt');
    editor.text = undefined;
    const outcome = await guard.write('a.txt', 'ours');
    assert.ok(outcome.kind === 'conflict' && outcome.reason === 'changed');
    assert.equal(text('a.txt'), 'disk');
  });

  it('keeps the unsaved text that a forced write replaces', async () => {
    const editor = makeEditor();
    const { guard, put, text, displaced } = editor.place;
    put('a.txt', 'disk');
    editor.text = 'typed';
    const outcome = await guard.write('a.txt', 'ours', { force: true });
    assert.ok(outcome.kind === 'written' && outcome.unsaved && outcome.kept !== undefined);
    assert.deepEqual(displaced(), ['typed']);
    assert.deepEqual([text('a.txt'), editor.text], ['disk', 'ours']);
  });

  it('refuses bytes and texts that can’t pass through an editor unharmed', async () => {
    const editor = makeEditor();
    const { guard, put } = editor.place;
    put('a.txt', 'disk');
    editor.text = 'typed';
    await guard.read('a.txt');
    assert.equal((await guard.write('a.txt', Buffer.from([0xff, 0xfe]))).kind, 'conflict');
    editor.text = 'half \ud83d';
    await guard.read('a.txt');
    assert.equal((await guard.edit('a.txt', { old: 'half', new: 'x' })).kind, 'conflict');
    assert.equal(editor.text, 'half \ud83d');
  });

  it('finds an editor by the folder’s spelling too', async () => {
    const real = makeWorkplace();
    fs.mkdirSync(real.at('real'));
    fs.symlinkSync('real', real.at('alias'));
    real.put('real/a.txt', 'disk');
    const folder = real.at('alias');
    const { guard } = makeWorkplace({
      folder,
      cache: createReadCache(folder),
      editors: {
        unsavedText: (path) => (path === real.at('alias/a.txt') ? 'typed' : undefined),
        replaceUnsaved: () => Promise.resolve(true),
      },
    });
    const read = await guard.read('a.txt');
    assert.ok(read.kind === 'read' && read.unsaved);
  });

  it('is told by a sweep only where the text is another one', async () => {
    const editor = makeEditor();
    const { guard, put, cache, at } = editor.place;
    put('a.txt', 'disk');
    await guard.read('a.txt');
    const look = async (): Promise<string | undefined> =>
      (
        await sweep(cache, {
          editors: {
            unsavedText: (path) => (path === at('a.txt') ? editor.text : undefined),
            replaceUnsaved: () => Promise.resolve(false),
          },
        })
      )[0]?.freshness;
    assert.equal(await look(), 'same');
    editor.text = 'typed';
    assert.equal(await look(), 'unsaved');
    editor.text = 'disk';
    assert.equal(await look(), 'same');
  });
});
