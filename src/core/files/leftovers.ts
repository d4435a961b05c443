import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as nodePath from 'node:path';
import { hashFile, openFile } from './version.ts';

/**
 * Names of the files that a write makes and removes: `.holdfast-<host>-<pid>-<n>.tmp` (new content, beside the target)
 * and `<tag>-<sha256 of the version displaced>.old` (a hard link to it). Host and process tell later whose they are.
 */
const TAG = /(?:^|-)([0-9a-f]{8})-(\d+)-[0-9a-z]+$/;
const TEMPORARY = /^\.holdfast-([0-9a-f]{8}-\d+-[0-9a-z]+)\.tmp$/;
const DISPLACED = /^(?:\.holdfast-)?([0-9a-f]{8}-\d+-[0-9a-z]+)-([0-9a-f]{64})\.old$/;

/** A living process on this machine holds its files for milliseconds; so old, its number belongs to another by now. */
const OLD_MS = 5 * 60_000;
const UNWRITTEN_MS = 2000;
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

export function displacedName(sha256: string): string {
  return `${ownTag()}-${sha256}.old`;
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
 * Removes what crashed writers left in a folder. A displaced version that is still what its writer compared is
 * dropped; one that somebody wrote into afterwards is moved to `keepIn`, since it may be the only copy.
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
    const displaced = DISPLACED.exec(name);
    const tag = temporary?.[1] ?? displaced?.[1];
    if (tag === undefined) continue;
    const path = nodePath.join(folder, name);
    const stat = fs.lstatSync(path, { throwIfNoEntry: false });
    // ctime, since a hard link has the mtime of its file.
    if (stat?.isFile() !== true || !isAbandoned(tag, stat.ctimeMs)) continue;
    if (temporary !== null || (await contentIs(path, displaced?.[2]))) fs.rmSync(path, { force: true });
    else fs.renameSync(path, keptPath(keepIn, 'recovered', Date.now()));
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
  return nodePath.join(folder, `${time}-${ownTag()}-${nodePath.basename(name).slice(-80)}`);
}
