import path from 'node:path';
import { nameProblem } from '../name.ts';
import { prepareRoot, type StoreContext } from '../storeContext.ts';
import * as disk from './disk.ts';
import { type Lock, takeLock, temporaryFile } from './lock.ts';

/** Of the sessions' folder: where the transcripts' own bytes are kept. */
export const MIRRORS = 'raw';

export interface MirrorFolder {
  /** Absolute path. */
  readonly folder: string;
  readonly lock: Lock;
  /** Of whoever holds the lock. */
  readonly temporary: string;
}

/** Runs `work` on a session's mirrors, alone among all processes. Throws what the system answers. */
export async function inMirrors<T>(
  context: StoreContext,
  sessionId: string,
  work: (mirrors: MirrorFolder) => Promise<T>,
): Promise<T> {
  if (nameProblem(sessionId)) throw new RangeError('a session id that cannot name a file');
  await prepareRoot(context);
  const folder = path.join(context.root, MIRRORS);
  await disk.makeFolder(folder);
  if (!(await disk.lstat(folder))?.isDirectory())
    throw Object.assign(new Error(`${folder} is no folder`), { code: 'ENOTDIR' });
  return context.oneByOne(`raw ${sessionId}`, async () => {
    const file = path.join(folder, `${sessionId}.lock`);
    const lock = await takeLock(file);
    try {
      return await work({ folder, lock, temporary: temporaryFile(file, lock.token) });
    } finally {
      await lock.release();
    }
  });
}

/** `s-1.jsonl`, `s-1.2.jsonl`, ... */
export function mirrorName(sessionId: string, number: number, ending: 'json' | 'jsonl'): string {
  return number === 1 ? `${sessionId}.${ending}` : `${sessionId}.${number}.${ending}`;
}

/** The number of the newest mirror, the only one that goes on; 1 where there is none yet. */
export async function newestMirror(folder: string, sessionId: string, ending: 'json' | 'jsonl'): Promise<number> {
  for (let number = 1; ; number++) {
    if (!(await disk.exists(path.join(folder, mirrorName(sessionId, number + 1, ending))))) return number;
  }
}
