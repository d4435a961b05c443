import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { prepareRoot, type StoreContext } from '../storeContext.ts';
import * as disk from './disk.ts';
import { breathe, codeOf, ifThere } from './files.ts';
import { syncFolder, writeAll } from './writeFileSafely.ts';

const FOLDER = 'blobs';
const SLICE = 1 << 20;

async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += SLICE) {
    hash.update(bytes.subarray(at, at + SLICE));
    if (at + SLICE < bytes.length) await breathe();
  }
  return hash.digest('hex');
}

/** See SessionStore.putBlob. */
export async function putBlob(context: StoreContext, bytes: Uint8Array): Promise<{ blob: string; bytes: number }> {
  const blob = await sha256(bytes);
  const folder = path.join(context.root, FOLDER);
  const file = path.join(folder, blob);
  const stored = { blob, bytes: bytes.length };
  if ((await getBlob(context, blob)) !== undefined) return stored;
  await prepareRoot(context);
  await disk.makeFolder(folder);
  if (!(await disk.lstat(folder))?.isDirectory())
    throw Object.assign(new Error(`${folder} is no folder`), { code: 'ENOTDIR' });
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await disk.open(temporary, 'wx', 0o600);
    try {
      await writeAll(handle, bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Replaces one whose content is damaged; the same bytes otherwise.
    await disk.replace(temporary, file);
    await syncFolder(folder);
  } catch (error) {
    await ifThere(disk.unlink(temporary));
    throw error;
  }
  return stored;
}

/** See SessionStore.getBlob. */
export async function getBlob(context: StoreContext, blob: string): Promise<Uint8Array | undefined> {
  if (!/^[0-9a-f]{64}$/.test(blob)) return undefined;
  const file = path.join(context.root, FOLDER, blob);
  try {
    if (!(await disk.lstat(file))?.isFile()) return undefined;
    const bytes = await fs.promises.readFile(file);
    return (await sha256(bytes)) === blob ? bytes : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}
