import path from 'node:path';
import * as disk from './disk/disk.ts';
import { codeOf, ifThere, type SessionFiles } from './disk/files.ts';
import { type Lock, LockTimeout, takeLock } from './disk/lock.ts';
import { syncFolder } from './disk/writeFileSafely.ts';
import type { WriteFailure } from './sessionStore.ts';

/** What every operation of a store shares. */
export interface StoreContext {
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  readonly root: string;
  readonly now: () => number;
  readonly random: () => string;
  /** Runs operations on one name one after another; those of other processes are kept apart by lock files. */
  readonly oneByOne: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  /** Keeps work that nobody waits for but the store's `close`, where a defect of it shows. */
  readonly later: (work: Promise<unknown>) => void;
}

/** The sessions' folder lies, or leads, outside of the workspace. */
class OutsideWorkspace extends Error {
  readonly code = 'EACCES';
}

export function isoTime(context: StoreContext): string {
  return new Date(context.now()).toISOString();
}

/** True when `root`, or what exists of it, really lies inside `folder`: a link in a cloned workspace may lead anywhere. */
export async function isInside(folder: string, root: string): Promise<boolean> {
  const inside = (outer: string, inner: string) => {
    const relative = path.relative(outer, inner);
    return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
  };
  if (!inside(folder, root)) return false;
  const real = await ifThere(disk.realPath(root));
  if (real !== undefined) return inside(await disk.realPath(folder), real);
  const parent = path.dirname(root);
  return parent === folder || isInside(folder, parent);
}

/** Refuses a folder that leads out of the workspace. */
export async function assertInside({ folder }: StoreContext, inner: string): Promise<void> {
  if (!(await isInside(folder, inner))) throw new OutsideWorkspace(`${inner} is not inside ${folder}`);
}

/** Creates the sessions' folder at the first write, readable by its owner only and ignored by git. */
export async function prepareRoot(context: StoreContext): Promise<void> {
  const { root } = context;
  await assertInside(context, root);
  if (!(await disk.exists(root))) {
    await disk.makeFolder(root);
    await syncFolder(path.dirname(root));
  }
  const ignore = path.join(root, '.gitignore');
  await disk.create(ignore, '*\n').catch((error) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}

/** Runs `work` under the lock of a session, alone in this process. What the system refuses becomes a value. */
export async function underLock<T>(
  context: StoreContext,
  files: SessionFiles,
  work: (lock: Lock) => Promise<T>,
): Promise<T | Extract<WriteFailure, { kind: 'io' }>> {
  return context.oneByOne(files.name, () =>
    asValue(files.snapshot, async () => {
      await prepareRoot(context);
      const lock = await takeLock(files.lock);
      try {
        return await work(lock);
      } finally {
        await lock.release();
      }
    }),
  );
}

/** Turns the system's errors (ENOSPC, EACCES, ...) into a value; others are defects and stay errors. */
export async function asValue<T>(
  file: string,
  work: () => Promise<T>,
): Promise<T | Extract<WriteFailure, { kind: 'io' }>> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof LockTimeout ? error.code : codeOf(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    const at = 'path' in error && typeof error.path === 'string' ? error.path : file;
    return { kind: 'io', code, path: at, message: error.message };
  }
}

/** `underLock` for several sessions, always taken in the same order, so that two processes cannot wait for each other. */
export function underLocks<T>(
  context: StoreContext,
  all: readonly SessionFiles[],
  work: (lockOf: (files: SessionFiles) => Lock) => Promise<T>,
): Promise<T | Extract<WriteFailure, { kind: 'io' }>> {
  const sorted = [...new Map(all.map((files) => [files.name, files])).values()].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const held = new Map<string, Lock>();
  const lockOf = (files: SessionFiles): Lock => {
    const lock = held.get(files.name);
    if (!lock) throw new Error(`${files.name} is not locked`);
    return lock;
  };
  const next = (index: number): Promise<T | Extract<WriteFailure, { kind: 'io' }>> => {
    const files = sorted[index];
    if (!files) return work(lockOf);
    return underLock(context, files, (lock) => {
      held.set(files.name, lock);
      return next(index + 1);
    });
  };
  return next(0);
}
