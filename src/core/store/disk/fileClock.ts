import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { codeOf } from './files.ts';

/**
 * What time it is for a folder's file system, ms since the epoch: the time of a file that was written just now. On a
 * network disk that is the server's, whatever the clocks of the machines say. Undefined where no file can be written.
 */
export function clockOf(folder: string): number | undefined {
  const probe = path.join(folder, `.probe-${randomBytes(6).toString('hex')}`);
  try {
    fs.writeFileSync(probe, '.', { flag: 'wx', mode: 0o600 });
    return fs.lstatSync(probe).mtimeMs;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  } finally {
    remove(probe);
  }
}

function remove(probe: string): void {
  try {
    fs.rmSync(probe, { force: true });
  } catch (error) {
    // A folder that cannot be written has no probe, or keeps one of a byte.
    if (codeOf(error) === undefined) throw error;
  }
}
