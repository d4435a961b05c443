import { createHash } from 'node:crypto';
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isSystemError } from '../files.ts';
import type { ProtectedAgent } from './protectedAgents.ts';

/** Where the hooks of a folder keep what they know. */
export interface HookPlace {
  /** The folder whose sessions they are: the one with `.sessions`, else the one that the agent works in. */
  readonly folder: string;
  /** Where to write: below `.sessions` where the folder has that, so that a hook never makes it; else below the home. */
  readonly current: string;
  /** Where to read: also what was written before the folder had a `.sessions`. */
  readonly all: readonly string[];
  /** The folder has sessions that were saved. */
  readonly saved: boolean;
}

/** Lines on turns and sessions that ended: whoever shows live sessions polls when it grows. */
export const NEWS = 'news.jsonl';

/** How far above the working folder a `.sessions` is looked for. */
const LEVELS = 16;

/** The place for an agent that works in `folder` (absolute). Makes nothing. */
export function hookPlace(folder: string, home: string): HookPlace {
  const start = realFolder(folder);
  const owner = withSessions(start);
  const mine = join(home, '.holdfast', 'hooks', folderKey(owner ?? start));
  if (owner === undefined) return { folder: start, current: mine, all: [mine], saved: false };
  const hooks = besideSessions(owner);
  return { folder: owner, current: hooks, all: [mine, hooks], saved: true };
}

/** Where hooks of a folder have written, so far as there is such a place. Without `home`, only beside its sessions. */
export function hookFolders(folder: string, home: string | undefined): readonly string[] {
  if (home !== undefined) return hookPlace(folder, home).all;
  const owner = withSessions(realFolder(folder));
  return owner === undefined ? [] : [besideSessions(owner)];
}

function besideSessions(folder: string): string {
  return join(folder, '.sessions', 'hooks');
}

/** The file of a session; undefined for an id that is none, so that no path is made of it. */
export function hookFile(place: string, agent: ProtectedAgent, nativeId: string): string | undefined {
  return /^[A-Za-z0-9][\w-]{0,127}$/.test(nativeId) ? join(place, `${agent}-${nativeId}.jsonl`) : undefined;
}

function folderKey(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 16);
}

/** The nearest folder with a `.sessions` of the same user, not above the repository that the agent works in. */
function withSessions(start: string): string | undefined {
  let at = start;
  for (let level = 0; level < LEVELS; level++) {
    if (isOwnFolder(join(at, '.sessions'))) return isOther(join(at, '.sessions', 'hooks')) ? undefined : at;
    const parent = dirname(at);
    if (parent === at || existsSync(join(at, '.git'))) return undefined;
    at = parent;
  }
  return undefined;
}

function isOwnFolder(path: string): boolean {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    const uid = process.getuid?.();
    return found?.isDirectory() === true && (uid === undefined || uid === found.uid);
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

/** A link in the place of the hooks' folder leads who knows where, and into anything else nothing can be written. */
function isOther(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
}

function realFolder(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch (error) {
    if (isSystemError(error)) return resolve(folder);
    throw error;
  }
}
