import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { createPacer } from '../pacer.ts';
import { hashFile, ioFailure, openFile } from '../version.ts';
import { rememberKey } from './keys.ts';
import { type DisplacedName, isAbandoned, KEPT_ANYWAY, keptName, readDisplacedName, tagOfTemporary } from './names.ts';
import { copyDescriptor } from './temporaryFile.ts';

/** How long a displaced version is kept after a write, for what slow programs may still write into it. */
export const LINGER_MS = 60_000;
/** Its writer looks at it last after LINGER_MS; others leave it that long, and a little longer. */
const LEFT_MS = LINGER_MS + 1000;

/** A version that somebody wrote into after it was displaced. */
export interface Recovered {
  /** Id of the file's key. */
  readonly id: string;
  /** Absolute path */
  readonly kept: string;
}

/**
 * Removes what writers left in a folder: those that crashed, and those that were done long enough ago. A displaced
 * version that is still what its writer compared is dropped; one that somebody wrote into afterwards (a program that
 * had opened it before) is moved to `keepIn`, since it may be the only copy, and told. What can't be read or moved now
 * (another user's, a full disk) stays where it is for a next writer, and is in nobody's way.
 */
export async function removeLeftovers(folder: string, keepIn: string): Promise<readonly Recovered[]> {
  let names: string[];
  try {
    names = await fs.promises.readdir(folder);
  } catch (error) {
    // Gone, or not to be listed: what lies there is in nobody's way.
    ioFailure(error, folder);
    return [];
  }
  const recovered: Recovered[] = [];
  const pause = createPacer();
  for (const name of names) {
    await pause();
    const temporary = tagOfTemporary(name);
    const displaced = readDisplacedName(name);
    const tag = temporary ?? displaced?.tag;
    if (tag === undefined) continue;
    const path = nodePath.join(folder, name);
    try {
      const stat = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (stat?.isFile() !== true) continue;
      // ctime, since a hard link has the mtime of its file.
      const age = Date.now() - Number(stat.ctimeNs / 1_000_000n);
      if (displaced?.state === 'done' ? age <= LEFT_MS : !isAbandoned(tag, age)) continue;
      if (displaced === undefined) fs.rmSync(path, { force: true });
      else recovered.push(...(await settle(path, displaced, keepIn)));
    } catch (error) {
      ioFailure(error, path);
    }
  }
  return recovered;
}

/**
 * Drops a displaced version, or keeps it when it is not what its writer compared. The content alone tells: whoever
 * writes late may set any time (`cp -p`), or none (a store through a mapping).
 */
export async function settle(path: string, named: DisplacedName, keepIn: string): Promise<readonly Recovered[]> {
  const stat = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return [];
  const { state, sha256 } = named;
  // The new content of a writer that ended before it took the file's name, or after it lost that again.
  const isNew = typeof state === 'object' && state.newIno === String(stat.ino);
  // It has a name besides ours: that of the file, which its writer has not replaced, or one more of ours.
  const isNamed = sha256 === KEPT_ANYWAY && stat.nlink > 1n;
  if (!isNew && !isNamed && !(await contentIs(path, sha256))) return keep(path, named, keepIn);
  fs.rmSync(path, { force: true });
  return [];
}

/** Gives a version a name that stays; none when another process or somebody else was faster. */
export async function keep(path: string, { id, name }: DisplacedName, keepIn: string): Promise<readonly Recovered[]> {
  const kept = nodePath.join(keepIn, keptName({ id, path: name }, Date.now()));
  try {
    return moveIfThere(path, kept) ? [{ id, kept }] : [];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
  }
  // Beside its file, on another device.
  const opened = openFile(path);
  if (opened.kind !== 'open') return [];
  try {
    await copyDescriptor(opened.fd, kept);
  } finally {
    fs.closeSync(opened.fd);
  }
  fs.rmSync(path, { force: true });
  return [{ id, kept }];
}

/** Another process may tidy at the same time, or somebody removes the folder. */
export function moveIfThere(from: string, to: string): boolean {
  try {
    fs.renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return false;
  }
}

export async function contentIs(path: string, sha256: string): Promise<boolean> {
  const opened = openFile(path);
  if (opened.kind !== 'open') return false;
  try {
    return (await hashFile(opened.fd)).sha256 === sha256;
  } finally {
    fs.closeSync(opened.fd);
  }
}

/** Where displaced bytes of a file that must not be lost are kept, in the folder for displaced versions. */
export function keptPath(displaced: string, of: { readonly path: string; readonly key: string }, now: number): string {
  return nodePath.join(displaced, keptName({ id: rememberKey(displaced, of.key), path: of.path }, now));
}
