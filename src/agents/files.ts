import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

/** How many files are looked at side by side. */
const CONCURRENCY = 8;

/** `work` on every item, a few at a time; the results in the order of the items. */
export async function mapFew<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await work(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, worker));
  return results;
}

/** True for what a file system answers; anything else is a defect of ours and must not be swallowed. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

/** The names in a folder; a folder that is missing or cannot be read has none. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

export interface FileState {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

/** Undefined where there is no regular file that can be read. */
export async function fileState(file: string): Promise<FileState | undefined> {
  try {
    const found = await stat(file);
    return found.isFile() ? { size: found.size, mtimeMs: found.mtimeMs, ino: found.ino } : undefined;
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** False where one of them is unknown. */
export function isSameState(one: FileState | undefined, other: FileState | undefined): boolean {
  return one !== undefined && one.size === other?.size && one.mtimeMs === other.mtimeMs && one.ino === other.ino;
}

/** `use` on an open file; undefined where it cannot be opened or read. */
export async function withFile<R>(file: string, use: (handle: FileHandle) => Promise<R>): Promise<R | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    return await use(handle);
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  } finally {
    await handle?.close();
  }
}

/** The first `bytes` of a file as text, a cut character at the end included. */
export async function headOf(handle: FileHandle, bytes: number): Promise<string> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
  return buffer.toString('utf8', 0, bytesRead);
}

/** The path without symlinks and in the disk's own case; where it does not exist here, normalised. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isSystemError(error)) return resolve(path);
    throw error;
  }
}

/** Both paths are real ones (see `realPath`). */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/**
 * Tells of paths, as transcripts name them, whether they lie in `folder` (absolute); each is looked up once. One that is
 * relative, or of another system, lies in none: it would be taken for one below the folder that this program runs in.
 */
export async function insideOf(folder: string): Promise<(path: string) => Promise<boolean>> {
  const home = await realPath(folder);
  const known = new Map<string, Promise<boolean>>();
  return (path) => {
    const answer = known.get(path) ?? lookedUp(home, path);
    known.set(path, answer);
    return answer;
  };
}

async function lookedUp(home: string, path: string): Promise<boolean> {
  return isAbsolute(path) && isInside(home, await realPath(path));
}
