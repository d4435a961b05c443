import fs from 'node:fs';
import path from 'node:path';
import { codeOf } from './disk/files.ts';

/**
 * Absolute path of the mirror that a snapshot names (`source.raw.file`): only ever a file of `raw/`, whatever is named.
 * `root` is that of the store. Undefined where something else than a file has its place, or `raw` is a link: it may have come with a clone,
 * and what it leads to would go to an agent as the session's own words.
 */
export function mirrorPath(root: string, file: string): string | undefined {
  const name = path.posix.basename(file.replaceAll('\\', '/'));
  if (!/\.jsonl?$/.test(name) || name.startsWith('.') || name.includes('\0')) return undefined;
  const folder = path.join(root, 'raw');
  const mirror = path.join(folder, name);
  try {
    const isPlain =
      fs.lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== false &&
      fs.lstatSync(mirror, { throwIfNoEntry: false })?.isFile() !== false;
    return isPlain ? mirror : undefined;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}
