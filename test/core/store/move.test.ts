import assert from 'node:assert/strict';
import fs from 'node:fs';
import fc from 'fast-check';
import { nameProblem, openStore } from '../../../src/core/index.ts';
import { contents, ids, loaded, message, session, useWorkspace } from './workspace.ts';

describe('moving sessions', function () {
  this.timeout(20_000);
  const workspace = useWorkspace();

  it('renames a session with its journal, under its own id', async () => {
    const { store, files } = workspace();
    await store.save('a', session(['m1']), undefined);
    await store.append('a', [{ type: 'message', message: message('m2') }]);
    assert.deepEqual(await store.rename('a', '新名 🦀'), { kind: 'done', name: '新名 🦀' });
    const { body } = await loaded(store, '新名 🦀');
    assert.deepEqual([body.session_id, body.name], ['s-1', '新名 🦀']);
    assert.deepEqual(await ids(store, '新名 🦀'), ['m1', 'm2']);
    assert.deepEqual(files(), ['.gitignore', '新名 🦀.journal.jsonl', '新名 🦀.json']);
    assert.deepEqual(await store.rename('a', 'b'), { kind: 'missing' });
  });

  it('does not rename or fork over another session', async () => {
    const { store, root } = workspace();
    await store.save('a', session(['m1']), undefined);
    await store.save('b', session(['m2'], { session_id: 's-2' }), undefined);
    const before = contents(root);
    assert.equal((await store.rename('a', 'b')).kind, 'exists');
    assert.equal((await store.fork('a', { name: 'b' })).kind, 'exists');
    assert.equal((await store.fork('a', { name: 'a' })).kind, 'exists');
    assert.deepEqual(contents(root), before);
  });

  it('tells an appender whose session was renamed or deleted by another process', async () => {
    const { store, another } = workspace();
    await store.save('a', session(['m1']), undefined);
    await store.append('a', [{ type: 'message', message: message('m2') }]);
    await another().rename('a', 'b');
    assert.equal((await store.append('a', [{ type: 'message', message: message('m3') }])).kind, 'missing');
    const known = await ids(store, 'b');
    assert.deepEqual(known.slice(0, 2), ['m1', 'm2']);
  });

  it('deletes to the trash and brings back, twice under one name', async () => {
    const { store, root } = workspace();
    const trashed: string[] = [];
    for (const id of ['s-1', 's-2']) {
      await store.save('a', session(['m1'], { session_id: id }), undefined);
      await store.append('a', [{ type: 'message', message: message('m2', id) }]);
      const outcome = await store.delete('a');
      if (outcome.kind !== 'deleted') throw new Error(outcome.kind);
      trashed.push(outcome.id);
    }
    assert.deepEqual(await store.list(), []);
    assert.deepEqual(
      (await store.listTrash()).map(({ id, name }) => [id, name]).sort(),
      trashed.map((id) => [id, 'a']).sort(),
    );
    assert.deepEqual(await store.restore(trashed[1] ?? ''), { kind: 'done', name: 'a' });
    assert.deepEqual(await store.restore(trashed[0] ?? ''), { kind: 'done', name: 'a 2' });
    assert.equal((await loaded(store, 'a')).history[1]?.content, 's-2');
    assert.equal((await loaded(store, 'a 2')).history[1]?.content, 's-1');
    assert.deepEqual(await store.listTrash(), []);
    assert.deepEqual(await store.restore(trashed[0] ?? ''), { kind: 'missing' });
    assert.deepEqual(fs.readdirSync(`${root}/trash`), []);
  });

  it('deletes what cannot be read', async () => {
    const { store, write, root } = workspace();
    write('broken.json', 'no');
    const outcome = await store.delete('broken');
    if (outcome.kind !== 'deleted') throw new Error(outcome.kind);
    assert.deepEqual(await store.restore(outcome.id), { kind: 'done', name: 'broken' });
    const before = contents(root);
    assert.deepEqual(await store.restore('0'.repeat(13)), { kind: 'missing' });
    for (const name of ['trash', 'none']) assert.deepEqual(await store.delete(name), { kind: 'missing' });
    assert.deepEqual(contents(root), before);
  });

  it('makes a valid name of any text, and a free one', async () => {
    const { store, write } = workspace();
    write('Fix the Bug.json', '{}');
    assert.equal(await store.freeName('fix the bug'), 'fix the bug 2');
    assert.equal(await store.freeName('../../etc/passwd: "x"?\nmore'), 'etc passwd x more');
    assert.equal(await store.freeName('CON'), 'session CON');
    assert.equal(await store.freeName(' ...\u0000 '), 'session');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 400 }), async (text) => {
        assert.equal(nameProblem(await store.freeName(text)), undefined);
      }),
      { numRuns: 200 },
    );
  });
});

describe('what lies beside the snapshots', function () {
  this.timeout(20_000);
  const workspace = useWorkspace();

  it('stores the same bytes once, under their hash, and checks them', async () => {
    const { store, root, write } = workspace();
    const bytes = Buffer.alloc(3 << 20, 7);
    const stored = await store.putBlob(bytes);
    assert.deepEqual(await store.putBlob(bytes), stored);
    assert.equal(stored.bytes, bytes.length);
    assert.deepEqual(fs.readdirSync(`${root}/blobs`), [stored.blob]);
    assert.ok(bytes.equals(Buffer.from((await store.getBlob(stored.blob)) ?? [])));
    write(`blobs/${stored.blob}`, 'other');
    assert.equal(await store.getBlob(stored.blob), undefined);
    await store.putBlob(bytes);
    assert.notEqual(await store.getBlob(stored.blob), undefined);
    assert.equal(await store.getBlob('0'.repeat(64)), undefined);
  });

  it('mirrors whole lines of a growing transcript, and starts anew where it was replaced', async () => {
    const { store, folder, read } = workspace();
    const transcript = `${folder}/t.jsonl`;
    fs.writeFileSync(transcript, 'one\ntwo\nthr');
    assert.deepEqual(await store.mirrorRaw('s-1', transcript), { file: 'raw/s-1.jsonl', bytes: 8 });
    fs.appendFileSync(transcript, 'ee\nfour');
    assert.deepEqual(await store.mirrorRaw('s-1', transcript), { file: 'raw/s-1.jsonl', bytes: 14 });
    assert.equal(read('raw/s-1.jsonl'), 'one\ntwo\nthree\n');
    for (const [replaced, number] of [
      ['one\n', 2],
      ['new\nlines\n', 3],
    ] as const) {
      fs.writeFileSync(transcript, replaced);
      assert.deepEqual(await store.mirrorRaw('s-1', transcript), {
        file: `raw/s-1.${number}.jsonl`,
        bytes: replaced.length,
      });
    }
    assert.equal(read('raw/s-1.jsonl'), 'one\ntwo\nthree\n');
    await assert.rejects(store.mirrorRaw('s-2', `${folder}/none`), { code: 'ENOENT' });
  });

  it('lies in the folder that was chosen', async () => {
    const { folder } = workspace();
    const store = openStore({ folder, sessionsFolder: 'notes/sessions', now: () => 0, random: () => 'ab'.repeat(8) });
    assert.equal((await store.save('a', session(['m1']), undefined)).kind, 'saved');
    assert.deepEqual(fs.readdirSync(`${folder}/notes/sessions`).sort(), ['.gitignore', 'a.json']);
    await store.close();
  });
});
