import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import type { LateConflict } from '../guard/guardTypes.ts';
import { toLate } from './lateLooks.ts';
import { LINGER_MS, type Recovered, removeLeftovers } from './leftovers.ts';

/** Folders in the sessions' folder that the guard works with. */
export interface WorkFolders {
  readonly locks: string;
  readonly displaced: string;
}

/** Gives the guard's folders, made when they are first needed, and made again where somebody removed them. */
export function createWorkFolders(sessionsFolder: string): {
  get(): WorkFolders;
  /**
   * Removes what other writers left: in `folder` once, since it may be long, and now and then among the displaced
   * versions. Returns what had to be kept.
   */
  tidy(folder: string): Promise<readonly LateConflict[]>;
} {
  const tidied = new Set<string>();
  let displacedTidiedAt = Number.NEGATIVE_INFINITY;
  let made: WorkFolders | undefined;
  const get = (): WorkFolders => {
    if (made === undefined || !fs.existsSync(made.locks) || !fs.existsSync(made.displaced)) {
      made = makeWorkFolders(sessionsFolder);
    }
    return made;
  };
  return {
    get,
    async tidy(folder) {
      const { displaced } = get();
      const recovered: Recovered[] = [];
      if (performance.now() - displacedTidiedAt > LINGER_MS) {
        displacedTidiedAt = performance.now();
        recovered.push(...(await removeLeftovers(displaced, displaced)));
      }
      if (!tidied.has(folder)) {
        tidied.add(folder);
        recovered.push(...(await removeLeftovers(folder, displaced)));
      }
      return toLate(recovered, displaced);
    },
  };
}

function makeWorkFolders(sessionsFolder: string): WorkFolders {
  return { locks: makeWorkFolder(sessionsFolder, 'locks'), displaced: makeWorkFolder(sessionsFolder, 'displaced') };
}

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
