import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Follower, followTranscript, importTranscript } from '../../src/agents/index.ts';
import { applyEvents, type Message, openStore, type Session, type SessionEvent } from '../../src/core/index.ts';
import { messageOf, miniature, type Note, type Row } from './followAgents.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const random = () => '0123456789abcdef';

describe('the follower of rows', () => {
  const talk: readonly Note[] = [
    { id: 'm1', role: 'user', text: 'one' },
    { id: 'm2', role: 'assistant', text: 'two' },
    { id: 'm3', role: 'user', text: 'three' },
  ];
  let agent: ReturnType<typeof miniature>;
  let folder: string;
  let file: string;
  let rows: Row[];
  let session: Session;
  let follower: Follower | undefined;
  let store: ReturnType<typeof openStore>;
  let told: SessionEvent[];

  beforeEach(async () => {
    agent = miniature('rows');
    folder = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-follow-')));
    file = join(folder, 'all.db');
    store = openStore({ folder, now: () => NOW, random });
    rows = [];
    told = [];
  });
  afterEach(async () => {
    await follower?.close();
    await store.close();
    await rm(folder, { recursive: true });
  });

  async function add(...fresh: readonly Omit<Row, 'number'>[]): Promise<void> {
    for (const row of fresh) rows.push({ ...row, number: rows.length + 1 });
    await writeFile(file, JSON.stringify(rows));
  }
  async function begin(notes: readonly Note[]): Promise<void> {
    await add(...notes.map((note) => ({ note })));
    const outcome = await importTranscript(`${file}#n-1`, { agent, folder, store, now: () => NOW, random });
    if (outcome.kind !== 'imported') throw new Error(outcome.kind);
    session = outcome.session;
    follower = await follow(outcome);
  }
  function follow(from: Parameters<typeof followTranscript>[0]['from']): Promise<Follower> {
    return followTranscript({
      agent,
      transcript: `${file}#n-1`,
      folder,
      sessionId: session.body.session_id,
      from,
      now: () => NOW,
      store,
      async onEvents(events: readonly SessionEvent[]) {
        told.push(...events);
        session = applyEvents(session, events);
      },
    });
  }
  const poll = async () => (await follower?.poll())?.kind;

  it('tells what was added, and reads only that', async () => {
    await begin(talk.slice(0, 2));
    assert.equal(await poll(), 'same');
    const before = agent.rowsRead();
    await add({ note: talk[2] as Note });
    assert.equal(await poll(), 'grown');
    assert.equal(agent.rowsRead(), before + 1);
    assert.equal(await poll(), 'same');
    assert.equal(agent.rowsRead(), before + 1);
    assert.deepEqual(session.history, talk.map(messageOf));
  });

  it('tells a row that was written again, in its place', async () => {
    await begin(talk);
    const more: Note = { id: 'm2', role: 'assistant', text: 'two and a half' };
    await add({ note: more });
    await poll();
    assert.deepEqual(
      session.history,
      [talk[0], more, talk[2]].map((note) => messageOf(note as Note)),
    );
  });

  it('keeps a copy of what was taken back', async () => {
    await begin(talk);
    const id = session.body.session_id;
    await add({ back: 'm1' });
    await poll();
    assert.deepEqual(session.history, talk.slice(0, 1).map(messageOf));
    const raw = join(store.root, 'raw');
    assert.deepEqual((await readdir(raw)).sort(), [`${id}.2.json`, `${id}.json`]);
    assert.equal(JSON.parse(await readFile(join(raw, `${id}.json`), 'utf8')).messages.length, 3);
  });

  it('goes on after a restart with what came meanwhile', async () => {
    await begin(talk.slice(0, 2));
    await follower?.close();
    await add({ note: talk[2] as Note });
    const { history } = session;
    async function* held(): AsyncGenerator<Message> {
      yield* history;
    }
    follower = await follow({ held });
    assert.equal(await poll(), 'grown');
    assert.equal(told.filter(({ type }) => type === 'message').length, 1);
    await add({ note: { id: 'm4', role: 'assistant', text: 'four' } });
    await poll();
    assert.equal(told.filter(({ type }) => type === 'message').length, 2);
    assert.equal(session.history.length, 4);
  });

  it('loses nothing where the rows are gone', async () => {
    await begin(talk);
    await rm(file);
    assert.equal(await poll(), 'missing');
    assert.deepEqual([told, session.history.length], [[], 3]);
    await add({ note: { id: 'm4', role: 'assistant', text: 'four' } });
    assert.equal(await poll(), 'grown');
    assert.equal(session.history.length, 4);
  });

  it('goes on in a database that has taken the place of the one before, and loses nothing to a backup', async () => {
    await begin(talk);
    const four: Note = { id: 'm4', role: 'assistant', text: 'four' };
    const put = async (notes: readonly Note[]) => {
      const other = join(folder, 'other.db');
      await writeFile(other, JSON.stringify(notes.map((note, index) => ({ note, number: index + 1 }))));
      await rename(other, file);
    };
    await put([...talk, four]);
    assert.equal(await poll(), 'grown');
    assert.deepEqual(session.history, [...talk, four].map(messageOf));
    assert.equal(told.filter(({ type }) => type === 'message').length, 1);
    const back = [...talk.slice(0, 1), { id: 'm9', role: 'assistant' as const, text: 'after the backup' }];
    await put(back);
    assert.equal(await poll(), 'replaced');
    assert.deepEqual(session.history, [...talk, four].map(messageOf));
  });

  it('says of another conversation that it is one', async () => {
    await begin(talk);
    await follower?.close();
    async function* held(): AsyncGenerator<Message> {
      for (const { id } of talk) yield messageOf({ id, role: 'user', text: `other ${id}` });
    }
    follower = await follow({ held });
    assert.equal(await poll(), 'replaced');
    assert.deepEqual(told, []);
  });
});
