import { basename, dirname, join, resolve } from 'node:path';
import type { AgentHome } from '../agent.ts';
import { fileState, namesIn } from '../files.ts';
import { isSessionId } from './ids.ts';
import { hasSession } from './sessionRows.ts';

/** opencode takes the XDG folders on every system. */
export function dataHome(where: AgentHome): string {
  return resolve(where.env?.['XDG_DATA_HOME'] || join(where.home, '.local', 'share'));
}

export function dataFolder(where: AgentHome): string {
  return join(dataHome(where), 'opencode');
}

export function databaseOf(where: AgentHome): string {
  return join(dataFolder(where), 'opencode.db');
}

/** Up to 1.1, every session, message and part was a file of its own. */
export function storageFolder(where: AgentHome): string {
  return join(dataFolder(where), 'storage');
}

const IN_DATABASE = /^(.+\.db)#(ses_\w{1,64})$/;

/** The database and the session of a transcript that is rows of one. */
export function inDatabase(transcript: string): { readonly database: string; readonly id: string } | undefined {
  const [, database, id] = IN_DATABASE.exec(transcript) ?? [];
  return database === undefined || id === undefined ? undefined : { database, id };
}

const IN_TREE = /[\\/]session[\\/][^\\/]+[\\/]ses_[^\\/]+\.json$/;

export function isInTree(transcript: string): boolean {
  return IN_TREE.test(transcript);
}

/** Absolute paths of the session files of an old storage. */
export async function sessionFiles(storage: string): Promise<readonly string[]> {
  const root = join(storage, 'session');
  const files: string[] = [];
  for (const project of await namesIn(root)) {
    const names = (await namesIn(join(root, project))).filter((name) => /^ses_.+\.json$/.test(name));
    files.push(...names.map((name) => join(root, project, name)));
  }
  return files;
}

/** The folders of an old storage's messages and parts, seen from the file of a session. */
export function besideSession(transcript: string): { readonly messages: string; readonly parts: string } {
  const storage = dirname(dirname(dirname(transcript)));
  return { messages: join(storage, 'message'), parts: join(storage, 'part') };
}

/** A session is found by its id, whatever folder it belongs to. */
export async function transcriptOf(where: AgentHome, nativeId: string): Promise<string | undefined> {
  if (!isSessionId(nativeId)) return undefined;
  const database = databaseOf(where);
  if ((await fileState(database)) !== undefined && (await hasSession(database, nativeId))) {
    return `${database}#${nativeId}`;
  }
  return (await sessionFiles(storageFolder(where))).find((file) => basename(file) === `${nativeId}.json`);
}
