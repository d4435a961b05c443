import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Follower, followTranscript, importTranscript } from '../../src/agents/index.ts';
import { documentOf, miniature, type Note } from '../agents/followAgents.ts';
import { type Bench, digits, inFolder, interleaved, storeIn, timed } from './harness.ts';

/**
 * What it takes to follow one more turn (a prompt of 200 bytes, an answer of 700), by the turns behind it: reading it,
 * making events of it, and keeping the transcript's own bytes. Beside it the least that is needed to have the same
 * bytes: of lines an append, its sync and a read of what was appended; of rows an insert, its commit and a look at the
 * newest; of a document reading and parsing it as a whole.
 */
export const bench: Bench = {
  title: 'Following one more turn',
  async run({ full }) {
    const sizes = full ? [10, 1000, 10_000] : [10, 1000];
    const rounds = full ? 200 : 50;
    const table: string[][] = [];
    for (const measure of [lines, rows, document]) {
      let first: number | undefined;
      for (const turns of sizes) {
        const medians = await inFolder((folder) => measure(folder, turns, rounds));
        const [raw = Number.NaN] = medians.values();
        for (const [how, ms] of medians) {
          if (how !== RAW[measure.name]) first ??= ms;
          const toFirst = how === RAW[measure.name] || first === undefined ? '' : digits(ms / first);
          table.push([String(turns), how, digits(ms), digits(ms / raw), toFirst]);
        }
      }
    }
    return { head: ['turns behind it', 'how', 'ms', 'x raw', 'x the same at 10 turns'], rows: table };
  },
};

const RAW: Readonly<Record<string, string>> = {
  lines: 'lines: append, sync, read',
  rows: 'rows (opencode): insert, commit, select',
  document: 'document: read and parse it',
};

async function lines(folder: string, turns: number, rounds: number): Promise<ReadonlyMap<string, number>> {
  const file = path.join(folder, '11111111-2222-4333-8444-555555555555.jsonl');
  const other = path.join(folder, 'raw');
  let next = 0;
  const turn = (): string => {
    const parent = next === 0 ? null : id(next);
    next += 2;
    return `${line(next - 1, parent, 'user', 'p'.repeat(200))}${line(next, id(next - 1), 'assistant', 'a'.repeat(700))}`;
  };
  fs.writeFileSync(file, Array.from({ length: turns }, turn).join(''));
  const { follower, end } = await begin(folder, file, 'claude-code');
  const raw = fs.openSync(other, 'a+');
  let at = 0;
  const medians = await interleaved(
    new Map<string, () => unknown>([
      [
        RAW['lines'] ?? '',
        () => {
          const bytes = Buffer.from(
            `${line(1, null, 'user', 'p'.repeat(200))}${line(2, null, 'assistant', 'a'.repeat(700))}`,
          );
          fs.writeSync(raw, bytes);
          fs.fdatasyncSync(raw);
          fs.readSync(raw, bytes, 0, bytes.length, at);
          at += bytes.length;
        },
      ],
      [
        'lines: holdfast',
        () => {
          fs.appendFileSync(file, turn());
          return timed(async () => grown(await follower.poll()));
        },
      ],
    ]),
    rounds,
    10,
  );
  fs.closeSync(raw);
  await end();
  return medians;
}

async function rows(folder: string, turns: number, rounds: number): Promise<ReadonlyMap<string, number>> {
  const file = path.join(folder, 'opencode.db');
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode=WAL;
    CREATE TABLE session(id TEXT PRIMARY KEY, directory TEXT, title TEXT, version TEXT, parent_id TEXT, revert TEXT,
      time_created INTEGER, time_updated INTEGER, time_archived INTEGER);
    CREATE TABLE message(id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
    CREATE TABLE part(id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
    CREATE INDEX message_by_time ON message(session_id, time_created, id);
    CREATE INDEX part_by_message ON part(message_id, id)`);
  const message = db.prepare('INSERT INTO message VALUES(?, ?, ?, ?, ?)');
  const part = db.prepare('INSERT INTO part VALUES(?, ?, ?, ?, ?, ?)');
  const touch = db.prepare('UPDATE session SET time_updated = ? WHERE id = ?');
  const newest = db.prepare('SELECT data FROM part WHERE message_id = ?');
  const add = (session: string, number: number): void => {
    for (const [role, text] of [
      ['user', 'p'.repeat(200)],
      ['assistant', 'a'.repeat(700)],
    ] as const) {
      const at = 1_790_000_000_000 + number * 2 + (role === 'user' ? 0 : 1);
      const [id, time] = [`msg_${session}${at}`, { created: at }];
      const info =
        role === 'user' ? { role, time } : { role, time, modelID: 'm', providerID: 'p', tokens: {}, cost: 0 };
      message.run(id, session, at, at, JSON.stringify(info));
      part.run(`prt_${session}${at}`, id, session, at, at, JSON.stringify({ type: 'text', text }));
      touch.run(at, session);
    }
  };
  for (const session of ['ses_a', 'ses_b']) {
    db.prepare('INSERT INTO session VALUES(?, ?, ?, ?, NULL, NULL, 0, 0, NULL)').run(session, folder, 'T', '1.18.33');
  }
  db.exec('BEGIN');
  for (let n = 0; n < turns; n += 1) add('ses_a', n);
  db.exec('COMMIT');
  const { follower, end } = await begin(folder, `${file}#ses_a`, 'opencode');
  let [raw, own] = [0, turns];
  const commit = (session: string, number: number): void => {
    db.exec('BEGIN');
    add(session, number);
    db.exec('COMMIT');
  };
  const medians = await interleaved(
    new Map<string, () => unknown>([
      [
        RAW['rows'] ?? '',
        () => {
          commit('ses_b', raw);
          newest.all(`msg_ses_b${1_790_000_000_001 + raw * 2}`);
          raw += 1;
        },
      ],
      [
        'rows (opencode): holdfast',
        () => {
          commit('ses_a', own);
          own += 1;
          return timed(async () => grown(await follower.poll()));
        },
      ],
    ]),
    rounds,
    10,
  );
  await end();
  db.close();
  return medians;
}

async function document(folder: string, turns: number, rounds: number): Promise<ReadonlyMap<string, number>> {
  const file = path.join(folder, 'task.json');
  const notes: Note[] = [];
  const add = (): void => {
    const number = notes.length;
    notes.push({ id: `m${number}`, role: 'user', text: 'p'.repeat(200) });
    notes.push({ id: `m${number + 1}`, role: 'assistant', text: 'a'.repeat(700) });
  };
  for (let n = 0; n < turns; n += 1) add();
  fs.writeFileSync(file, documentOf(notes));
  const { follower, end } = await begin(folder, file, miniature('document'));
  const medians = await interleaved(
    new Map<string, () => unknown>([
      [RAW['document'] ?? '', () => JSON.parse(fs.readFileSync(file, 'utf8'))],
      [
        'document: holdfast',
        () => {
          add();
          fs.writeFileSync(file, documentOf(notes));
          return timed(async () => grown(await follower.poll()));
        },
      ],
    ]),
    Math.min(rounds, 30),
    3,
  );
  await end();
  return medians;
}

async function begin(
  folder: string,
  transcript: string,
  agent: Parameters<typeof followTranscript>[0]['agent'],
): Promise<{ readonly follower: Follower; readonly end: () => Promise<void> }> {
  const store = storeIn(folder);
  const imported = await importTranscript(transcript, { agent, folder, store, now: Date.now, random });
  if (imported.kind !== 'imported') throw new Error(imported.kind);
  const { session_id: sessionId } = imported.session.body;
  const follower = await followTranscript({
    agent,
    transcript,
    folder,
    sessionId,
    store,
    from: imported,
    now: Date.now,
    onEvents: async () => undefined,
  });
  await follower.poll();
  return {
    follower,
    async end() {
      await follower.close();
      await store.close();
    },
  };
}

const random = (): string => '0123456789abcdef';

function grown({ kind }: { readonly kind: string }): void {
  if (kind !== 'grown') throw new Error(`the follower says ${kind}`);
}

function id(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** As Claude Code writes it. */
function line(number: number, parent: string | null, role: 'user' | 'assistant', text: string): string {
  const content = role === 'user' ? text : [{ type: 'text', text }];
  const usage = { input_tokens: 12, output_tokens: 34 };
  const message =
    role === 'user'
      ? { role, content }
      : { id: `msg_${number}`, type: 'message', role, model: 'claude-opus-4-5', content, usage };
  return `${JSON.stringify({
    parentUuid: parent,
    isSidechain: false,
    cwd: '/work/shop',
    sessionId: '11111111-2222-4333-8444-555555555555',
    version: '2.1.329',
    type: role,
    message,
    uuid: id(number),
    timestamp: new Date(1_790_000_000_000 + number * 1000).toISOString(),
  })}\n`;
}
