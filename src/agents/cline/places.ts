import { basename, dirname, join } from 'node:path';
import type { AgentHome } from '../agent.ts';
import { profileFolders, userFolders } from '../codeUser.ts';
import { namesIn } from '../files.ts';

const EXTENSION = 'saoudrizwan.claude-dev';

/** Where the command line, and newer builds of the extension, keep what they keep. */
export function dataFolder(where: AgentHome): string {
  const own = where.env?.['CLINE_DATA_DIR'];
  const folder = where.env?.['CLINE_DIR'];
  return own || (folder ? join(folder, 'data') : join(where.home, '.cline', 'data'));
}

export function sessionsFolder(where: AgentHome): string {
  return join(dataFolder(where), 'sessions');
}

/** Folders with `tasks/` and `state/taskHistory.json`. */
export async function taskStores(where: AgentHome): Promise<readonly string[]> {
  return [dataFolder(where), ...(await extensionStores(where, EXTENSION))];
}

/** The folders of an extension, of any editor and profile. */
export async function extensionStores(where: AgentHome, extension: string): Promise<readonly string[]> {
  return (await profileFolders(where)).map((folder) => join(folder, 'globalStorage', extension));
}

export function watchRoots(where: AgentHome): readonly string[] {
  const stores = userFolders(where).map((user) => join(user, 'globalStorage', EXTENSION));
  return [sessionsFolder(where), ...[dataFolder(where), ...stores].map((store) => join(store, 'tasks'))];
}

/** The folders of the tasks of a store. */
export async function taskFolders(store: string): Promise<readonly string[]> {
  const tasks = join(store, 'tasks');
  return (await namesIn(tasks)).filter((name) => /^[\w-]{1,80}$/.test(name)).map((name) => join(tasks, name));
}

const SESSION_ID = /^\d{10,16}(?:_[A-Za-z0-9_-]{1,40})?$/;

/** `<ms>_<5 characters>` of a session; a task's is `<ms>` alone. */
export function isSessionId(id: string): boolean {
  return SESSION_ID.test(id);
}

/** `ms` since the epoch; `hash` has 64 hex digits. */
export function newSessionId(ms: number, hash: string): string {
  const time = Number.isFinite(ms) && ms >= 1e12 ? Math.floor(ms) : 1e12;
  const rest = BigInt(`0x${hash.slice(0, 16)}`)
    .toString(36)
    .padStart(5, '0')
    .slice(-5);
  return `${time}_${rest}`;
}

/** The two files of a session; the manifest names the other. */
export function sessionFiles(where: AgentHome, id: string): { readonly manifest: string; readonly messages: string } {
  const folder = join(sessionsFolder(where), id);
  return { manifest: join(folder, `${id}.json`), messages: join(folder, `${id}.messages.json`) };
}

export function manifestOf(messages: string): string {
  return join(dirname(messages), `${basename(messages).slice(0, -'.messages.json'.length)}.json`);
}
