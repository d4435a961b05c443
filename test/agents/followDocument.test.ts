import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Follower, followTranscript, importTranscript } from '../../src/agents/index.ts';
import { applyEvents, type Message, openStore, type Session, type SessionEvent } from '../../src/core/index.ts';
import { documentOf, messageOf, miniature, type Note } from './followAgents.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const random = () => '0123456789abcdef';
const agent = miniature('document');
const ask = (id: string, text: string): Note => ({ id, role: 'user', text });
const say = (id: string, text: string): Note => ({ id, role: 'assistant', text });

describe('the follower of a transcript that is rewritten as a whole', () => {
  let folder: string;
  let file: string;
  let session: Session;
  let follower: Follower;
  let store: ReturnType<typeof openStore>;
  let told: SessionEvent[];
  const talk = [ask('m1', 'one'), say('m2', 'two'), ask('m3', 'three'), say('m4', 'four')];

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-follow-')));
    file = join(folder, 'task.json');
    store = openStore({ folder, now: () => NOW, random });
    told = [];
  });
  afterEach(async () => {
    await follower.close();
    await store.close();
    await rm(folder, { recursive: true });
  });

  async function begin(notes: readonly Note[]): Promise<void> {
    await write(notes);
    const outcome = await importTranscript(file, { agent, folder, store, now: () => NOW, random });
    if (outcome.kind !== 'imported') throw new Error(outcome.kind);
    session = outcome.session;
    follower = await follow(outcome);
  }
  function follow(from: Parameters<typeof followTranscript>[0]['from']): Promise<Follower> {
    const { raw } = session.body.source ?? {};
    return followTranscript({
      agent,
      transcript: file,
      folder,
      sessionId: session.body.session_id,
      from,
      ...(raw === undefined ? {} : { raw }),
      now: Date.now,
      store,
      async onEvents(events: readonly SessionEvent[]) {
        told.push(...events);
        session = applyEvents(session, events);
      },
    });
  }
  /** As after a restart: only what was saved is known. */
  async function begunAgain(): Promise<void> {
    await follower.close();
    const { history } = session;
    told = [];
    async function* held(): AsyncGenerator<Message> {
      // The store may give fields in another order.
      for (const { id, ...rest } of history) yield { ...rest, id };
    }
    follower = await follow({ held });
  }
  const write = (notes: readonly Note[], id?: string) => writeFile(file, documentOf(notes, id));
  const messages = () => told.flatMap((event) => (event.type === 'message' ? [event.message.id] : []));
  const mirror = async (name: string) => JSON.parse(await readFile(join(store.root, 'raw', name), 'utf8'));

  it('tells what was added, and nothing where nothing was', async () => {
    await begin(talk.slice(0, 2));
    assert.equal((await follower.poll()).kind, 'same');
    assert.equal((await follower.poll()).kind, 'same');
    await write(talk);
    assert.equal((await follower.poll()).kind, 'grown');
    assert.deepEqual(messages(), ['m3', 'm4']);
    assert.deepEqual(session.history, talk.map(messageOf));
    assert.equal((await follower.poll()).kind, 'same');
  });

  it('reads a file that does not change no more often where its time lies in the future', async () => {
    let read = 0;
    const reader: typeof agent.reader = (options) => {
      read += 1;
      return agent.reader(options);
    };
    await begin(talk);
    const outcome = await importTranscript(file, { agent, folder, now: () => NOW, random });
    assert.ok(outcome.kind === 'imported');
    await follower.close();
    follower = await followTranscript({
      agent: { ...agent, reader },
      transcript: file,
      folder,
      sessionId: session.body.session_id,
      from: outcome,
      // As where the clock was set back since.
      now: () => Date.now() - 3_600_000,
      onEvents: async () => undefined,
    });
    const began = performance.now();
    while (performance.now() - began < 200) await follower.poll();
    const before = read;
    assert.ok(before > 0);
    for (let look = 0; look < 20; look += 1) assert.equal((await follower.poll()).kind, 'same');
    assert.equal(read, before);
  });

  it('tells a message that goes on under its id, in its place', async () => {
    await begin(talk.slice(0, 2));
    await write([talk[0] as Note, say('m2', 'two and a half')]);
    await follower.poll();
    assert.deepEqual(messages(), ['m2']);
    assert.deepEqual(session.history, [talk[0] as Note, say('m2', 'two and a half')].map(messageOf));
  });

  it('tells a rewind, and keeps a copy of what was taken back', async () => {
    await begin(talk);
    const instead = [...talk.slice(0, 2), ask('m5', 'instead')];
    await write(instead);
    await follower.poll();
    assert.deepEqual(told[0], { type: 'rewind', after: 'm2' });
    assert.deepEqual(session.history, instead.map(messageOf));
    const id = session.body.session_id;
    assert.equal((await mirror(`${id}.json`)).messages.length, 4);
    assert.equal((await mirror(`${id}.2.json`)).messages.length, 3);
    assert.equal(session.body.source?.raw?.file, `raw/${id}.2.json`);
  });

  it('keeps one mirror, as long as the transcript, however many turns there are', async () => {
    await begin(talk.slice(0, 1));
    const notes = [...talk.slice(0, 1)];
    for (let turn = 2; turn < 12; turn += 1) {
      notes.push(say(`m${turn}`, 'x'));
      await write(notes);
      await follower.poll();
    }
    const id = session.body.session_id;
    // A copy that took long is not made again at once.
    while (session.body.source?.raw?.bytes !== documentOf(notes).length) {
      await new Promise((resolve) => setImmediate(resolve));
      await follower.poll();
    }
    assert.deepEqual(await readdir(join(store.root, 'raw')), [`${id}.json`]);
    assert.equal(await readFile(join(store.root, 'raw', `${id}.json`), 'utf8'), documentOf(notes));
  });

  it('waits for the rest of a file that is half written, and takes nothing back', async () => {
    await begin(talk.slice(0, 3));
    const whole = documentOf(talk);
    for (const end of [0, 1, 40, whole.length - 1]) {
      await writeFile(file, whole.slice(0, end));
      const outcome = await follower.poll();
      assert.equal(outcome.kind, 'same', `${end} bytes`);
    }
    assert.deepEqual(told, []);
    assert.equal((await mirror(`${session.body.session_id}.json`)).messages.length, 3);
    await writeFile(file, whole);
    await follower.poll();
    assert.deepEqual(session.history, talk.map(messageOf));
  });

  it('loses nothing where the transcript is gone, or empty, and goes on when it is back', async () => {
    await begin(talk.slice(0, 3));
    await rm(file);
    assert.deepEqual(await follower.poll(), { kind: 'missing' });
    await write([]);
    assert.deepEqual(await follower.poll(), { kind: 'missing' });
    assert.deepEqual(told, []);
    assert.equal((await mirror(`${session.body.session_id}.json`)).messages.length, 3);
    await write(talk);
    assert.equal((await follower.poll()).kind, 'grown');
    assert.deepEqual(session.history, talk.map(messageOf));
  });

  it('writes nothing of another conversation over the session', async () => {
    await begin(talk);
    await write([ask('x1', 'other')]);
    assert.deepEqual(await follower.poll(), { kind: 'replaced' });
    await write(talk);
    assert.deepEqual(await follower.poll(), { kind: 'replaced' });
    assert.deepEqual([told, session.history], [[], talk.map(messageOf)]);
  });

  it('writes nothing of another conversation whose messages have the same ids', async () => {
    await begin(talk);
    await write(talk.map((note) => ({ ...note, text: `other ${note.id}` })));
    assert.deepEqual(await follower.poll(), { kind: 'replaced' });
    await begin(talk);
    await write(talk, 'n-2');
    assert.deepEqual(await follower.poll(), { kind: 'replaced' });
    assert.deepEqual(told, []);
  });

  it('tells a file that was read once, not with every rewrite', async () => {
    const path = join(folder, 'a.js');
    await writeFile(path, 'a\n');
    const read: Note = { id: 'm2', role: 'assistant', text: 'reading', touch: { path, text: 'a\n' } };
    await begin([talk[0] as Note, read]);
    assert.deepEqual(Object.keys(session.body.read_cache ?? {}), ['a.js']);
    await write([talk[0] as Note, read, ask('m3', 'more')]);
    await follower.poll();
    assert.equal(
      told.some(({ type }) => type === 'read_cache'),
      false,
    );
    const again: Note = { id: 'm4', role: 'assistant', text: 'again', touch: { path, text: 'a\n' } };
    await write([talk[0] as Note, read, ask('m3', 'more'), again]);
    await follower.poll();
    assert.equal(session.body.read_cache?.['a.js']?.message, 4);
    await write([talk[0] as Note, read, ask('m3', 'more')]);
    await follower.poll();
    assert.equal(session.body.read_cache?.['a.js']?.message, 2);
  });

  it('goes on after a restart with what came meanwhile, and tells nothing twice', async () => {
    const path = join(folder, 'a.js');
    await writeFile(path, 'a\n');
    const read: Note = { id: 'm2', role: 'assistant', text: 'reading', calls: ['c1'], touch: { path, text: 'a\n' } };
    const result: Note = { id: 'm3', role: 'tool', text: 'a', calls: ['c1'] };
    await begin([talk[0] as Note, { ...read, touch: { path, text: 'a\n' } }]);
    await write([talk[0] as Note, read, result, ask('m4', 'more')]);
    await begunAgain();
    await follower.poll();
    assert.deepEqual(messages(), ['m3', 'm4']);
    // The call had no result when the session was saved: what it read is told now.
    assert.equal(told.filter(({ type }) => type === 'read_cache').length, 1);
    await begunAgain();
    await follower.poll();
    assert.deepEqual(messages(), []);
    assert.equal(
      told.some(({ type }) => type === 'read_cache'),
      false,
    );
  });

  it('takes nothing back after a restart: the saved session may be the only copy', async () => {
    await begin(talk);
    await write(talk.slice(0, 2));
    await begunAgain();
    assert.deepEqual(await follower.poll(), { kind: 'replaced' });
    assert.deepEqual(session.history, talk.map(messageOf));
    assert.equal((await mirror(`${session.body.session_id}.json`)).messages.length, 4);
  });

  it('knows its messages again under other ids, as an agent gives a session that it is handed', async () => {
    await begin(talk);
    await write([...talk, ask('m5', 'five')].map((note) => ({ ...note, id: `new-${note.id}` })));
    await begunAgain();
    await follower.poll();
    assert.deepEqual(
      session.history.map(({ id }) => id),
      ['m1', 'm2', 'm3', 'm4', 'new-m5'],
    );
  });

  it('finds big outputs again that lie in files of their own', async () => {
    const result: Note = { id: 'm2', role: 'tool', text: 'x'.repeat(100_000), calls: ['c1'] };
    await begin([talk[0] as Note, result]);
    await begunAgain();
    await follower.poll();
    assert.deepEqual(messages(), []);
  });

  it('is imported anew without losing the copy of what was taken back', async () => {
    await begin(talk);
    await follower.close();
    const { session_id: sessionId } = session.body;
    for (const notes of [[...talk, ask('m5', 'five')], talk.slice(0, 2)]) {
      await write(notes);
      const outcome = await importTranscript(file, { agent, folder, store, sessionId, now: () => NOW, random });
      assert.equal(outcome.kind, 'imported');
    }
    assert.equal((await mirror(`${sessionId}.json`)).messages.length, 5);
    assert.equal((await mirror(`${sessionId}.2.json`)).messages.length, 2);
  });

  it('ends with the last document, whatever sequence of rewrites there was', async () => {
    const note = fc.record({ id: fc.integer({ min: 2, max: 7 }), text: fc.constantFrom('a', 'ab', 'b', '') });
    const version = fc.record({
      notes: fc.uniqueArray(note, { selector: ({ id }) => id, maxLength: 6 }),
      cut: fc.option(fc.nat(60), { freq: 4 }),
      again: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(version, { minLength: 1, maxLength: 6 }), async (versions) => {
        await begin([ask('m1', 'one')]);
        const started = session.body.session_id;
        let last: readonly Note[] = [ask('m1', 'one')];
        for (const { notes, cut, again } of versions) {
          const next = [ask('m1', 'one'), ...notes.map(({ id, text }) => say(`m${id}`, text))];
          const text = documentOf(next);
          await writeFile(file, cut === null ? text : text.slice(0, Math.min(cut, text.length - 1)));
          assert.notEqual((await follower.poll()).kind, 'replaced');
          if (cut === null) last = next;
          if (!again || cut !== null) continue;
          await begunAgain();
          await follower.poll();
        }
        assert.deepEqual(session.history, last.map(messageOf));
        assert.equal(session.body.message_count, last.length);
        assert.equal(session.body.session_id, started);
        await follower.close();
        await rm(store.root, { recursive: true });
      }),
      { numRuns: 40 },
    );
  });
});
