import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as nodePath from 'node:path';
import { hashFile, openFile } from '../version.ts';

/**
 * Names of the files that a write makes and removes: `.holdfast-<tag>.tmp` (new content, beside the target),
 * `<tag>-<sha256>-<name>.old` (a hard link to the version about to be displaced, which has that hash) and, once the
 * write is done, the same as `.done`. The tag, `<host>-<pid>-<n>`, tells later whose they are.
 */
const TAG = /^([0-9a-f]{8})-(\d+)-[0-9a-z]+$/;
const TEMPORARY = /^\.holdfast-([0-9a-f]{8}-\d+-[0-9a-z]+)\.tmp$/;
const DISPLACED = /^(?:\.holdfast-)?([0-9a-f]{8}-\d+-[0-9a-z]+)-([0-9a-f]{64})-(.*)\.(old|done)$/;

/** A living process on this machine holds its files for milliseconds; so old, its number belongs to another by now. */
const OLD_MS = 5 * 60_000;
const UNWRITTEN_MS = 2000;
/** How long a displaced version is kept after a write, for what slow programs may still write into it. */
export const LINGER_MS = 5000;
/** Another machine's processes can't be asked. */
const OLD_ELSEWHERE_MS = 60 * 60_000;

const host = crypto.hash('sha256', os.hostname()).slice(0, 8);
let count = 0;

/** A name part that no other process or call has. */
export function ownTag(): string {
  count++;
  return `${host}-${process.pid}-${count.toString(36)}`;
}

export function temporaryName(): string {
  return `.holdfast-${ownTag()}.tmp`;
}

export function displacedName(sha256: string, path: string): string {
  return `${ownTag()}-${sha256}-${shortName(path)}.old`;
}

/** The end of a file's name, short enough to get more around it. */
function shortName(path: string): string {
  return Buffer.from(nodePath.basename(path)).subarray(-80).toString('utf8').replaceAll('\uFFFD', '');
}

/** True when the process that made this tag can't be at work any more. `mtimeMs` is the file's. */
export function isAbandoned(tag: string, mtimeMs: number): boolean {
  const age = Date.now() - mtimeMs;
  const [, madeOn, pid] = TAG.exec(tag) ?? [];
  // Not a tag yet: a lock whose process died between creating it and writing into it.
  if (madeOn === undefined || pid === undefined) return age > UNWRITTEN_MS;
  if (madeOn !== host) return age > OLD_ELSEWHERE_MS;
  return age > OLD_MS || !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Removes what writers left in a folder: those that crashed, and those that were done long enough ago. A displaced
 * version that is still what its writer compared is dropped; one that somebody wrote into afterwards (a program that
 * had opened it before) is moved to `keepIn`, since it may be the only copy.
 */
export async function removeLeftovers(folder: string, keepIn: string): Promise<void> {
  let names: string[];
  try {
    names = await fs.promises.readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  for (const name of names) {
    const temporary = TEMPORARY.exec(name);
    const [, displacedBy, sha256, of = '', state] = DISPLACED.exec(name) ?? [];
    const tag = temporary?.[1] ?? displacedBy;
    if (tag === undefined) continue;
    const path = nodePath.join(folder, name);
    const stat = fs.lstatSync(path, { throwIfNoEntry: false });
    // ctime, since a hard link has the mtime of its file.
    const isDue = (at: fs.Stats): boolean =>
      state === 'done' ? Date.now() - at.ctimeMs > LINGER_MS : isAbandoned(tag, at.ctimeMs);
    if (stat?.isFile() !== true || !isDue(stat)) continue;
    if (temporary !== null || isUntouched(stat, state) || (await contentIs(path, sha256)))
      fs.rmSync(path, { force: true });
    else moveIfThere(path, keptPath(keepIn, of, Date.now()));
  }
}

/** A link that got its name after the last write has a ctime well after its mtime; a later write would set both. */
function isUntouched({ mtimeMs, ctimeMs, nlink }: fs.Stats, state: string | undefined): boolean {
  // With other links to it, ctime may be theirs.
  return state === 'done' && nlink === 1 && ctimeMs - mtimeMs > 2000 && ctimeMs < Date.now();
}

/** Another process may tidy at the same time, or somebody removes the folder. */
export function moveIfThere(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function contentIs(path: string, sha256: string | undefined): Promise<boolean> {
  const opened = openFile(path);
  if (opened.kind !== 'open') return false;
  try {
    return (await hashFile(opened.fd)).sha256 === sha256;
  } finally {
    fs.closeSync(opened.fd);
  }
}

/** Where displaced bytes that must not be lost are kept: findable by time and by the file's own name. */
export function keptPath(folder: string, name: string, now: number): string {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return nodePath.join(folder, `${time}-${ownTag()}-${shortName(name)}`);
}
