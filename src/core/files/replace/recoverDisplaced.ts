import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import type { LateConflict } from '../guard/guardTypes.ts';
import { toLate } from './lateLooks.ts';
import { removeLeftovers } from './leftovers.ts';

/**
 * Looks among the displaced versions for what writers left that have ended, and keeps what somebody wrote into one
 * since; a guard does so at its writes. Told are those whose key is known.
 */
export async function recoverDisplaced(sessionsFolder: string): Promise<readonly LateConflict[]> {
  const displaced = nodePath.join(sessionsFolder, 'displaced');
  // A link in its place may have come with a clone.
  if (fs.lstatSync(displaced, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return toLate(await removeLeftovers(displaced, displaced), displaced);
}
