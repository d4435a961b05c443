import path from 'node:path';
import type { DataFile } from './disk.ts';
import * as disk from './disk.ts';
import { codeOf, ifThere } from './files.ts';

/** Makes renames and new names in a folder durable. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await disk.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives a file a second name; false where the name is taken. Where the disk has no hard links, it is renamed instead. */
export async function nameAsNew(from: string, to: string): Promise<boolean> {
  try {
    await disk.link(from, to);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EISDIR'].includes(code ?? '')) throw error;
    if (await disk.lstat(to)) return false;
    await disk.rename(from, to);
    return true;
  }
  await disk.unlink(from);
  return true;
}

export type Replaced = 'done' | 'exists' | 'lost-lock';

/**
 * Writes a whole file so that every moment shows the old one or the new one: temporary file in the same folder, fsync,
 * rename (a new file: link, so that it never takes another's place), fsync of the folder. On an error the old file
 * stays and the temporary one is removed.
 */
export async function writeFileSafely(
  target: string,
  temporary: string,
  options: { readonly isNew: boolean; readonly mayReplace: () => Promise<boolean> },
  write: (file: DataFile) => Promise<void>,
): Promise<Replaced> {
  let handle: DataFile | undefined;
  try {
    handle = await disk.open(temporary, 'wx', 0o600);
    await write(handle);
    await handle.sync();
    await handle.close();
    handle = undefined;
    if (!(await options.mayReplace())) {
      await ifThere(disk.unlink(temporary));
      return 'lost-lock';
    }
    if (options.isNew) {
      if (!(await nameAsNew(temporary, target))) {
        await disk.unlink(temporary);
        return 'exists';
      }
    } else await disk.replace(temporary, target);
    await syncFolder(path.dirname(target));
    return 'done';
  } catch (error) {
    await handle?.close().catch(() => undefined);
    await disk.unlink(temporary).catch(() => undefined);
    throw error;
  }
}

const SLICE = 1 << 20;

/** Collects text and writes it in slices of about 1 MiB. */
export interface TextWriter {
  text(text: string): Promise<void> | undefined;
  bytes(bytes: Uint8Array): Promise<void>;
  flush(): Promise<void>;
}

export function textWriter(file: DataFile): TextWriter {
  let held: string[] = [];
  let size = 0;
  const flush = async () => {
    const all = Buffer.from(held.join(''));
    held = [];
    size = 0;
    await writeAll(file, all);
  };
  return {
    text: (text) => {
      held.push(text);
      size += text.length;
      return size >= SLICE ? flush() : undefined;
    },
    bytes: async (bytes) => {
      if (size > 0) await flush();
      await writeAll(file, bytes);
    },
    flush,
  };
}

export async function writeAll(file: DataFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done);
    done += bytesWritten;
  }
}
