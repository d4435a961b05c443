import assert from 'node:assert/strict';
import fs from 'node:fs';
import fc from 'fast-check';
import type { ReadCacheEntry, SessionStore } from '../../../src/core/index.ts';
import { contents, loaded, message, session, useWorkspace } from './workspace.ts';

const entry = (message: number): ReadCacheEntry => ({
  file_mtime_ms: 1000 + message,
  file_size_bytes: 10,
  sha256: 'ab'.repeat(32),
  seen_at: '2026-11-20T10:00:00.000Z',
  message,
});

async function namesOf(store: SessionStore, key: string): Promise<string[]> {
  return (await store.readers(key)).map(({ name }) => name).sort();
}

/** The snapshots that are opened meanwhile. */
async function openings(root: string, work: () => Promise<unknown>): Promise<string[]> {
  const open = fs.openSync;
  const opened: string[] = [];
  const counting = (...args: Parameters<typeof open>) => {
    const file = String(args[0]);
    if (file.startsWith(root) && file.endsWith('.json')) opened.push(file.slice(root.length + 1));
    return open(...args);
  };
  Object.assign(fs, { openSync: counting });
  try {
    await work();
  } finally {
    Object.assign(fs, { openSync: open });
  }
  return opened.sort();
}

describe('the readers of a file', function () {
  this.timeout(20_000);
  const workspace = useWorkspace();

  it('are the sessions that have read it, newest change first, with what each has seen', async () => {
    const { store, file } = workspace();
    assert.deepEqual(await store.readers('a.ts'), []);
    assert.equal(fs.existsSync(file('')), false);
    for (const [index, name] of ['x', 'y', 'z'].entries()) {
      const read_cache = { 'a.ts': { ...entry(index), mtime_ns: '1', via: ['l.ts'] }, [`${name}.ts`]: entry(9) };
      await store.save(name, session(['m1'], { session_id: `s-${name}`, read_cache }), undefined);
      fs.utimesSync(file(`${name}.json`), 2000, 1000 + index);
    }
    await store.save('other', session(['m1'], { session_id: 's-o', read_cache: { 'b.ts': entry(1) } }), undefined);
    assert.deepEqual(
      await store.readers('a.ts'),
      [2, 1, 0].map((index) => {
        const name = 'xyz'.charAt(index);
        return { name, sessionId: `s-${name}`, changedAt: (1000 + index) * 1000, entry: entry(index) };
      }),
    );
    assert.deepEqual(await namesOf(store, 'y.ts'), ['y']);
  });

  it('are found by the very key, whatever it is made of', async () => {
    const { store, another } = workspace();
    const keys = [
      'a.ts',
      'A.ts',
      'a.ts ',
      'dir/a.ts',
      '"',
      '\\',
      'a\nb',
      '__proto__',
      'constructor',
      '\ud800',
      '文.ts',
    ];
    for (const [index, key] of keys.entries()) {
      const read_cache = Object.fromEntries([[key, entry(index)]]);
      await store.save(`n${index}`, session([], { session_id: `s-${index}`, read_cache }), undefined);
    }
    for (const reader of [store, another()]) {
      for (const [index, key] of keys.entries()) assert.deepEqual(await namesOf(reader, key), [`n${index}`], key);
      for (const key of ['', 'ts', 'a.t', 'toString', 'sha256', '\n']) assert.deepEqual(await namesOf(reader, key), []);
    }
  });

  it('follow every change: appends, rewinds, saves, forks, renames, deletes and restores, here and elsewhere', async () => {
    const { store, another } = workspace();
    const other = another();
    const both = async (key: string, names: readonly string[]) => {
      assert.deepEqual(await namesOf(store, key), names);
      assert.deepEqual(await namesOf(other, key), names);
    };
    await store.save('a', session(['m1', 'm2'], { read_cache: { f: entry(1) } }), undefined);
    await both('f', ['a']);
    await other.append('a', [
      { type: 'message', message: message('m3') },
      { type: 'read_cache', set: { g: entry(3) } },
    ]);
    await both('g', ['a']);
    await store.append('a', [{ type: 'rewind', after: 'm2' }]);
    await both('g', []);
    await both('f', ['a']);
    await store.append('a', [{ type: 'read_cache', set: { h: entry(2) }, remove: ['f'] }]);
    await both('f', []);
    await other.fold('a');
    await both('h', ['a']);
    const fork = await store.fork('a', { name: 'b', messages: 1 });
    await both('h', ['a']);
    if (fork.kind !== 'forked') throw new Error(fork.kind);
    await fork.settled;
    await store.append('b', [{ type: 'read_cache', set: { h: entry(1) } }]);
    await both('h', ['a', 'b']);
    await other.rename('a', 'c');
    await both('h', ['b', 'c']);
    const gone = await store.delete('b');
    await both('h', ['c']);
    if (gone.kind !== 'deleted') throw new Error(gone.kind);
    await other.restore(gone.id);
    await both('h', ['b', 'c']);
    const now = await loaded(store, 'c');
    await store.save('c', { ...now, body: { ...now.body, read_cache: {} } }, now.body.revision);
    await both('h', ['b']);
  });

  it('leave out what cannot be read, and are not held up by it', async () => {
    const { store, write, root } = workspace();
    await store.save('a', session(['m1'], { read_cache: { f: entry(1) } }), undefined);
    const theirs = { session_id: 's-t', created_at: '2026', history: [], read_cache: { f: { file_mtime_ms: 1 } } };
    write('theirs.json', JSON.stringify(theirs, null, 2));
    write('broken.json', '{"session_id":"s-b","read_cache":{"f":');
    write('empty.json', '');
    write('.hidden.json', JSON.stringify(theirs));
    fs.symlinkSync(`${root}/a.json`, `${root}/link.json`);
    fs.mkdirSync(`${root}/folder.json`);
    write('odd.json', JSON.stringify({ ...theirs, read_cache: { f: { sha256: 7 }, g: null } }));
    assert.deepEqual(await namesOf(store, 'f'), ['a', 'theirs']);
    assert.deepEqual(await namesOf(store, 'f'), ['a', 'theirs']);
  });

  describe('of many sessions', () => {
    const many = 40;
    async function fill(): Promise<void> {
      const { write } = workspace();
      for (let n = 0; n < many; n++) {
        const read_cache = { 'all.ts': entry(n), [`${n}.ts`]: entry(n) };
        const head = { schema: 'holdfast/1', session_id: `s-${n}`, created_at: '2026', read_cache };
        const fields = Object.entries(head).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},\n`);
        write(`n${n}.json`, `{\n${fields.join('')}"history":[\n]}\n`);
      }
    }

    it('come from a derived file: only sessions that changed since are opened', async () => {
      await fill();
      const { another, root, store } = workspace();
      const first = another();
      const cold = await openings(root, () => first.readers('all.ts'));
      assert.equal(cold.length, many);
      await first.close();
      const before = contents(root);
      const later = another();
      const warm = await openings(root, async () => {
        assert.equal((await later.readers('all.ts')).length, many);
        assert.deepEqual(await namesOf(later, '7.ts'), ['n7']);
      });
      assert.deepEqual(warm, []);
      assert.deepEqual(contents(root), before);
      await store.append('n7', [{ type: 'read_cache', set: { 'x.ts': entry(1) } }]);
      const changed = await openings(root, async () => {
        assert.deepEqual(await namesOf(later, 'x.ts'), ['n7']);
      });
      assert.deepEqual(changed, ['n7.json']);
      assert.deepEqual(await openings(root, () => later.readers('x.ts')), []);
    });

    it('are the same where that file is missing, damaged, of a later version, or of other sessions', async () => {
      await fill();
      const { another, file, read, write } = workspace();
      const first = another();
      await first.readers('all.ts');
      await first.close();
      const index = read('.cache/readers.jsonl');
      assert.match(index, /"all\.ts"/);
      fs.unlinkSync(file('n4.json'));
      write('n3.json', read('n3.json').replace('"3.ts"', '"three.ts"'));
      const damaged = [
        index,
        index.replace('"5.ts"', '"6.ts"'),
        index.replaceAll('"message":5', '"message":6'),
        index.slice(0, index.length / 2),
        index.slice(0, -1),
        index.replace('holdfast-readers/1', 'holdfast-readers/2'),
        `${index}tail`,
        index.replace(/ \d+ \[/, ' 999999999999 ['),
        'nonsense',
        '\0'.repeat(100),
        '',
        undefined,
      ];
      for (const text of damaged) {
        if (text === undefined) fs.unlinkSync(file('.cache/readers.jsonl'));
        else write('.cache/readers.jsonl', text);
        const reader = another();
        const all = await reader.readers('all.ts');
        assert.equal(all.length, many - 1);
        for (const found of all) assert.deepEqual(found.entry, entry(Number(found.name.slice(1))));
        assert.deepEqual(await namesOf(reader, '5.ts'), ['n5']);
        assert.deepEqual(await namesOf(reader, '3.ts'), []);
        assert.deepEqual(await namesOf(reader, 'three.ts'), ['n3']);
        assert.deepEqual(await namesOf(reader, '4.ts'), []);
      }
    });

    it('change no file but the derived one', async () => {
      await fill();
      const { another, root } = workspace();
      const before = contents(root);
      const reader = another();
      await reader.readers('all.ts');
      await reader.close();
      const after = new Map([...contents(root)].filter(([file]) => !file.includes('.cache')));
      assert.deepEqual(after, before);
    });

    it('are found by several at once, each writing the derived file', async () => {
      await fill();
      const { another, file } = workspace();
      const readers = [another(), another(), another()];
      const answers = await Promise.all(readers.flatMap((each) => [each.readers('all.ts'), each.readers('7.ts')]));
      assert.deepEqual(
        answers.map(({ length }) => length),
        [many, 1, many, 1, many, 1],
      );
      for (const each of readers) await each.close();
      assert.deepEqual(fs.readdirSync(file('.cache')), ['readers.jsonl']);
      assert.deepEqual(await namesOf(another(), '7.ts'), ['n7']);
    });
  });

  it('are those whose loaded session has it in its read-cache, whatever was appended', async () => {
    const keys = ['f', 'g', '__proto__'];
    const anyEvent = fc.oneof(
      fc.record({ type: fc.constant('message' as const), message: fc.nat(4).map((n) => message(`m${n}`)) }),
      fc.record({ type: fc.constant('cut' as const), keep: fc.nat(4) }),
      fc.record({ type: fc.constant('rewind' as const), after: fc.constantFrom('m0', 'm2', 'none', null) }),
      fc.record({
        type: fc.constant('read_cache' as const),
        set: fc.dictionary(fc.constantFrom('f', 'g'), fc.nat(4).map(entry), { maxKeys: 2 }),
        remove: fc.subarray(keys),
      }),
    );
    const { store } = workspace();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyEvent, { minLength: 1, maxLength: 3 }), { maxLength: 4 }),
        async (batches) => {
          const name = `run${++run}`;
          await store.save(name, session(['m0', 'm1', 'm2'], { read_cache: { f: entry(3) } }), undefined);
          for (const events of batches) {
            await store.append(name, events);
            const { read_cache = {} } = (await loaded(store, name)).body;
            for (const key of keys) {
              const found = (await store.readers(key)).find((each) => each.name === name);
              assert.deepEqual(found?.entry, Object.hasOwn(read_cache, key) ? read_cache[key] : undefined);
            }
          }
          await store.delete(name);
        },
      ),
      { numRuns: 40 },
    );
  });
});
