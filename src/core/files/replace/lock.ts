import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { openFile } from '../version.ts';
import { isAbandoned, ownTag } from './names.ts';
import { ageOf, removeStaleLock } from './removeStaleLock.ts';

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
/** Whatever the lock says: an older one has no holder, or one that was suspended, which `isMine` tells then. */
const OLD_MS = 5 * 60_000;
/** The age of a lock is asked for at every so many tries: it takes a file to tell. */
const AGE_AT = 16;
/** Longer than any tag. */
const MAX_TOKEN_BYTES = 200;

/**
 * Creates `file` exclusively, waiting for its turn. Undefined when `patience` ms passed. A lock whose process is dead
 * is taken over, and so is one that is no file of ours (it may have come with a clone). Throws the system's error where the folder can't be written.
 */
export async function takeLock(file: string, patience: number = PATIENCE_MS): Promise<Lock | undefined> {
  const token = ownTag();
  const started = performance.now();
  for (let tries = 0; ; tries++) {
    try {
      fs.writeFileSync(file, token, { flag: 'wx', mode: 0o600 });
      return { isMine: () => readToken(file) === token, release: () => release(file, token) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const byAge = tries % AGE_AT === AGE_AT - 1;
    if (removeStaleLock(file, () => isDead(file, byAge))) continue;
    if (performance.now() - started > patience) return undefined;
    await sleep(1);
  }
}

function release(file: string, token: string): void {
  if (readToken(file) === token) fs.rmSync(file, { force: true });
}

/** Undefined where there is none; '' for what no lock can be: a link, a folder, too much. Never waits. */
function readToken(file: string): string | undefined {
  const opened = openFile(file);
  if (opened.kind !== 'open') return opened.kind === 'missing' ? undefined : '';
  try {
    return opened.stat.size > MAX_TOKEN_BYTES ? '' : fs.readFileSync(opened.fd, 'utf8');
  } finally {
    fs.closeSync(opened.fd);
  }
}

function isDead(file: string, byAge: boolean): boolean {
  const token = readToken(file);
  if (token === undefined) return false;
  const age = byAge ? ageOf(file) : 0;
  return age !== undefined && (age > OLD_MS || isAbandoned(token, age));
}
