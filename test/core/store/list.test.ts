import assert from 'node:assert/strict';
import fs from 'node:fs';
import { skipBecause } from '../../support/skip.ts';
import { loaded, message, session, useWorkspace } from './workspace.ts';

describe('the list', function () {
  this.timeout(20_000);
  const workspace = useWorkspace();

  it('shows every session with its head, newest change first', async () => {
    const { store, file } = workspace();
    for (const name of ['a', 'b', 'c']) {
      await store.save(name, session(['m1', 'm2'], { session_id: name, title: `T ${name}` }), undefined);
    }
    for (const [index, name] of ['b', 'c', 'a'].entries()) fs.utimesSync(file(`${name}.json`), 1000, 1000 - index);
    const rows = await store.list();
    assert.deepEqual(
      rows.map(({ name, head }) => [name, head?.title, head?.message_count]),
      [
        ['b', 'T b', 2],
        ['c', 'T c', 2],
        ['a', 'T a', 2],
      ],
    );
    assert.ok(rows.every(({ hasJournal, readOnly, problems }) => !hasJournal && !readOnly && problems.length === 0));
  });

  it('shows what the journal says: counts, titles, a fork as itself', async () => {
    const { store } = workspace();
    await store.save('a', session(['m1', 'm2']), undefined);
    await store.append('a', [
      { type: 'message', message: message('m2', 'longer') },
      { type: 'message', message: message('m3') },
      { type: 'head', set: { title: 'T', metadata: { turns: 7 } } },
    ]);
    const [row] = await store.list();
    assert.equal(row?.hasJournal, true);
    assert.deepEqual([row?.head?.message_count, row?.head?.title, row?.head?.metadata?.turns], [3, 'T', 7]);
    const fork = await store.fork('a', { name: 'f', messages: 1 });
    if (fork.kind !== 'forked') throw new Error(fork.kind);
    const early = (await store.list()).find(({ name }) => name === 'f');
    await fork.settled;
    const late = (await store.list()).find(({ name }) => name === 'f');
    for (const each of [early, late]) {
      assert.equal(each?.head?.session_id, fork.sessionId);
      assert.equal(each?.head?.message_count, 1);
      assert.deepEqual(each?.head?.parent, { session_id: 's-1', message: 1 });
    }
  });

  it('sees every change from outside at once', async () => {
    const { store, another, file } = workspace();
    await store.save('a', session(['m1']), undefined);
    assert.equal((await store.list())[0]?.head?.message_count, 1);
    const other = another();
    await other.append('a', [{ type: 'message', message: message('m2') }]);
    assert.equal((await store.list())[0]?.head?.message_count, 2);
    await other.append('a', [{ type: 'message', message: message('m3') }]);
    assert.equal((await store.list())[0]?.head?.message_count, 3);
    await other.fold('a');
    const [row] = await store.list();
    assert.deepEqual([row?.head?.message_count, row?.hasJournal], [3, false]);
    fs.unlinkSync(file('a.json'));
    assert.deepEqual(await store.list(), []);
  });

  it('reads a head that is longer than its first window', async () => {
    const { store } = workspace();
    const tags = Array.from({ length: 5000 }, (_, index) => `标签 ${index}`);
    await store.save('a', session(['m1'], { tags }), undefined);
    assert.deepEqual((await store.list())[0]?.head?.tags, tags);
  });

  it('shows a journal whose snapshot is gone', async () => {
    const { store, file } = workspace();
    await store.save('a', session(['m1']), undefined);
    await store.append('a', [{ type: 'message', message: message('m2') }]);
    fs.unlinkSync(file('a.json'));
    const [row] = await store.list();
    assert.deepEqual(row?.problems, [{ code: 'missing-reference', detail: 'a.json' }]);
    assert.equal((await store.save('a', session(['x'], { session_id: 's-2' }), undefined)).kind, 'saved');
    assert.deepEqual(
      (await loaded(store, 'a')).history.map(({ id }) => id),
      ['x'],
    );
    assert.equal(
      workspace()
        .files()
        .filter((name) => name.startsWith('a.kept-')).length,
      1,
    );
  });

  describe('with many sessions', () => {
    const many = 40;
    async function fill(): Promise<void> {
      const { write } = workspace();
      for (let n = 0; n < many; n++) {
        const head = { schema: 'holdfast/1', session_id: `s-${n}`, created_at: '2026', title: `T ${n}` };
        const fields = Object.entries(head).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},\n`);
        write(`n${n}.json`, `{\n${fields.join('')}"history":[\n]}\n`);
      }
    }

    it('keeps heads in a derived file, and reads from the snapshots what it says wrongly', async () => {
      await fill();
      const { another, file, read, write } = workspace();
      const first = another();
      const rows = await first.list();
      assert.equal(rows.length, many);
      await first.close();
      const cache = read('.cache/list.jsonl');
      write('n3.json', read('n3.json').replace('T 3', 'changed'));
      fs.unlinkSync(file('n4.json'));
      const titles = async () =>
        new Map((await another().list()).map(({ name, head }) => [name, head?.title] as const));
      for (const damaged of [
        cache,
        cache.replace('T 5"', 'T X"'),
        cache.slice(0, 900),
        'nonsense',
        '\0'.repeat(100),
        undefined,
      ]) {
        if (damaged === undefined) fs.unlinkSync(file('.cache/list.jsonl'));
        else write('.cache/list.jsonl', damaged);
        const found = await titles();
        assert.deepEqual(
          [found.size, found.get('n3'), found.get('n4'), found.get('n5')],
          [many - 1, 'changed', undefined, 'T 5'],
        );
      }
    });

    it('lists a folder that cannot be written', async function () {
      if (process.getuid?.() === 0) skipBecause(this, 'the administrator may write anywhere');
      await fill();
      const { root, another } = workspace();
      fs.chmodSync(root, 0o500);
      try {
        const reader = another();
        assert.equal((await reader.list()).length, many);
        await reader.close();
        const outcome = await reader.save('x', session([]), undefined);
        assert.equal(outcome.kind === 'io' && outcome.code, 'EACCES');
      } finally {
        fs.chmodSync(root, 0o700);
      }
    });
  });
});
