import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { LeaseHolder, SessionStore } from '../../../src/core/index.ts';
import { run } from './runScript.ts';
import { contents, ids, loaded, message, session, useWorkspace } from './workspace.ts';

interface Driven {
  readonly kind: 'taken' | 'held';
  readonly holder: LeaseHolder;
  readonly acknowledged: readonly string[];
}

async function forked(
  store: SessionStore,
  name: string,
  options: { readonly name: string; readonly messages?: number },
) {
  const outcome = await store.fork(name, options);
  if (outcome.kind !== 'forked') throw new Error(JSON.stringify(outcome));
  await outcome.settled;
  return outcome;
}

describe('what people lost sessions by in other products', function () {
  this.timeout(60_000);
  const workspace = useWorkspace();

  it('pain 8: the same session open in two windows or terminals interleaves or silently diverges', async () => {
    const { store, folder } = workspace();
    await store.save('a', session(['m1', 'm2']), undefined);
    const first = await store.takeLease('s-1', { program: 'window one' });
    assert.equal(first.kind, 'taken');
    const rounds = 15;
    const second = run<Driven>('driverChild.ts', folder, 'two-', `${rounds}`);
    const mine: string[] = [];
    let over = false;
    const ended = second.finally(() => {
      over = true;
    });
    // As long as the other one works, and some rounds at least.
    for (let n = 0; n < rounds || !over; n++) {
      const before = await loaded(store, 'a');
      const id = `one-${n}`;
      assert.equal((await store.append('a', [{ type: 'message', message: message(id) }])).kind, 'appended');
      mine.push(id);
      const saved = await store.save('a', before, before.body.revision);
      assert.ok(saved.kind === 'saved' || saved.kind === 'conflict', saved.kind);
    }
    const told = await ended;
    // The second one knows who drives, and who saves over what it has not seen is told so.
    const late = await store.save('a', session(['mine alone']), 1);
    assert.equal(late.kind, 'conflict');
    assert.equal(told.kind, 'held');
    assert.deepEqual(first.kind === 'taken' && first.lease.holder, told.holder);
    const all = await ids(store, 'a');
    assert.deepEqual(all.slice(0, 2), ['m1', 'm2']);
    assert.equal(new Set(all).size, all.length);
    assert.deepEqual(
      all.filter((id) => id.startsWith('one-')),
      mine,
    );
    assert.equal(told.acknowledged.length, rounds);
    assert.deepEqual(
      all.filter((id) => id.startsWith('two-')),
      told.acknowledged,
    );
  });

  it('pain 8: a second window may take over, and the first one learns it and drives no more', async () => {
    const { store, another } = workspace();
    await store.save('a', session(['m1']), undefined);
    const lost: (LeaseHolder | undefined)[] = [];
    const first = await store.takeLease('s-1', { program: 'one', onLost: (by) => lost.push(by) });
    const second = await another().takeLease('s-1', { program: 'two', takeOver: true });
    assert.ok(first.kind === 'taken' && second.kind === 'taken');
    assert.equal(await first.lease.isMine(), false);
    assert.deepEqual(lost, [second.lease.holder]);
    // Or it forks: a session of its own, with a lease of its own.
    const { sessionId } = await forked(store, 'a', { name: 'mine' });
    assert.equal((await store.takeLease(sessionId, { program: 'one' })).kind, 'taken');
  });

  it('pain 9: the last writer wins over the list file', async () => {
    const { folder, another, file, files } = workspace();
    const left = await Promise.all(['p', 'q'].map((tag) => run<string[]>('listWriterChild.ts', folder, tag, '12')));
    const expected = left.flat().sort();
    assert.equal(expected.length, 24);
    const listed = async () =>
      (await another().list())
        .map(({ name, head }) => ({ name, id: head?.session_id }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    const truth = await listed();
    assert.deepEqual(
      truth.map(({ name }) => name),
      expected,
    );
    // Nothing that several write holds the list: what is derived may go, or lie.
    const reader = another();
    await reader.list();
    await reader.close();
    assert.deepEqual(
      files().filter((name) => !/\.json$|\.journal\.jsonl$|^(\.gitignore|\.cache|trash)$/.test(name)),
      [],
    );
    const cache = file('.cache/list.jsonl');
    const derived = fs.readFileSync(cache, 'utf8');
    for (const text of [derived.slice(0, derived.length / 2), derived.replaceAll('s-p', 's-X'), '[]', '']) {
      fs.writeFileSync(cache, text);
      assert.deepEqual(await listed(), truth);
    }
    fs.rmSync(file('.cache'), { recursive: true });
    assert.deepEqual(await listed(), truth);
    // Nor does it hide what another one wrote since.
    const [first = ''] = expected;
    const before = await loaded(another(), first);
    const titled = { ...before, body: { ...before.body, title: 'written elsewhere' } };
    assert.equal((await another().save(first, titled, before.body.revision)).kind, 'saved');
    const row = (await another().list()).find(({ name }) => name === first);
    assert.equal(row?.head?.title, 'written elsewhere');
  });

  it('pain 22: no fork from any message, no tree, and titles that cannot be told apart', async () => {
    const { store } = workspace();
    const history = ['m1', 'm2', 'm3', 'm4', 'm5'];
    const checkpoints = [{ id: 'c', label: 'l', created_at: '2026', message: 3 }];
    const read_cache = { 'a.ts': { message: 2 }, 'b.ts': { message: 5 } };
    await store.save('main', session(history, { title: 'Fix the parser', checkpoints, read_cache }), undefined);
    const names = new Set(['main']);
    for (let messages = 0; messages <= history.length; messages++) {
      const name = await store.freeName('main');
      assert.equal(names.has(name), false);
      names.add(name);
      const { sessionId } = await forked(store, 'main', { name, messages });
      const fork = await store.load(name);
      assert.ok(fork.kind === 'loaded' && !fork.readOnly);
      assert.deepEqual(fork.problems, []);
      const { body } = fork.session;
      assert.deepEqual(
        fork.session.history.map(({ id }) => id),
        history.slice(0, messages),
      );
      assert.deepEqual([body.session_id, body.parent], [sessionId, { session_id: 's-1', message: messages }]);
      assert.deepEqual(
        Object.keys(body.read_cache ?? {}),
        Object.entries(read_cache).flatMap(([key, entry]) => (entry.message <= messages ? [key] : [])),
      );
      assert.equal(body.checkpoints?.length, messages >= 3 ? 1 : 0);
      // A session like any other: it goes on, and is forked itself.
      assert.equal((await store.append(name, [{ type: 'message', message: message('new') }])).kind, 'appended');
      assert.deepEqual(await ids(store, name), [...history.slice(0, messages), 'new']);
      const child = await forked(store, name, { name: await store.freeName(name) });
      assert.deepEqual((await loaded(store, child.name)).body.parent, { session_id: sessionId, message: messages + 1 });
      names.add(child.name);
    }
    const rows = await store.list();
    assert.deepEqual(new Set(rows.map(({ name }) => name)), names);
    assert.equal(new Set(rows.map(({ head }) => head?.session_id)).size, rows.length);
    const known = new Set(rows.map(({ head }) => head?.session_id));
    assert.ok(rows.every(({ head }) => head?.parent === undefined || known.has(head.parent.session_id)));
    assert.deepEqual(await ids(store, 'main'), history);
    for (const messages of [-1, 6, 1.5]) {
      assert.equal((await store.fork('main', { name: 'none', messages })).kind, 'no-such-message');
    }
  });

  it("pain 19: rewind or undo in one session destroys another session's or the user's work", async () => {
    const { store, folder, file, read } = workspace();
    for (const [name, text] of [
      ['src/a.ts', 'the user’s own\r\n'],
      ['src/new.ts', 'written after the session'],
      ['.git/HEAD', 'ref: refs/heads/main\n'],
    ] as const) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), text);
    }
    const read_cache = { 'src/a.ts': { message: 2, sha256: 'ab'.repeat(32) }, 'src/gone.ts': { message: 3 } };
    await store.save('a', session(['m1', 'm2', 'm3'], { read_cache }), undefined);
    await store.save('other', session(['o1'], { session_id: 's-o' }), undefined);
    const outside = () => new Map([...contents(folder)].filter(([name]) => !name.startsWith(file(''))));
    const times = () => ['src/a.ts', 'src/new.ts'].map((name) => fs.statSync(path.join(folder, name)).mtimeMs);
    const before = [outside(), times(), read('other.json')] as const;
    const act = async (work: () => Promise<{ readonly kind: string }>, kind: string) => {
      assert.equal((await work()).kind, kind);
      assert.deepEqual([outside(), times(), read('other.json')], before);
    };
    await act(() => store.load('a'), 'loaded');
    await act(() => forked(store, 'a', { name: 'f', messages: 1 }), 'forked');
    await act(() => store.append('a', [{ type: 'rewind', after: 'm2' }]), 'appended');
    // No more of the session's own words than were taken back either.
    assert.deepEqual(await ids(store, 'a'), ['m1', 'm2']);
    await act(() => store.append('a', [{ type: 'cut', keep: 1 }]), 'appended');
    await act(() => store.fold('a'), 'saved');
    await act(() => store.rename('a', 'b'), 'done');
    const deleted = await store.delete('b');
    if (deleted.kind !== 'deleted') throw new Error(deleted.kind);
    await act(() => store.restore(deleted.id), 'done');
    await act(() => store.load('b'), 'loaded');
    assert.deepEqual(await ids(store, 'b'), ['m1']);
    assert.deepEqual(await ids(store, 'f'), ['m1']);
    assert.deepEqual(await ids(store, 'other'), ['o1']);
  });
});
