import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { tryLink } from './links.ts';
import { temporaryName } from './names.ts';
import type { Steps } from './replacement.ts';
import { syncFolder, writeTemporary } from './temporaryFile.ts';

export type Created = { readonly kind: 'created'; readonly stat: fs.BigIntStats } | { readonly kind: 'exists' };

/**
 * Creates a file with its whole content at once, parents included, and never overwrites: the finished temporary file
 * gets its name by a hard link, which fails where the name is taken. Where hard links are refused, an empty file is
 * created exclusively and replaced by the finished one.
 */
export async function createFile(path: string, content: Buffer, steps: Steps = {}): Promise<Created> {
  const folder = nodePath.dirname(path);
  fs.mkdirSync(folder, { recursive: true });
  const temporary = nodePath.join(folder, temporaryName());
  const fd = await writeTemporary(temporary, content, undefined);
  try {
    if (steps.beforeRename !== undefined) await steps.beforeRename();
    switch (tryLink(temporary, path)) {
      case 'linked':
        break;
      case 'exists':
        return { kind: 'exists' };
      case 'missing':
        throw Object.assign(new Error(`ENOENT: the folder is gone, link '${path}'`), {
          code: 'ENOENT',
          syscall: 'link',
        });
      case 'refused':
        if (!replacePlaceholder(temporary, path)) return { kind: 'exists' };
    }
    fs.rmSync(temporary, { force: true });
    await syncFolder(folder);
    return { kind: 'created', stat: fs.fstatSync(fd, { bigint: true }) };
  } finally {
    fs.closeSync(fd);
    fs.rmSync(temporary, { force: true });
  }
}

function replacePlaceholder(temporary: string, path: string): boolean {
  try {
    fs.closeSync(fs.openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  if (fs.lstatSync(path).size !== 0) return false;
  try {
    fs.renameSync(temporary, path);
  } catch (error) {
    if (fs.lstatSync(path, { throwIfNoEntry: false })?.size === 0) fs.rmSync(path, { force: true });
    throw error;
  }
  return true;
}
