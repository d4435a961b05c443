import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import type { Pacer } from '../pacer.ts';
import { isInGit } from '../paths.ts';

export interface FoundFile {
  /** Folder-relative with `/`. */
  readonly key: string;
  readonly path: string;
  /** bytes */
  readonly size: bigint;
  readonly mtimeNs: bigint;
  /** Decimal. */
  readonly ino: string;
}

/** What a folder held when it was listed. */
interface Listing {
  readonly mtimeNs: bigint;
  /** Keys. */
  readonly folders: readonly string[];
  /** Those that are looked for. */
  readonly files: readonly FoundFile[];
  /** All regular files. */
  readonly count: number;
}

/** What walks with the same options saw, by the folders' keys. */
export type Listings = Map<string, Listing>;

export interface WalkOptions {
  /** Absolute path of a folder that is left out. */
  readonly skipped?: string;
  /** Which files are looked for. Default: all. */
  readonly fits?: (file: FoundFile) => boolean;
  /**
   * A folder whose time is still the same is not listed again: names have neither come nor gone. What was written into
   * its files since is not seen.
   */
  readonly listings?: Listings;
  readonly pause: Pacer;
  readonly signal?: AbortSignal | undefined;
  /** Default: 20,000. */
  readonly maxFiles?: number;
  /** ms since the epoch */
  readonly now?: () => number;
}

/** About 100 ms; in a bigger folder what lies deeper is not seen. */
const MAX_FILES = 20_000;
/** A folder that changed later than so long before it was listed may have changed since by the same time: FAT keeps 2 s. */
const GRAIN_MS = 2000;

/**
 * Goes through the regular files of a folder, list by list, the shallow ones first, without following links. Leaves out
 * `.git` and `node_modules`. Folders that can't be read are passed over; aborting throws the signal's reason.
 */
export async function* walkFolder(root: string, options: WalkOptions): AsyncGenerator<readonly FoundFile[]> {
  const { pause, signal, maxFiles = MAX_FILES, listings = new Map() } = options;
  let left = maxFiles;
  const folders = [''];
  for (const folder of folders) {
    await pause();
    signal?.throwIfAborted();
    const mtimeNs = stateOf(nodePath.join(root, folder))?.mtimeNs ?? -1n;
    const known = listings.get(folder);
    const holds = known !== undefined && known.mtimeNs === mtimeNs && known.count <= left;
    const listing = holds ? known : await list(root, folder, mtimeNs, left, options);
    if (isSettled(listing, left, options)) listings.set(folder, listing);
    else listings.delete(folder);
    yield listing.files;
    left -= listing.count;
    if (left < 0) return;
    for (const one of listing.folders) folders.push(one);
  }
}

/** Lists at most one file more than `left`. */
async function list(
  root: string,
  folder: string,
  mtimeNs: bigint,
  left: number,
  { skipped, fits, pause, signal }: WalkOptions,
): Promise<Listing> {
  const folders: string[] = [];
  const files: FoundFile[] = [];
  let count = 0;
  for (const entry of entriesOf(nodePath.join(root, folder))) {
    await pause();
    signal?.throwIfAborted();
    const key = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const path = nodePath.join(root, key);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && !isInGit(entry.name) && path !== skipped) folders.push(key);
    } else if (entry.isFile()) {
      if (++count > left) break;
      const state = stateOf(path);
      if (state === undefined) continue;
      const file = { key, path, ...state };
      if (fits === undefined || fits(file)) files.push(file);
    }
  }
  return { mtimeNs, folders, files, count };
}

function isSettled({ mtimeNs, count }: Listing, left: number, { now = Date.now }: WalkOptions): boolean {
  return count <= left && mtimeNs >= 0n && now() - Number(mtimeNs / 1_000_000n) > GRAIN_MS;
}

/** Undefined where the system tells nothing: it is gone, or lies in a folder that may not be entered. */
export function stateOf(path: string): Pick<FoundFile, 'size' | 'mtimeNs' | 'ino'> | undefined {
  try {
    const stat = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stat && { size: stat.size, mtimeNs: stat.mtimeNs, ino: String(stat.ino) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return undefined;
  }
}

/** Some at a time: a folder of 100,000 files would hold the event loop. */
function* entriesOf(folder: string): Generator<fs.Dirent> {
  let dir: fs.Dir;
  try {
    dir = fs.opendirSync(folder, { bufferSize: 256 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return;
  }
  try {
    for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) yield entry;
  } finally {
    dir.closeSync();
  }
}
