import * as fs from 'node:fs';
import type { LateConflict } from '../guard/guardTypes.ts';
import { toLate } from './lateLooks.ts';
import { type Recovered, removeLeftovers } from './leftovers.ts';
import { makeWorkFolder } from './makeWorkFolder.ts';

const DISPLACED_TIDY_MS = 5000;
/** A folder of the workspace may be long, and a writer is rarely killed at work. */
const FOLDER_TIDY_MS = 60_000;

/** Folders in the sessions' folder that the guard works with. */
export interface WorkFolders {
  readonly locks: string;
  readonly displaced: string;
}

/** Gives the guard's folders, made when they are first needed, and made again where somebody removed them. */
export function createWorkFolders(sessionsFolder: string): {
  get(): WorkFolders;
  /**
   * Removes what other writers left, in `folder` and among the displaced versions, now and then. Returns what had to be
   * kept.
   */
  tidy(folder: string): Promise<readonly LateConflict[]>;
} {
  const tidiedAt = new Map<string, number>();
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
      for (const [each, every] of [
        [displaced, DISPLACED_TIDY_MS],
        [folder, FOLDER_TIDY_MS],
      ] as const) {
        if (performance.now() - (tidiedAt.get(each) ?? Number.NEGATIVE_INFINITY) < every) continue;
        tidiedAt.set(each, performance.now());
        recovered.push(...(await removeLeftovers(each, displaced)));
      }
      return toLate(recovered, displaced);
    },
  };
}

function makeWorkFolders(sessionsFolder: string): WorkFolders {
  return { locks: makeWorkFolder(sessionsFolder, 'locks'), displaced: makeWorkFolder(sessionsFolder, 'displaced') };
}
