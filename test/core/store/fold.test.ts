import assert from 'node:assert/strict';
import fs from 'node:fs';
import fc from 'fast-check';
import { applyEvents, type Session, type SessionEvent } from '../../../src/core/index.ts';
import { anyBatches, anyEvent, anyHistory } from './arbitraries.ts';
import { contents, loaded, message, session, useWorkspace } from './workspace.ts';

/** What a fold must not change, as text: comparing texts sees lone surrogates and the order of keys. */
function essence({ body, history }: Session): string {
  const {
    revision: _,
    saved_at: __,
    folded_journals: ___,
    metadata: ____,
    schema: _____,
    name: ______,
    ...rest
  } = body;
  return JSON.stringify([byKey(rest), history.map(({ id, ...more }) => [id, byKey(more)])]);
}

function byKey(value: object): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

describe('folding', function () {
  this.timeout(20_000);
  const workspace = useWorkspace();
  const body = { state: 'active', read_cache: { 'b.ts': { message: 2 } }, unknown: ['kept'] };

  it('gives on disk what the events give in memory, before and after, in our layout and in others', async () => {
    const { store, write, read } = workspace();
    let number = 0;
    await fc.assert(
      fc.asyncProperty(anyHistory, anyBatches, fc.boolean(), async (history, batches, foreign) => {
        const name = `n${++number}`;
        const start: Session = { ...session([], { ...body, session_id: name }), history };
        await store.save(name, start, undefined);
        if (foreign) write(`${name}.json`, JSON.stringify(JSON.parse(read(`${name}.json`)), null, 2));
        const expected = essence(applyEvents(await loaded(store, name), batches.flat()));
        for (const batch of batches) assert.equal((await store.append(name, batch)).kind, 'appended');
        assert.equal(essence(await loaded(store, name)), expected);
        assert.equal((await store.fold(name)).kind, 'saved');
        assert.equal(fs.existsSync(workspace().file(`${name}.journal.jsonl`)), false);
        const folded = await loaded(store, name);
        assert.equal(essence(folded), expected);
        assert.equal(JSON.parse(read(`${name}.json`)).message_count, folded.history.length);
      }),
      { numRuns: 30 },
    );
  });

  it('forks any session at any message, whole from the first moment, and leaves the parent alone', async () => {
    const { store, file } = workspace();
    let number = 0;
    await fc.assert(
      fc.asyncProperty(anyHistory, fc.array(anyEvent, { maxLength: 6 }), fc.nat(10), async (history, events, at) => {
        const [name, fork] = [`n${++number}`, `f${number}`];
        await store.save(name, { ...session([], { ...body, session_id: name }), history }, undefined);
        await store.append(name, events);
        const parent = await loaded(store, name);
        const bytes = fs.readFileSync(file(`${name}.json`), 'latin1');
        const outcome = await store.fork(name, { name: fork, messages: at });
        if (at > parent.history.length) {
          assert.deepEqual(outcome, { kind: 'no-such-message', messages: parent.history.length });
          return;
        }
        if (outcome.kind !== 'forked') throw new Error(outcome.kind);
        const early = await loaded(store, fork);
        await outcome.settled;
        const late = await loaded(store, fork);
        for (const each of [early, late]) {
          assert.equal(
            JSON.stringify(each.history.map(({ content }) => content)),
            JSON.stringify(parent.history.slice(0, at).map(({ content }) => content)),
          );
          assert.equal(each.body.session_id, outcome.sessionId);
          assert.deepEqual(each.body.parent, { session_id: name, message: at });
          if (at === parent.history.length) continue;
          assert.ok(Object.values(each.body.read_cache ?? {}).every((entry) => (entry.message ?? 0) <= at));
          assert.ok((each.body.checkpoints ?? []).every((checkpoint) => checkpoint.message <= at));
        }
        assert.notEqual(fs.statSync(file(`${fork}.json`)).ino, fs.statSync(file(`${name}.json`)).ino);
        assert.equal(fs.readFileSync(file(`${name}.json`), 'latin1'), bytes);
      }),
      { numRuns: 20 },
    );
  });

  it('copies old lines as bytes', async () => {
    const { store, read, write } = workspace();
    await store.save('a', session(['m1', 'm2', 'm3']), undefined);
    // Spaces inside a line would be gone if it were parsed and written again.
    write(
      'a.json',
      read('a.json').replace('{"id":"m2","role"', '{"id":"m2",  "role"').replace('"text of m3"', '"\\u0074ext"'),
    );
    await store.append('a', [
      { type: 'message', message: message('m1', 'new') },
      { type: 'message', message: message('m4') },
    ]);
    await store.fold('a');
    assert.deepEqual(read('a.json').split('\n').slice(-6), [
      '{"id":"m1","role":"user","content":"new"},',
      '{"id":"m2",  "role":"user","content":"text of m2"},',
      '{"id":"m3","role":"user","content":"\\u0074ext"},',
      '{"id":"m4","role":"user","content":"text of m4"}',
      ']}',
      '',
    ]);
  });

  it('goes on over lines and ids of any length', async () => {
    const { store } = workspace();
    const long = 'x'.repeat(3 << 20);
    const history = [
      message('m1', long),
      message('m2'),
      message('m'.repeat(70_000)),
      message('m3', long),
      message('m4'),
    ];
    await store.save('a', { ...session([]), history }, undefined);
    const events: SessionEvent[] = [
      { type: 'message', message: message('m3', 'short') },
      { type: 'message', message: message('m1', `${long}!`) },
    ];
    await store.append('a', events);
    const expected = essence(applyEvents(await loaded(store, 'a'), []));
    await store.fold('a');
    const after = await loaded(store, 'a');
    assert.equal(essence(after), expected);
    assert.equal(after.history[3]?.content, 'short');
  });

  it('does nothing without a journal', async () => {
    const { store, root } = workspace();
    await store.save('a', session(['m1']), undefined);
    const before = contents(root);
    assert.deepEqual(await store.fold('a'), { kind: 'saved', revision: 1, file: workspace().file('a.json') });
    assert.deepEqual(await store.fold('a', 7), { kind: 'conflict', theirs: 1 });
    assert.deepEqual(contents(root), before);
  });

  it('finishes a fold that was cut off at any step, and applies nothing twice', async () => {
    const { store, file, another } = workspace();
    const events: SessionEvent[] = [
      { type: 'rewind', after: 'm1' },
      { type: 'message', message: message('m3') },
    ];
    for (const step of ['set aside', 'written'] as const) {
      const name = step.replace(' ', '-');
      await store.save(name, session(['m1', 'm2'], { session_id: name }), undefined);
      await store.append(name, events);
      const journal = fs.readFileSync(file(`${name}.journal.jsonl`));
      if (step === 'written') await store.fold(name);
      else fs.unlinkSync(file(`${name}.journal.jsonl`));
      fs.writeFileSync(file(`${name}.folding.jsonl`), journal);
      const other = another();
      await other.append(name, [{ type: 'message', message: message('m4') }]);
      for (let round = 0; round < 2; round++) {
        assert.deepEqual(
          (await loaded(other, name)).history.map(({ id }) => id),
          ['m1', 'm3', 'm4'],
          step,
        );
        assert.equal((await other.fold(name)).kind, 'saved');
        assert.equal(fs.existsSync(file(`${name}.folding.jsonl`)), false);
      }
    }
  });

  it('appends again what reached a journal after it was folded', async () => {
    const { store, another, file } = workspace();
    await store.save('a', session(['m1']), undefined);
    await store.append('a', [{ type: 'message', message: message('m2') }]);
    const other = another();
    // The other process folds between this one's write and its look at the file.
    const { write } = fs;
    const racing = (
      fd: number,
      bytes: Buffer,
      from: number,
      length: number,
      at: null,
      done: (...all: unknown[]) => void,
    ) => {
      Object.assign(fs, { write });
      other.fold('a').then(() => write(fd, bytes, from, length, at, done), done);
    };
    Object.assign(fs, { write: racing });
    const outcome = await store.append('a', [{ type: 'message', message: message('m3') }]);
    assert.equal(outcome.kind, 'appended');
    assert.deepEqual(
      (await loaded(other, 'a')).history.map(({ id }) => id),
      ['m1', 'm2', 'm3'],
    );
    assert.equal(fs.existsSync(file('a.journal.jsonl')), true);
  });
});
