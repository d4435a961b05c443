import * as fs from 'node:fs';
import * as nodePath from 'node:path';

/** Folders in the sessions' folder that the guard works with. */
export interface WorkFolders {
  readonly locks: string;
  readonly displaced: string;
}

/**
 * Creates the guard's folders where missing: 0700, never part of a commit. A link in their place, which may have come
 * with a clone, is refused (ENOTDIR), so that nothing is written through it.
 */
export function makeWorkFolders(sessionsFolder: string): WorkFolders {
  if (fs.mkdirSync(sessionsFolder, { recursive: true, mode: 0o700 }) !== undefined) {
    fs.writeFileSync(nodePath.join(sessionsFolder, '.gitignore'), '*\n', { mode: 0o600 });
  }
  const make = (name: string): string => {
    const folder = nodePath.join(sessionsFolder, name);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!fs.lstatSync(folder).isDirectory()) {
      throw Object.assign(new Error(`not a folder: ${folder}`), { code: 'ENOTDIR', syscall: 'mkdir' });
    }
    return folder;
  };
  return { locks: make('locks'), displaced: make('displaced') };
}
