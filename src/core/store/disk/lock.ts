import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { removeStaleLock } from '../../files/replace/removeStaleLock.ts';
import { isAlive, thisMachine } from '../lease/machine.ts';
import * as disk from './disk.ts';
import { clockOf } from './fileClock.ts';
import { codeOf } from './files.ts';

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
  /** Where `pid` means a process. */
  readonly machine: string;
}

/** A holder refreshes its lock's time this often; without a refresh for `STALE_MS` it counts as dead. */
const BEAT_MS = 2000;
const STALE_MS = 10_000;
const PATIENCE_MS = 30_000;
/** The age of a lock is asked for at every so many tries: it takes a file to tell. */
const AGE_AT = 8;

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
  const holder: Holder = { token, pid: process.pid, machine: thisMachine() };
  const deadline = performance.now() + PATIENCE_MS;
  for (let tries = 0; ; tries++) {
    try {
      await disk.create(file, JSON.stringify({ ...holder, at: new Date().toISOString() }));
      break;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    if (!removeStale(file, tries % AGE_AT === AGE_AT - 1)) {
      if (performance.now() > deadline) throw new LockTimeout(`${file} is held by another process`);
      await new Promise((resolve) => setTimeout(resolve, Math.min(50, 2 + tries)));
    }
  }
  const beat = setInterval(() => {
    const now = new Date(clockOf(path.dirname(file)) ?? Date.now());
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

/** Longer than any holder. */
const MAX_BYTES = 4096;

/** Undefined where nobody holds it; a token of '' for a lock that is being written, or is damaged, or no file. */
function readHolder(file: string): Holder | undefined {
  try {
    const { token, pid, machine } = JSON.parse(disk.readStart(file, MAX_BYTES).toString('utf8'));
    if (/^[0-9a-f]{16}$/.test(token) && Number.isInteger(pid) && typeof machine === 'string') {
      return { token, pid, machine };
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    const isOther = codeOf(error) === 'ELOOP' || error instanceof SyntaxError || error instanceof TypeError;
    if (!isOther) throw error;
  }
  return { token: '', pid: 0, machine: '' };
}

/** By the file system's clock, since the holder may be a machine whose own differs. */
function isOld(file: string): boolean {
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  const now = clockOf(path.dirname(file)) ?? Date.now();
  return stat !== undefined && now - stat.mtimeMs >= STALE_MS;
}

/** The holder, where it is dead: its process is, or (where that is asked) its age says so. */
function staleHolder(file: string, byAge: boolean): Holder | undefined {
  const holder = readHolder(file);
  if (holder === undefined) return undefined;
  const dead = holder.pid > 0 && holder.machine === thisMachine() && !isAlive(holder.pid);
  return dead || (byAge && isOld(file)) ? holder : undefined;
}

function remove(file: string): void {
  fs.rmSync(file, { force: true });
}

/** Removes the lock of a dead holder, with its temporary file; true when it did. */
function removeStale(file: string, byAge: boolean): boolean {
  return removeStaleLock(
    file,
    () => staleHolder(file, byAge) !== undefined,
    () => {
      const token = staleHolder(file, byAge)?.token;
      if (token) remove(temporaryFile(file, token));
    },
  );
}
