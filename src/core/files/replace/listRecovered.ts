import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { keyOf } from './keys.ts';
import { readKeptName } from './names.ts';

/** A version of a file that was displaced and kept: nothing of ours ever deletes it. */
export interface RecoveredVersion {
  /** Absolute path */
  readonly file: string;
  /** Key of the file in the read-cache, where it is known. */
  readonly key?: string;
  /** The end of the file's own name. */
  readonly name: string;
  /** ms since the epoch, to the second */
  readonly at: number;
  readonly bytes: number;
}

/** The displaced versions that were kept, newest first. Other files in that folder are passed over. */
export async function listRecovered(sessionsFolder: string): Promise<readonly RecoveredVersion[]> {
  const displaced = nodePath.join(sessionsFolder, 'displaced');
  let files: string[];
  try {
    files = await fs.promises.readdir(displaced);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
  const versions: (RecoveredVersion & { readonly order: number })[] = [];
  for (const name of files) {
    const kept = readKeptName(name);
    if (kept === undefined) continue;
    const file = nodePath.join(displaced, name);
    const stat = await fs.promises.lstat(file).catch(asMissing);
    if (stat?.isFile() !== true) continue;
    const key = keyOf(displaced, kept.id);
    const { at, order } = kept;
    versions.push({ file, ...(key === undefined ? {} : { key }), name: kept.name, at, bytes: stat.size, order });
  }
  versions.sort((a, b) => b.at - a.at || b.order - a.order);
  return versions.map(({ order: _, ...version }) => version);
}

/** Somebody has removed it since the folder was read. */
function asMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
