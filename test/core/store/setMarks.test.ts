import assert from 'node:assert/strict';
import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { tagProblem } from '../../../src/core/index.ts';
import { contents, ids, loaded, message, session, useWorkspace } from './workspace.ts';

describe('marks of a session', function () {
  this.timeout(20_000);
  const workspace = useWorkspace();

  it('sets tags, pins and the archive, shows them in lists, and takes them away again', async () => {
    const { store, another } = workspace();
    await store.save('a', session(['m1']), undefined);
    const marks = { tags: [' auth ', '认证 🔐', 'auth'], pinned: true, archived: true, pinned_messages: ['m1'] };
    assert.deepEqual(await store.setMarks('a', marks), { kind: 'marked' });
    const [entry] = await another().list();
    assert.deepEqual(
      [entry?.head?.tags, entry?.head?.pinned, entry?.head?.archived],
      [['auth', '认证 🔐'], true, true],
    );
    assert.deepEqual((await loaded(another(), 'a')).body.pinned_messages, ['m1']);
    assert.deepEqual(await store.setMarks('a', { tags: [], archived: false, pinned_messages: [] }), { kind: 'marked' });
    const { body } = await loaded(another(), 'a');
    assert.deepEqual(
      ['tags' in body, body.pinned, 'archived' in body, 'pinned_messages' in body],
      [false, true, false, false],
    );
  });

  it('survives the next save of somebody who had the session open', async () => {
    const { store, another } = workspace();
    await store.save('a', session(['m1']), undefined);
    const lease = await store.takeLease('s-1', { program: 'window' });
    assert.equal(lease.kind, 'taken');
    const open = await loaded(store, 'a');
    await another().setMarks('a', { tags: ['kept'], pinned: true });
    await store.append('a', [{ type: 'message', message: message('m2') }]);
    const saved = await store.save('a', open, 1);
    assert.equal(saved.kind, 'saved', 'no conflict');
    const { body } = await loaded(another(), 'a');
    assert.deepEqual([body.tags, body.pinned], [['kept'], true]);
    assert.deepEqual(await ids(another(), 'a'), ['m1', 'm2']);
  });

  it('folds in the background where nobody drives the session', async () => {
    const { store, files } = workspace();
    await store.save('a', session(['m1']), undefined);
    await store.setMarks('a', { pinned: true });
    await store.close();
    assert.deepEqual(files(), ['.gitignore', 'a.json']);
  });

  it('writes nothing for a tag that is none, a name that is none, or marks that say nothing', async () => {
    const { store, root, write } = workspace();
    await store.save('a', session(['m1']), undefined);
    write('broken.json', 'no');
    const before = contents(root);
    for (const tag of ['', ' ', 'a\nb', 'a\u202eb', '\ud800', 'x'.repeat(65), `e${'\u0301'.repeat(600)}`]) {
      const outcome = await store.setMarks('a', { tags: ['good', tag] });
      assert.equal(outcome.kind, 'invalid-tag', JSON.stringify(tag));
    }
    assert.equal(tagProblem('👩‍👩‍👧'.repeat(64)), undefined);
    assert.equal((await store.setMarks('b', { pinned: true })).kind, 'missing');
    assert.equal((await store.setMarks('../a', { pinned: true })).kind, 'invalid-name');
    assert.equal((await store.setMarks('broken', { pinned: true })).kind, 'read-only');
    assert.equal((await store.setMarks('a', {})).kind, 'marked');
    assert.deepEqual(contents(root), before);
  });

  it('a fork is neither pinned nor archived because its parent is', async () => {
    const { store } = workspace();
    await store.save('a', session(['m1', 'm2']), undefined);
    await store.setMarks('a', { pinned: true, archived: true, tags: ['t'], pinned_messages: ['m1'] });
    assert.equal((await store.fork('a', { name: 'b' })).kind, 'forked');
    const { body } = await loaded(store, 'b');
    assert.deepEqual(
      [body.pinned, body.archived, body.tags, body.pinned_messages],
      [undefined, undefined, ['t'], ['m1']],
    );
  });

  it('marks of a wrong kind in a journal are damage, and reach no session', async () => {
    const { store, another, file } = workspace();
    await store.save('a', session(['m1']), undefined);
    await store.append('a', [{ type: 'message', message: message('m2') }]);
    const rest = '"type":"head","set":{"pinned_messages":7}}';
    fs.appendFileSync(file('a.journal.jsonl'), `{"crc":"${crc32(rest).toString(16).padStart(8, '0')}",${rest}\n`);
    const result = await another().load('a');
    if (result.kind !== 'loaded') throw new Error(result.kind);
    assert.equal(result.session.body.pinned_messages, undefined);
    assert.deepEqual(
      result.problems.map(({ code }) => code),
      ['bad-shape'],
    );
  });
});
