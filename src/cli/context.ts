import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AgentHome } from '../agents/index.ts';
import { createReadCache, openStore, type SessionStore } from '../core/index.ts';
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
  // A home of another system's form would be made here, by the first agent that is given a session.
  for (const wanted of [folder, ...(options.home === undefined ? [] : [resolve(io.cwd, options.home)])]) {
    const isFolder = await stat(wanted).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isFolder) return failed('no-folder', wanted);
  }
  // By its name or by a link: the store works in no such folder, and its list would look empty.
  const sessions = createReadCache(folder).locate(options.sessionsFolder);
  if (sessions.kind === 'nowhere' || sessions.outside || sessions.key === '.') {
    return failed('outside', resolve(folder, options.sessionsFolder));
  }
  return {
    io,
    json: options.json === true,
    folder,
    sessionsFolder: options.sessionsFolder,
    agentHome: agentHome(io, options.home),
    store: openStore({ folder, sessionsFolder: options.sessionsFolder, now: io.now, random: io.random }),
  };
}

/** A home that was named on the command line is the whole truth: the variables that move the agents' folders count only without it. */
function agentHome(io: CliIo, home: string | undefined): AgentHome {
  return home === undefined ? { home: io.home, env: io.env } : { home: resolve(io.cwd, home) };
}
