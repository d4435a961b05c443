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
  /** Decimal. */
  readonly ino: string;
}

export interface WalkOptions {
  /** Absolute path of a folder that is left out. */
  readonly skipped?: string;
  readonly pause: Pacer;
  readonly signal?: AbortSignal | undefined;
  /** Default: 20,000. */
  readonly maxFiles?: number;
}

/** About 100 ms; in a bigger folder what lies deeper is not seen. */
const MAX_FILES = 20_000;

/**
 * Goes through the regular files of a folder, the shallow ones first, without following links. Leaves out `.git`
 * and `node_modules`. Folders that can't be read are passed over; aborting throws the signal's reason.
 */
export async function* walkFolder(
  root: string,
  { skipped, pause, signal, maxFiles = MAX_FILES }: WalkOptions,
): AsyncGenerator<FoundFile> {
  let files = 0;
  const folders = [''];
  for (const folder of folders) {
    for (const entry of entriesOf(nodePath.join(root, folder))) {
      await pause();
      signal?.throwIfAborted();
      const key = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const path = nodePath.join(root, key);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && !isInGit(entry.name) && path !== skipped) folders.push(key);
      } else if (entry.isFile()) {
        if (++files > maxFiles) return;
        const stat = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
        if (stat !== undefined) yield { key, path, size: stat.size, ino: String(stat.ino) };
      }
    }
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
