import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import { removeStaleLock } from '../files/replace/removeStaleLock.ts';
import * as disk from './disk.ts';
import { codeOf } from './files.ts';
import { isAlive } from './machine.ts';

/** Held for one write. `token` is unique; `<name>.<token>.tmp` is the holder's temporary file. */
export interface Lock {
  readonly token: string;
  /** False when another process took the lock over, because this one seemed dead. Asked right before a rename. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

interface Holder {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
}

/** A holder refreshes its lock's time this often; without a refresh for `STALE_MS` it counts as dead. */
const BEAT_MS = 2000;
const STALE_MS = 10_000;
const PATIENCE_MS = 30_000;

/** No lock could be had in time. */
export class LockTimeout extends Error {
  readonly code = 'ELOCKED';
}

export function temporaryFile(lockFile: string, token: string): string {
  return `${lockFile.slice(0, -'.lock'.length)}.${token}.tmp`;
}

/** Waits for the lock file, created exclusively. A dead holder's lock is taken over, and its temporary file removed. */
export async function takeLock(file: string): Promise<Lock> {
  const token = randomBytes(8).toString('hex');
  const holder: Holder = { token, pid: process.pid, host: os.hostname() };
  const deadline = performance.now() + PATIENCE_MS;
  for (let tries = 0; ; tries++) {
    try {
      await disk.create(file, JSON.stringify({ ...holder, at: new Date().toISOString() }));
      break;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    if (!removeStale(file)) {
      if (performance.now() > deadline) throw new LockTimeout(`${file} is held by another process`);
      await new Promise((resolve) => setTimeout(resolve, Math.min(50, 2 + tries)));
    }
  }
  const beat = setInterval(() => {
    const now = new Date();
    // A beat that fails shows at isHeld() before anything is replaced.
    fs.utimes(file, now, now, () => undefined);
  }, BEAT_MS);
  beat.unref();
  return {
    token,
    isHeld: async () => readHolder(file)?.token === token,
    release: async () => {
      clearInterval(beat);
      if (readHolder(file)?.token === token) remove(file);
    },
  };
}

/** Undefined where nobody holds it; a token of '' for a lock that is being written, or is damaged. */
function readHolder(file: string): Holder | undefined {
  try {
    const { token, pid, host } = JSON.parse(fs.readFileSync(file, 'utf8'));
    if (/^[0-9a-f]{16}$/.test(token) && Number.isInteger(pid) && typeof host === 'string') return { token, pid, host };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  return { token: '', pid: 0, host: '' };
}

function isOld(file: string): boolean {
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs >= STALE_MS;
}

/** The holder, where it is dead: its process is, or its age says so. */
function staleHolder(file: string): Holder | undefined {
  const holder = readHolder(file);
  if (holder === undefined) return undefined;
  const dead = holder.pid > 0 && holder.host === os.hostname() && !isAlive(holder.pid);
  return dead || isOld(file) ? holder : undefined;
}

function remove(file: string): void {
  fs.rmSync(file, { force: true });
}

/** Removes the lock of a dead holder, with its temporary file; true when it did. */
function removeStale(file: string): boolean {
  return removeStaleLock(
    file,
    () => staleHolder(file) !== undefined,
    () => {
      const token = staleHolder(file)?.token;
      if (token) remove(temporaryFile(file, token));
    },
  );
}
