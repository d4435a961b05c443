import fs from 'node:fs';
import { codeOf, ifThere, type SessionFiles } from '../disk/files.ts';

/** Tells one version of a file from another, as far as a stat can. */
export interface FileVersion {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
}

export function isSame(a: FileVersion, b: FileVersion): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino;
}

/** The version of a session's journals, and when they changed last (ms since the epoch; 0 where there are none). */
export function journalsVersion(files: SessionFiles): { readonly version: string; readonly changedAt: number } {
  const stats = [files.folding, files.journal].map((file) => fs.lstatSync(file, { throwIfNoEntry: false }));
  return {
    version: stats.map((stat) => (stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : '')).join(),
    changedAt: Math.max(...stats.map((stat) => stat?.mtimeMs ?? 0)),
  };
}

/** The file names in the sessions' folder; none where it is not there, or no folder. */
export async function namesIn(root: string): Promise<readonly string[]> {
  try {
    return (await ifThere(fs.promises.readdir(root))) ?? [];
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}
