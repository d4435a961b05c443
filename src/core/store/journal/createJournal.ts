import path from 'node:path';
import * as disk from '../disk/disk.ts';
import { nameAsNew, syncFolder, writeAll } from '../disk/writeFileSafely.ts';

/** Makes a journal with its first lines, durably; it never takes the place of another. */
export async function createJournal(file: string, temporary: string, lines: string): Promise<void> {
  const handle = await disk.open(temporary, 'wx', 0o600);
  try {
    await writeAll(handle, Buffer.from(lines));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  if (!(await nameAsNew(temporary, file))) {
    await disk.unlink(temporary);
    throw Object.assign(new Error(`${file} is there already`), { code: 'EEXIST', path: file });
  }
  await syncFolder(path.dirname(file));
}
