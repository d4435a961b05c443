import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TranscriptReader } from '../../../src/agents/agent.ts';
import { importTranscript, type ReadPosition, readRecords } from '../../../src/agents/index.ts';
import { opencode } from '../../../src/agents/opencode/index.ts';
import { QUERIES } from '../../../src/agents/opencode/sessionRows.ts';
import { fold, outline } from '../support/transcripts.ts';
import { answer, asked, called, done, openStore, SES, START, type Store, said } from './store.ts';

describe('the database of opencode', () => {
  let folder: string;
  let file: string;
  let store: Store | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-opencode-'));
    file = join(folder, '.local/share/opencode/opencode.db');
  });
  afterEach(async () => {
    store?.close();
    store = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  const where = () => ({ home: folder, env: {} });
  async function filled(): Promise<Store> {
    store = await openStore(file);
    store.session(folder);
    store.message('msg_1', 1, asked(1));
    store.part('prt_1', 'msg_1', 1, said('Look'));
    store.message('msg_2', 2, answer(2));
    store.part('prt_2', 'msg_2', 2, called('c1', 'read', { filePath: 'a.ts' }, { status: 'running' }));
    return store;
  }
  function closeStore(): void {
    store?.close();
    store = undefined;
  }
  const importIt = (transcript: string) =>
    importTranscript(transcript, { folder, agent: opencode, now: () => START, random: () => '0123456789abcdef' });

  /** A reader that goes on from where it was, and what each look brought. */
  function follower(transcript: string) {
    const reader = opencode.reader({ transcript });
    let position: ReadPosition | undefined;
    return {
      reader,
      async look(): Promise<readonly string[]> {
        const told: string[] = [];
        const tee: TranscriptReader = {
          ...reader,
          push(text, at) {
            told.push(`${at.key} ${JSON.parse(text).id}`);
            reader.push(text, at);
          },
        };
        const read = await readRecords(opencode, transcript, tee, position === undefined ? {} : { from: position });
        position = read?.position;
        return told;
      },
    };
  }

  it('tells what is new, and what changed in place, and nothing else but the last change again', async () => {
    const { transcript } = await filled();
    const { reader, look } = follower(transcript);
    assert.deepEqual(await look(), [`session ${SES}`, 'message msg_1', 'part prt_1', 'message msg_2', 'part prt_2']);
    const before = fold(reader.takeEvents());
    assert.equal(outline(before), 'user(Look) assistant(read#c1)');
    assert.deepEqual(await look(), ['message msg_2', 'part prt_2']);
    assert.deepEqual(reader.takeEvents(), []);
    store?.part('prt_2', 'msg_2', 5, called('c1', 'read', { filePath: 'a.ts' }, done('1: x')));
    store?.message('msg_3', 5, answer(5));
    store?.part('prt_3', 'msg_3', 5, said('Done'));
    assert.deepEqual(await look(), ['message msg_2', 'part prt_2', 'message msg_3', 'part prt_3']);
    const events = reader.takeEvents();
    assert.deepEqual(
      events.map((event) => event.type),
      ['message', 'message'],
    );
    assert.equal(outline(reader.messages()), 'user(Look) assistant(read#c1) tool(#c1) assistant(Done)');
  });

  it('misses no change within one millisecond, nor one that a clock set back has dated before', async () => {
    const { transcript } = await filled();
    const { reader, look } = follower(transcript);
    await look();
    store?.part('prt_2a', 'msg_2', 2, said('Same time'));
    await look();
    assert.match(outline(reader.messages()), /Same time/);
    store?.part('prt_2a', 'msg_2', -60_000, said('Earlier time'));
    assert.deepEqual((await look()).includes('part prt_2a'), true);
    assert.match(outline(reader.messages()), /Earlier time/);
  });

  it('goes on with the last messages only, however long the session is', async () => {
    const { transcript } = await filled();
    for (let n = 100; n < 500; n += 1) {
      store?.message(`msg_${n}`, n, answer(n));
      store?.part(`prt_${n}`, `msg_${n}`, n, said(`answer ${n}`));
    }
    const { reader, look } = follower(transcript);
    assert.equal((await look()).length, 5 + 800);
    assert.equal(reader.messages().length, 402);
    store?.message('msg_900', 900, asked(900));
    store?.part('prt_900', 'msg_900', 900, said('More'));
    assert.deepEqual(await look(), ['message msg_499', 'part prt_499', 'message msg_900', 'part prt_900']);
  });

  it('finds rows by indexes: no look reads a whole table, in the tables of 1.18 and of 1.2', async () => {
    const { database } = await filled();
    const plans = (): readonly string[] =>
      Object.values(QUERIES).flatMap((sql) => {
        const values = new Array<number>((sql.match(/\?/g) ?? []).length).fill(0);
        return database
          .prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all(...values)
          .map((row) => String(row['detail']));
      });
    assert.deepEqual(
      plans().filter((detail) => /SCAN|TEMP B-TREE/.test(detail)),
      [],
    );
    database.exec(`DROP INDEX message_session_time_created_id_idx; DROP INDEX part_message_id_id_idx;
      CREATE INDEX message_session_idx ON message (session_id); CREATE INDEX part_message_idx ON part (message_id)`);
    assert.deepEqual(
      plans().filter((detail) => detail.includes('SCAN')),
      [],
    );
  });

  it('hides what a revert hides, shows it again, and forgets it when the agent has removed it', async () => {
    const { transcript, database } = await filled();
    store?.message('msg_3', 3, asked(3));
    store?.part('prt_3', 'msg_3', 3, said('Wrong way'));
    store?.message('msg_4', 4, answer(4));
    store?.part('prt_4', 'msg_4', 4, said('There'));
    const { reader, look } = follower(transcript);
    await look();
    reader.takeEvents();
    const all = 'user(Look) assistant(read#c1) user(Wrong way) assistant(There)';
    assert.equal(outline(reader.messages()), all);
    store?.session(folder, { revert: JSON.stringify({ messageID: 'msg_3' }), time_updated: START + 5 });
    await look();
    assert.deepEqual(reader.takeEvents(), [{ type: 'rewind', after: 'msg_2' }]);
    store?.session(folder, { revert: null, time_updated: START + 6 });
    await look();
    assert.equal(outline(reader.messages()), all);
    store?.session(folder, {
      revert: JSON.stringify({ messageID: 'msg_4', partID: 'prt_4' }),
      time_updated: START + 7,
    });
    await look();
    assert.equal(outline(reader.messages()), 'user(Look) assistant(read#c1) user(Wrong way)');
    store?.session(folder, { revert: JSON.stringify({ messageID: 'msg_3' }), time_updated: START + 8 });
    await look();
    database.exec(
      "DELETE FROM part WHERE message_id IN ('msg_3', 'msg_4'); DELETE FROM message WHERE id IN ('msg_3', 'msg_4')",
    );
    store?.session(folder, { revert: null, time_updated: START + 9 });
    store?.message('msg_5', 9, asked(9));
    store?.part('prt_5', 'msg_5', 9, said('Another way'));
    await look();
    assert.equal(outline(reader.messages()), 'user(Look) assistant(read#c1) user(Another way)');
    const fresh = await importIt(transcript);
    assert.ok(fresh.kind === 'imported');
    assert.deepEqual(fresh.session.history, reader.messages());
  });

  it('makes nothing beside a database that nobody has open', async () => {
    await filled();
    closeStore();
    assert.deepEqual(await readdir(join(file, '..')), ['opencode.db']);
    assert.equal((await opencode.find(where(), folder)).length, 1);
    assert.equal((await importIt(`${file}#${SES}`)).kind, 'imported');
    assert.deepEqual(await readdir(join(file, '..')), ['opencode.db']);
  });

  it('reads while the agent writes, sees what was committed, and holds nobody up', async () => {
    const { transcript, database } = await filled();
    for (let n = 100; n < 700; n += 1) store?.message(`msg_${n}`, n, answer(n));
    database.exec('BEGIN IMMEDIATE');
    store?.message('msg_900', 900, asked(900));
    const layout = opencode.layout(transcript);
    assert.ok(layout.kind === 'rows');
    const batches = layout.rows(undefined)[Symbol.asyncIterator]();
    assert.equal((await batches.next()).done, false);
    // In the middle of our reading: the agent commits, and folds its log into the database.
    database.exec('COMMIT');
    assert.deepEqual(
      { ...database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() },
      { busy: 0, log: 0, checkpointed: 0 },
    );
    const told: string[] = [];
    for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
      told.push(...next.value.records.map(({ text }) => JSON.parse(text).id));
    }
    assert.ok(told.includes('msg_699'));
  });

  it('never looks into other tables, whatever they hold', async () => {
    const { transcript } = await filled();
    assert.equal((await opencode.find(where(), folder)).length, 1);
    assert.equal((await importIt(transcript)).kind, 'imported');
    const layout = opencode.layout(transcript);
    assert.ok(layout.kind === 'rows');
    let text = '';
    for await (const piece of layout.document()) text += piece;
    store?.session(folder, { share_url: 'https://example.invalid/s/secret', time_updated: START + 1 });
    assert.doesNotMatch(text, /secret/);
    assert.equal(JSON.parse(text).messages.length, 2);
  });

  it('is unreadable where it is none, is cut off, or lacks its tables, and throws nothing', async () => {
    await filled();
    closeStore();
    const unreadable = async (path: string): Promise<void> => {
      assert.equal((await importIt(`${path}#${SES}`)).kind, 'unreadable', path);
    };
    const other = join(folder, 'other.db');
    await unreadable(other);
    await writeFile(other, 'no database at all');
    await unreadable(other);
    await writeFile(other, '');
    await unreadable(other);
    await rm(other);
    const empty = new DatabaseSync(other);
    empty.exec('CREATE TABLE session (id text, directory text)');
    empty.close();
    await unreadable(other);
    await truncate(file, 5000);
    await unreadable(file);
    assert.deepEqual(await opencode.find(where(), folder), []);
    assert.equal(await opencode.native?.transcriptOf(where(), SES).catch((error) => error.code), 'EIO');
  });

  it('is unreadable while another has it to himself, and no longer', async () => {
    const { database, transcript } = await filled();
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    store?.message('msg_8', 8, asked(8));
    assert.equal((await importIt(transcript)).kind, 'unreadable');
    database.exec('COMMIT');
    assert.equal((await importIt(transcript)).kind, 'imported');
  }).timeout(20_000);

  it('tells rows that are no JSON, and reads all others: huge ones, and those that name prototypes', async () => {
    const { transcript, database } = await filled();
    store?.part('prt_3', 'msg_2', 3, '{"type":"text","text":"torn');
    store?.part('prt_4', 'msg_2', 3, '[1]');
    store?.part('prt_5', 'msg_2', 3, '{"type":"__proto__","__proto__":{"polluted":true},"constructor":1}');
    store?.part('prt_6', 'msg_2', 3, said('x'.repeat(3_000_000)));
    store?.message('__proto__', 3, asked(3));
    store?.part('constructor', '__proto__', 3, said('Named so'));
    database.exec("INSERT INTO part VALUES ('prt_7', 'msg_2', '', 3, 3, x'00ff')");
    const read = await importIt(transcript);
    assert.ok(read.kind === 'imported');
    assert.match(outline(read.session.history), /x{1000}.* user\(Named so\)$/);
    assert.deepEqual(read.problems.map(({ code }) => code).sort(), ['bad-json', 'bad-json', 'bad-shape']);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });
});
