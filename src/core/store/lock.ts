import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import * as disk from './disk.ts';
import { codeOf, ifThere } from './files.ts';

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
    if (!(await removeStale(file))) {
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
    isHeld: async () => (await readHolder(file))?.token === token,
    release: async () => {
      clearInterval(beat);
      if ((await readHolder(file))?.token === token) await ifThere(disk.unlink(file));
    },
  };
}

async function readHolder(file: string): Promise<Holder | undefined> {
  const text = await ifThere(disk.readText(file));
  if (text === undefined) return undefined;
  try {
    const { token, pid, host } = JSON.parse(text);
    if (/^[0-9a-f]{16}$/.test(token) && Number.isInteger(pid) && typeof host === 'string') return { token, pid, host };
  } catch {
    // Being written, or damaged: its age decides.
  }
  return { token: '', pid: 0, host: '' };
}

/** True when there is no stale lock (any more). The lock is renamed first, so that only one process removes it. */
async function removeStale(file: string): Promise<boolean> {
  const stat = await disk.lstat(file);
  const holder = await readHolder(file);
  if (!stat || !holder) return true;
  const dead = holder.pid > 0 && holder.host === os.hostname() && !isAlive(holder.pid);
  if (!dead && Date.now() - stat.mtimeMs < STALE_MS) return false;
  const aside = `${file}.${randomBytes(8).toString('hex')}`;
  if ((await ifThere(disk.rename(file, aside).then(() => true))) === undefined) return true;
  const moved = await readHolder(aside);
  if (moved && moved.token !== holder.token) {
    // Someone else was faster and this is his fresh lock: give it back.
    await disk.link(aside, file).catch((error) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  } else if (holder.token !== '') await ifThere(disk.unlink(temporaryFile(file, holder.token)));
  await ifThere(disk.unlink(aside));
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
