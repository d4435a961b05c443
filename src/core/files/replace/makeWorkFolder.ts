import * as fs from 'node:fs';
import * as nodePath from 'node:path';

/**
 * Makes a folder in the sessions' folder: 0700, and never part of a commit. A link in its place, which may have come
 * with a clone, is refused (ENOTDIR), so that nothing is written through it.
 */
export function makeWorkFolder(sessionsFolder: string, name: string): string {
  fs.mkdirSync(sessionsFolder, { recursive: true, mode: 0o700 });
  writeOnce(nodePath.join(sessionsFolder, '.gitignore'), '*\n');
  const folder = nodePath.join(sessionsFolder, name);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!fs.lstatSync(folder).isDirectory()) {
    throw Object.assign(new Error(`not a folder: ${folder}`), { code: 'ENOTDIR', syscall: 'mkdir' });
  }
  return folder;
}

/** A full disk takes a name, but no content: then the name goes, so that the next try writes it. */
function writeOnce(file: string, text: string): void {
  if (fs.existsSync(file)) return;
  try {
    fs.writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    fs.rmSync(file, { force: true });
    throw error;
  }
}
