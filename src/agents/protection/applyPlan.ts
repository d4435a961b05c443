import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSystemError } from '../files.ts';
import type { FileChange, ProtectionPlan } from './protection.ts';

/** Ends of the files that plans change: anything else is no plan of ours. */
const PLACES = /[\\/](?:settings(?:\.local)?\.json|hooks\.json|plugin[\\/]holdfast\.js|hooks[\\/]holdfast\.json)$/;

/** Folders that are removed with the last file in them: an agent makes them when it needs them. */
const FOLDERS = /[\\/](?:\.claude|\.codex|\.gemini|\.opencode|plugin|\.github|hooks)$/;

/**
 * Does what the plan says, unless a file is not what it was: then nothing is written. Each file is replaced as a whole
 * and keeps its permissions. Rejects with a system error where one cannot be written; those before it are then done.
 */
export async function applyPlan(
  plan: ProtectionPlan,
): Promise<{ readonly kind: 'applied' } | { readonly kind: 'changed-meanwhile'; readonly file: string }> {
  for (const { file, before } of plan.changes) {
    if (!PLACES.test(file)) throw new Error(`not a file of an agent's hooks: ${file}`);
    if ((await textIfThere(file)) !== before) return { kind: 'changed-meanwhile', file };
  }
  for (const change of plan.changes) await write(change, plan.scope === 'project');
  return { kind: 'applied' };
}

async function write({ file, before, after }: FileChange, tidy: boolean): Promise<void> {
  if (after === undefined) {
    await unlink(file);
    if (tidy) await removeEmpty(dirname(file));
    return;
  }
  await mkdir(dirname(file), { recursive: true });
  const mode = before === undefined ? 0o600 : (await stat(file)).mode & 0o777;
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(temporary, 'wx', mode);
  try {
    await handle.chmod(mode);
    await handle.writeFile(after);
    await handle.sync();
    await handle.close();
    await rename(temporary, file);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await unlink(temporary);
    throw error;
  }
}

async function removeEmpty(folder: string): Promise<void> {
  if (!FOLDERS.test(folder)) return;
  try {
    await rmdir(folder);
  } catch (error) {
    // It holds something else.
    if (isSystemError(error)) return;
    throw error;
  }
  await removeEmpty(dirname(folder));
}

/** Never through a link: the plan names the file that a link leads to. */
async function textIfThere(file: string): Promise<string | undefined> {
  const { O_RDONLY, O_NOFOLLOW = 0 } = constants;
  try {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await readFile(file, { flag: O_RDONLY | O_NOFOLLOW }));
  } catch (error) {
    if (isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
    throw error;
  }
}
