import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { codeOf, ifThere } from '../disk/files.ts';

const FOLDER = '.cache';

/** A derived file of `.cache/`; undefined where it is missing, cannot be read, or is no file. */
export async function readDerived(root: string, file: string): Promise<Buffer | undefined> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
  let handle: fs.promises.FileHandle | undefined;
  try {
    handle = await fs.promises.open(path.join(root, FOLDER, file), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    return (await handle.stat()).isFile() ? await handle.readFile() : undefined;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  } finally {
    await handle?.close();
  }
}

/** Replaces a derived file. A folder that cannot be written has none. */
export async function writeDerived(root: string, file: string, parts: Iterable<string | Uint8Array>): Promise<void> {
  const folder = path.join(root, FOLDER);
  const temporary = path.join(folder, `${file}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await fs.promises.mkdir(folder, { mode: 0o700 }).catch((error) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    if (!(await fs.promises.lstat(folder)).isDirectory()) return;
    await fs.promises.writeFile(temporary, parts, { mode: 0o600, flag: 'wx' });
    await fs.promises.rename(temporary, path.join(folder, file));
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    await ifThere(fs.promises.unlink(temporary)).catch(() => undefined);
  }
}
