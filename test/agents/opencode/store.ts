import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The tables of opencode 1.18 that are read, with their indexes, and one that must not be: reading it is an error. */
const TABLES = `
  CREATE TABLE session (id text PRIMARY KEY, project_id text NOT NULL, workspace_id text, parent_id text, slug text NOT NULL,
    directory text NOT NULL, path text, title text NOT NULL, version text NOT NULL, share_url text,
    summary_additions integer, summary_deletions integer, summary_files integer, summary_diffs text, metadata text,
    cost real DEFAULT 0 NOT NULL, tokens_input integer DEFAULT 0 NOT NULL, tokens_output integer DEFAULT 0 NOT NULL,
    tokens_reasoning integer DEFAULT 0 NOT NULL, tokens_cache_read integer DEFAULT 0 NOT NULL,
    tokens_cache_write integer DEFAULT 0 NOT NULL, revert text, permission text, agent text, model text,
    time_created integer NOT NULL, time_updated integer NOT NULL, time_compacting integer, time_archived integer);
  CREATE TABLE message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL,
    time_updated integer NOT NULL, data text NOT NULL);
  CREATE TABLE part (id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL,
    time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
  CREATE INDEX session_parent_idx ON session (parent_id);
  CREATE INDEX message_session_time_created_id_idx ON message (session_id, time_created, id);
  CREATE INDEX part_message_id_id_idx ON part (message_id, id);
  CREATE INDEX part_session_idx ON part (session_id);
  CREATE VIEW account AS SELECT * FROM nowhere;
  CREATE VIEW credential AS SELECT * FROM nowhere;
  CREATE VIEW session_share AS SELECT * FROM nowhere;`;

export const SES = 'ses_000000000001aaaaaaaaaaaaaa';
export const START = Date.UTC(2026, 10, 20, 10);

/** A database as opencode keeps it, open for writing as by the agent. Times are ms after START. */
export interface Store {
  readonly file: string;
  readonly transcript: string;
  readonly database: DatabaseSync;
  session(directory: string, fields?: Readonly<Record<string, string | number | null>>): void;
  message(id: string, time: number, data: object | string): void;
  part(id: string, messageId: string, time: number, data: object | string): void;
  close(): void;
}

export async function openStore(file: string): Promise<Store> {
  await mkdir(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  database.exec(TABLES);
  const text = (data: object | string) => (typeof data === 'string' ? data : JSON.stringify(data));
  const put = (table: string, fields: Readonly<Record<string, string | number | null>>): void => {
    const names = Object.keys(fields);
    const set = names
      .filter((name) => name !== 'id' && name !== 'time_created')
      .map((name) => `${name} = excluded.${name}`);
    database
      .prepare(
        `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})
          ON CONFLICT (id) DO UPDATE SET ${set.join(', ')}`,
      )
      .run(...Object.values(fields));
  };
  const times = (time: number) => ({ time_created: START + time, time_updated: START + time });
  return {
    file,
    transcript: `${file}#${SES}`,
    database,
    session(directory, fields = {}) {
      const own = { id: SES, project_id: 'p', slug: 'a-slug', directory, title: 'A title', version: '1.18.33' };
      put('session', { ...own, ...times(0), ...fields });
    },
    message: (id, time, data) => put('message', { id, session_id: SES, ...times(time), data: text(data) }),
    part: (id, message_id, time, data) =>
      put('part', { id, message_id, session_id: SES, ...times(time), data: text(data) }),
    close: () => database.close(),
  };
}

export const asked = (at: number, extra: object = {}): object => ({
  role: 'user',
  time: { created: START + at },
  agent: 'build',
  model: { providerID: 'mock', modelID: 'mock-model' },
  ...extra,
});
export const answer = (at: number, extra: object = {}): object => ({
  role: 'assistant',
  time: { created: START + at, completed: START + at },
  parentID: 'msg_1',
  modelID: 'mock-model',
  providerID: 'mock',
  mode: 'build',
  agent: 'build',
  path: { cwd: '/work/shop', root: '/work/shop' },
  cost: 0.01,
  tokens: { input: 10, output: 5, reasoning: 1, cache: { read: 100, write: 7 } },
  finish: 'stop',
  ...extra,
});
export const said = (text: string): object => ({ type: 'text', text });
export const called = (callID: string, tool: string, input: object, state: object): object => ({
  type: 'tool',
  tool,
  callID,
  state: { input, time: { start: START, end: START + 1 }, title: '', metadata: {}, ...state },
});
export const done = (output: string, extra: object = {}): object => ({ status: 'completed', output, ...extra });
