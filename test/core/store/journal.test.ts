import assert from 'node:assert/strict';
import fs from 'node:fs';
import fc from 'fast-check';
import { ids, message, session, useWorkspace } from './workspace.ts';

describe('a journal', function () {
  this.timeout(20_000);
  const workspace = useWorkspace();

  /** A session m1 whose journal holds m2 to m5. */
  async function withJournal(): Promise<Buffer> {
    const { store, file } = workspace();
    await store.save('a', session(['m1']), undefined);
    for (const id of ['m2', 'm3', 'm4', 'm5']) await store.append('a', [{ type: 'message', message: message(id) }]);
    return fs.readFileSync(file('a.journal.jsonl'));
  }

  it('starts with a header, and every line is JSON with a checksum', async () => {
    const lines = (await withJournal()).toString().trimEnd().split('\n');
    assert.equal(lines.length, 5);
    for (const line of lines) assert.match(line, /^\{"crc":"[0-9a-f]{8}",/);
    const { crc: _, ...header } = JSON.parse(lines[0] ?? '');
    assert.deepEqual(Object.keys(header), ['type', 'journal_id', 'session_id', 'base_revision']);
    assert.equal(header.session_id, 's-1');
  });

  it('cut at any byte, gives every whole event and says how many there were', async () => {
    const whole = await withJournal();
    const { another, write } = workspace();
    const ends = [...whole.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at);
    // Every byte of the last two lines, and some of the others.
    for (let cut = 0; cut < whole.length; cut += cut < whole.length - 180 ? 7 : 1) {
      write('a.journal.jsonl', whole.subarray(0, cut));
      const result = await another().load('a');
      if (result.kind !== 'loaded') throw new Error(`cut at ${cut}: ${result.kind}`);
      // A line whose line break alone is missing is whole.
      const events = ends.slice(1).filter((end) => end <= cut).length;
      assert.equal(result.session.history.length, 1 + events, `cut at ${cut}`);
      const isTorn = cut > 0 && !ends.includes(cut) && !ends.includes(cut - 1);
      assert.deepEqual(result.recovered, { events, of: events + (isTorn ? 1 : 0) }, `cut at ${cut}`);
      assert.equal(
        result.problems.some(({ code }) => code === 'torn-line'),
        isTorn,
        `cut at ${cut}`,
      );
    }
  });

  it('goes on after a torn tail without gluing to it', async () => {
    const whole = await withJournal();
    const { another, write } = workspace();
    write('a.journal.jsonl', whole.subarray(0, whole.length - 10));
    const store = another();
    await store.append('a', [{ type: 'message', message: message('m6') }]);
    assert.deepEqual(await ids(store, 'a'), ['m1', 'm2', 'm3', 'm4', 'm6']);
    assert.equal((await store.fold('a')).kind, 'saved');
    assert.deepEqual(await ids(store, 'a'), ['m1', 'm2', 'm3', 'm4', 'm6']);
  });

  const lines = (bytes: Buffer): string[] => bytes.toString('latin1').trimEnd().split('\n');
  const shapes: readonly (readonly [string, (all: string[]) => string, string[]])[] = [
    [
      'two records glued behind a torn one',
      ([h, a, b, c, d]) => `${h}\n${a}\n${b?.slice(0, 40)}${c}\n${d}\n`,
      ['m2', 'm4', 'm5'],
    ],
    ['a torn tail', ([h, a, b, c, d]) => `${h}\n${a}\n${b}\n${c}\n${d?.slice(0, 40)}`, ['m2', 'm3', 'm4']],
    ['a bad first line', ([h, a, b, c, d]) => `${h?.slice(5)}\n${a}\n${b}\n${c}\n${d}\n`, ['m2', 'm3', 'm4', 'm5']],
    [
      'a block of NULs in the middle',
      ([h, a, b, c, d]) => `${h}\n${a}\n${'\0'.repeat(512)}${c}\n${d}\n`.replace('b', b ? 'b' : ''),
      ['m2', 'm4', 'm5'],
    ],
    ['NULs at the end', ([h, a, b, c]) => `${h}\n${a}\n${b}\n${c}\n${'\0'.repeat(4096)}`, ['m2', 'm3', 'm4']],
    [
      'a part of a record and then another',
      ([h, a, b, c, d]) => `${h}\n${a}\n${b?.slice(0, 60)}\n${c}\n${d}\n`,
      ['m2', 'm4', 'm5'],
    ],
  ];
  for (const [what, damage, recovered] of shapes) {
    it(`with ${what} gives the rest, tells, and goes on`, async () => {
      const whole = await withJournal();
      const { another, write, files } = workspace();
      write('a.journal.jsonl', Buffer.from(damage(lines(whole)), 'latin1'));
      const store = another();
      const result = await store.load('a');
      if (result.kind !== 'loaded') throw new Error(result.kind);
      assert.deepEqual(
        result.session.history.map(({ id }) => id),
        ['m1', ...recovered],
      );
      assert.equal(result.recovered.events, recovered.length);
      assert.ok(result.recovered.of > recovered.length);
      assert.equal((await store.append('a', [{ type: 'message', message: message('m9') }])).kind, 'appended');
      assert.equal((await store.fold('a')).kind, 'saved');
      assert.deepEqual(await ids(store, 'a'), ['m1', ...recovered, 'm9']);
      // A journal with damage beyond a torn end is kept, under a name that nobody reads.
      const kept = files().filter((name) => name.startsWith('a.kept-'));
      assert.equal(kept.length, 1, files().join());
    });
  }

  it('damaged anywhere gives no event that was not written, and none twice', async () => {
    const whole = await withJournal();
    const { another, write } = workspace();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
        async (changes) => {
          const bytes = Buffer.from(whole);
          for (const [at, byte] of changes) bytes[at] = byte;
          write('a.journal.jsonl', bytes);
          const result = await another().load('a');
          if (result.kind !== 'loaded') throw new Error(result.kind);
          const expected = ['m1', 'm2', 'm3', 'm4', 'm5'].map((id) => JSON.stringify(message(id)));
          const found = result.session.history.map((each) => JSON.stringify(each));
          assert.deepEqual(
            found,
            expected.filter((each) => found.includes(each)),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('of another session is left alone, and told', async () => {
    const whole = await withJournal();
    const { another, write, read } = workspace();
    const store = another();
    await store.save('b', session(['m1'], { session_id: 's-2' }), undefined);
    write('b.journal.jsonl', whole);
    const result = await store.load('b');
    assert.deepEqual(result.kind === 'loaded' && result.problems, [{ code: 'missing-reference', detail: 's-1' }]);
    assert.deepEqual(await ids(store, 'b'), ['m1']);
    assert.equal((await store.append('b', [{ type: 'message', message: message('m2') }])).kind, 'exists');
    assert.equal(read('b.journal.jsonl'), whole.toString());
  });

  it('is folded by itself when it outgrows a share of the snapshot', async () => {
    const { store, file } = workspace();
    await store.save('a', session(['m1']), undefined);
    const big = 'x'.repeat(600_000);
    for (const id of ['m2', 'm3', 'm4']) await store.append('a', [{ type: 'message', message: message(id, big) }]);
    await store.close();
    assert.ok(fs.statSync(file('a.json')).size > 1_000_000);
    assert.deepEqual(await ids(store, 'a'), ['m1', 'm2', 'm3', 'm4']);
  });
});
