import { type JsonObject, number, object, optional, parseObject, string } from '../shape.ts';
import { openDatabase, type Row } from './database.ts';
import type { SessionSource, StoredMessage, StoredRow } from './source.ts';

const SINCE = 'time_updated, CASE WHEN time_updated >= ? THEN data END AS data';
const MESSAGES = `SELECT id, time_created, ${SINCE} FROM message WHERE session_id = ? AND (time_created, id)`;

/** What is asked for while a session is followed: each finds its rows by an index. */
export const QUERIES = {
  session: 'SELECT * FROM session WHERE id = ?',
  messagesFrom: `${MESSAGES} >= (?, ?) ORDER BY time_created, id`,
  messagesAfter: `${MESSAGES} > (?, ?) ORDER BY time_created, id`,
  parts: `SELECT id, ${SINCE} FROM part WHERE message_id = ? AND id > ? ORDER BY id`,
} as const;

/** A session's rows of tables `session`, `message` and `part`; no other table is read. */
export async function openRows(file: string, id: string): Promise<SessionSource> {
  const database = await openDatabase(file);

  async function* pages(
    sql: string,
    first: readonly (string | number)[],
    next: (row: Row) => readonly (string | number)[],
  ) {
    for (let values = first; ; ) {
      const { rows, more } = await database.slice(sql, ...values);
      yield* rows;
      const last = rows.at(-1);
      if (!more || last === undefined) return;
      values = next(last);
    }
  }

  async function* messages(
    from: { readonly created: number; readonly id: string } | undefined,
    since: number,
  ): AsyncGenerator<StoredMessage> {
    const after = (row: Row) => [since, id, number(row['time_created']) ?? 0, String(row['id'])];
    const start = [since, id, from?.created ?? Number.MIN_SAFE_INTEGER, from?.id ?? ''];
    const { rows, more } = await database.slice(QUERIES.messagesFrom, ...start);
    const read = (row: Row): StoredMessage => ({
      ...rowOf(row, { sessionID: id }),
      created: number(row['time_created']) ?? 0,
    });
    for (const row of rows) yield read(row);
    const last = rows.at(-1);
    if (!more || last === undefined) return;
    for await (const row of pages(QUERIES.messagesAfter, after(last), after)) yield read(row);
  }

  async function* parts(messageId: string, since: number): AsyncGenerator<StoredRow> {
    const next = (row: Row) => [since, messageId, String(row['id'])];
    for await (const row of pages(QUERIES.parts, [since, messageId, ''], next)) {
      yield rowOf(row, { sessionID: id, messageID: messageId });
    }
  }

  return {
    async session() {
      const { rows } = await database.slice(QUERIES.session, id);
      const [row] = rows;
      if (row === undefined) return undefined;
      const info = infoOf(row);
      return { id, stamp: number(row['time_updated']) ?? 0, info, text: JSON.stringify(info) };
    },
    messages,
    parts,
    async text(kind, row, messageId) {
      const { rows } = await database.slice(`SELECT id, data FROM ${kind} WHERE id = ?`, row.id);
      const [found] = rows;
      const ids = kind === 'message' ? { sessionID: id } : { sessionID: id, messageID: messageId };
      return found === undefined ? undefined : rowOf(found, ids).text;
    },
    close: () => database.close(),
  };
}

export async function hasSession(file: string, id: string): Promise<boolean> {
  const database = await openDatabase(file);
  try {
    return (await database.slice('SELECT id FROM session WHERE id = ?', id)).rows.length > 0;
  } finally {
    database.close();
  }
}

/** The data of a row lacks the ids, which an export has. Written behind it they count, whatever stands in it. */
function rowOf(row: Row, ids: Readonly<Record<string, string>>): StoredRow {
  const id = String(row['id']);
  const data = row['data'];
  const text = data === null || data === undefined ? undefined : withIds(String(data).trim(), { id, ...ids });
  return { id, stamp: number(row['time_updated']) ?? 0, ...optional('text', text) };
}

function withIds(data: string, ids: Readonly<Record<string, string>>): string {
  // Anything else than an object is passed on, for the reader to tell what is wrong with it.
  if (!data.startsWith('{') || !data.endsWith('}')) return data;
  const own = JSON.stringify(ids);
  return /^\{\s*\}$/.test(data) ? own : `${data.slice(0, -1)},${own.slice(1)}`;
}

/** What an export calls `info`, from the columns that this version of the table has. The address under which a session is shared is left out. */
export function infoOf(row: Row): JsonObject {
  const text = (name: string) => optional(FIELDS.get(name) ?? name, string(row[name]));
  const json = (name: string) => {
    const value = string(row[name]);
    return value === undefined ? undefined : parseJson(value);
  };
  const count = (name: string): number => number(row[name]) ?? 0;
  const summary = row['summary_additions'] ?? row['summary_deletions'] ?? row['summary_files'] ?? null;
  return {
    ...text('id'),
    ...text('slug'),
    ...text('project_id'),
    ...text('workspace_id'),
    ...text('directory'),
    ...text('path'),
    ...text('parent_id'),
    ...text('title'),
    ...text('agent'),
    ...optional('model', object(json('model'))),
    ...text('version'),
    ...(summary === null
      ? {}
      : {
          summary: {
            additions: count('summary_additions'),
            deletions: count('summary_deletions'),
            files: count('summary_files'),
            ...optional('diffs', json('summary_diffs')),
          },
        }),
    ...(row['cost'] === undefined
      ? {}
      : {
          cost: count('cost'),
          tokens: {
            input: count('tokens_input'),
            output: count('tokens_output'),
            reasoning: count('tokens_reasoning'),
            cache: { read: count('tokens_cache_read'), write: count('tokens_cache_write') },
          },
        }),
    ...optional('metadata', object(json('metadata'))),
    ...optional('revert', object(json('revert'))),
    ...optional('permission', json('permission')),
    time: {
      created: count('time_created'),
      updated: count('time_updated'),
      ...optional('compacting', number(row['time_compacting'])),
      ...optional('archived', number(row['time_archived'])),
    },
  };
}

const FIELDS: ReadonlyMap<string, string> = new Map([
  ['project_id', 'projectID'],
  ['workspace_id', 'workspaceID'],
  ['parent_id', 'parentID'],
]);

function parseJson(text: string): unknown {
  return parseObject(`{"value":${text}}`)?.['value'];
}
