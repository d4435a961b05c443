import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { isAbandoned, ownTag } from './names.ts';
import { removeStaleLock } from './removeStaleLock.ts';

/**
 * A lock that cooperating writers hold while they compare and replace one file: for milliseconds. It keeps two Holdfast
 * processes apart; other programs don't know it, so the replacing itself never relies on it alone.
 */
export interface Lock {
  /** False when another process took the lock over (this one was suspended and thought dead). */
  isMine(): boolean;
  release(): void;
}

const sleep = promisify(setTimeout);
/** Holders are done in milliseconds; a writer that can't get the lock for so long gives up. */
const PATIENCE_MS = 10_000;

/**
 * Creates `file` exclusively, waiting for its turn. Undefined when `patience` ms passed. A lock whose process is dead
 * is taken over. Throws the system's error where the folder can't be written.
 */
export async function takeLock(file: string, patience: number = PATIENCE_MS): Promise<Lock | undefined> {
  const token = ownTag();
  const started = performance.now();
  for (;;) {
    try {
      fs.writeFileSync(file, token, { flag: 'wx', mode: 0o600 });
      return { isMine: () => readToken(file) === token, release: () => release(file, token) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (removeStaleLock(file, () => isDead(file))) continue;
    if (performance.now() - started > patience) return undefined;
    await sleep(1);
  }
}

function release(file: string, token: string): void {
  if (readToken(file) === token) fs.rmSync(file, { force: true });
}

function readToken(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isDead(file: string): boolean {
  const token = readToken(file);
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return token !== undefined && stat !== undefined && isAbandoned(token, stat.mtimeMs);
}
