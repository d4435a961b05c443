import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { AgentHome } from '../agents/index.ts';
import { openStore, type SessionStore } from '../core/index.ts';
import { type Failed, failed } from './ending.ts';
import type { CliIo } from './io.ts';

/** What the flags before or after every verb say. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly folder?: string;
  readonly home?: string;
  readonly sessionsFolder: string;
}

/** What a verb works with. */
export interface Context {
  readonly io: CliIo;
  readonly json: boolean;
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  /** Name of the sessions' folder inside it. */
  readonly sessionsFolder: string;
  readonly agentHome: AgentHome;
  readonly store: SessionStore;
}

export async function openContext(io: CliIo, options: GlobalOptions): Promise<Context | Failed> {
  const folder = resolve(io.cwd, options.folder ?? '.');
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return failed('no-folder', folder);
  const sessions = resolve(folder, options.sessionsFolder);
  if (!(await isBelow(folder, sessions))) return failed('outside', sessions);
  return {
    io,
    json: options.json === true,
    folder,
    sessionsFolder: options.sessionsFolder,
    agentHome: agentHome(io, options.home),
    store: openStore({ folder, sessionsFolder: options.sessionsFolder, now: io.now, random: io.random }),
  };
}

/** The store works in no sessions' folder that lies elsewhere, by its name or by a link: that must be told, not shown as an empty list. */
async function isBelow(folder: string, sessions: string): Promise<boolean> {
  const way = relative(await realpath(folder), await realOrGiven(sessions, folder));
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The real path; of a folder that is not there yet, where it will be. */
async function realOrGiven(path: string, folder: string): Promise<string> {
  return realpath(path).catch(async () => resolve(await realpath(folder), relative(folder, path)));
}

/** A home that was named on the command line is the whole truth: the variables that move the agents' folders count only without it. */
function agentHome(io: CliIo, home: string | undefined): AgentHome {
  return home === undefined ? { home: io.home, env: io.env } : { home: resolve(io.cwd, home) };
}
