import { readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import type { AgentHome, LiveSession } from '../agent.ts';
import { fileState, isInside, isSystemError, mapFew, realPath } from '../files.ts';
import { createScanCache } from '../scan.ts';
import { isoTime, type JsonObject, number, object, optional, parseObject, string, words } from '../shape.ts';
import { type Database, openDatabase, type Row } from './database.ts';
import { titleOf } from './facts.ts';
import { isSessionId } from './ids.ts';
import { modelOf } from './pieces.ts';
import { databaseOf, sessionFiles, storageFolder } from './places.ts';

/** Prompts are counted in sessions of up to so many messages. */
const COUNTED = 2000;

/**
 * Sessions whose folder is `folder` or inside it, newest change first. Those of sub-agents, and those that the user has
 * archived, are left out. A session that the database has taken over from the old storage is told once.
 */
export async function findSessions(where: AgentHome, folder: string): Promise<readonly LiveSession[]> {
  const home = await realPath(folder);
  const places = new Map<string, Promise<boolean>>();
  const isHere = (directory: string): Promise<boolean> => {
    const known = places.get(directory) ?? realPath(directory).then((path) => isInside(home, path));
    places.set(directory, known);
    return known;
  };
  const rows = await findRows(databaseOf(where), isHere);
  const taken = new Set(rows.map(({ nativeId }) => nativeId));
  const files = await findFiles(storageFolder(where), isHere);
  const sessions = [...rows, ...files.filter(({ nativeId }) => !taken.has(nativeId))];
  return sessions.sort((a, b) => b.changedAt - a.changedAt);
}

type IsHere = (directory: string) => Promise<boolean>;

async function findRows(file: string, isHere: IsHere): Promise<readonly LiveSession[]> {
  if ((await fileState(file)) === undefined) return [];
  const sessions: LiveSession[] = [];
  let database: Database | undefined;
  try {
    database = await openDatabase(file);
    const columns = 'id, directory, title, version, time_created, time_updated, time_archived';
    const sql = `SELECT ${columns} FROM session WHERE parent_id IS NULL AND id > ? ORDER BY id`;
    for (let after = ''; ; ) {
      const { rows, more } = await database.slice(sql, after);
      for (const row of rows) {
        const id = String(row['id']);
        after = id;
        const directory = words(row['directory']);
        if (directory === undefined || !isSessionId(id) || row['time_archived'] !== null) continue;
        if (await isHere(directory)) sessions.push(await sessionOf(database, file, id, directory, row));
      }
      if (!more) return sessions;
      await turn();
    }
  } catch (error) {
    // No database, another one, or one of a version that keeps its sessions elsewhere: as where there is none.
    if (isSystemError(error)) return sessions;
    throw error;
  } finally {
    database?.close();
  }
}

interface Details {
  readonly title: string | undefined;
  readonly model: string | undefined;
  readonly turns: number | undefined;
}

/** A session without any message gets one soon. */
const details = createScanCache<Details>(({ turns }) => turns !== 0);

async function sessionOf(
  database: Database,
  file: string,
  id: string,
  directory: string,
  row: Row,
): Promise<LiveSession> {
  const changedAt = number(row['time_updated']) ?? 0;
  const title = titleOf(row['title']);
  const transcript = `${file}#${id}`;
  const state = { size: 0, mtimeMs: changedAt, ino: 0 };
  const more = await details(transcript, state, () => look(database, id, title === undefined));
  return {
    agent: 'opencode',
    nativeId: id,
    transcript,
    bytes: 0,
    changedAt,
    cwd: directory,
    problems: [],
    ...optional('createdAt', isoTime(row['time_created'])),
    ...optional('title', title ?? more.title),
    ...optional('model', more.model),
    ...optional('version', words(row['version'])),
    ...optional('turns', more.turns),
  };
}

async function look(database: Database, id: string, isUnnamed: boolean): Promise<Details> {
  const recent = 'SELECT data FROM message WHERE session_id = ? ORDER BY time_created DESC, id DESC LIMIT 1';
  const last = parseObject(String((await database.slice(recent, id)).rows[0]?.['data'] ?? ''));
  // opencode writes it without blanks, and quotes within a text are escaped.
  const users = `SELECT count(*) AS messages, sum(instr(data, '"role":"user"') > 0) AS users
    FROM (SELECT data FROM message WHERE session_id = ? LIMIT ${COUNTED})`;
  const [counted] = (await database.slice(users, id)).rows;
  const turns = number(counted?.['messages']) === COUNTED ? undefined : (number(counted?.['users']) ?? 0);
  return { title: isUnnamed ? await firstPrompt(database, id) : undefined, model: modelOf(last ?? {}), turns };
}

async function firstPrompt(database: Database, id: string): Promise<string | undefined> {
  const sql = `SELECT data FROM part WHERE message_id =
    (SELECT id FROM message WHERE session_id = ? ORDER BY time_created, id LIMIT 1) ORDER BY id LIMIT 20`;
  const parts = (await database.slice(sql, id)).rows.map((row) => parseObject(String(row['data'])));
  const typed = parts.find((part) => part?.['type'] === 'text' && part['synthetic'] !== true);
  return words(typed?.['text'])?.trim();
}

/** What the session files of an old storage say; their conversations are not looked at. */
const infos = createScanCache<JsonObject | undefined>();

async function findFiles(storage: string, isHere: IsHere): Promise<readonly LiveSession[]> {
  const found = await mapFew(await sessionFiles(storage), async (file): Promise<LiveSession | undefined> => {
    const state = await fileState(file);
    if (state === undefined) return undefined;
    const info = await infos(file, state, () => readInfo(file));
    const nativeId = string(info?.['id']);
    const directory = words(info?.['directory']);
    if (info === undefined || nativeId === undefined || directory === undefined || !isSessionId(nativeId))
      return undefined;
    if (words(info['parentID']) !== undefined || !(await isHere(directory))) return undefined;
    const time = object(info['time']);
    if (time?.['archived'] !== undefined) return undefined;
    return {
      agent: 'opencode',
      nativeId,
      transcript: file,
      bytes: state.size,
      changedAt: number(time?.['updated']) ?? state.mtimeMs,
      cwd: directory,
      problems: [],
      ...optional('createdAt', isoTime(time?.['created'])),
      ...optional('title', titleOf(info['title'])),
      ...optional('version', words(info['version'])),
    };
  });
  return found.flatMap((session) => session ?? []);
}

async function readInfo(file: string): Promise<JsonObject | undefined> {
  try {
    return parseObject(await readFile(file, 'utf8'));
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
