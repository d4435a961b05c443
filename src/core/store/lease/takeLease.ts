import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as disk from '../disk/disk.ts';
import { codeOf } from '../disk/files.ts';
import { type Lock, takeLock, temporaryFile } from '../disk/lock.ts';
import { nameProblem } from '../name.ts';
import { assertInside, asValue, isInside, isoTime, prepareRoot, type StoreContext } from '../storeContext.ts';
import { holdLease } from './holdLease.ts';
import type { Lease, LeaseHolder, LeaseOptions, LeaseOutcome, LeasePeriods } from './lease.ts';
import { holderOf, type LeaseLook, type LeaseRecord, leaseText, lookAtLease, plain } from './leaseFile.ts';
import { startOf, thisMachine } from './machine.ts';
import { staleness } from './staleLease.ts';

/** The leases of one store. Owns the heartbeats of those that this process holds. */
export interface LeaseKeeper {
  take(sessionId: string, options: LeaseOptions): Promise<LeaseOutcome>;
  holder(sessionId: string): Promise<LeaseHolder | undefined>;
  /** Releases what is held. */
  close(): Promise<void>;
}

export function leaseKeeper(context: StoreContext, periods: LeasePeriods): LeaseKeeper {
  const folder = path.join(context.root, 'leases');
  const held = new Set<Lease>();
  const isDead = staleness(periods);

  /** Undefined where the lease is no more what it was when it was judged. */
  const takeIfStill = async (
    lockFile: string,
    file: string,
    judged: LeaseLook | undefined,
    options: LeaseOptions,
  ): Promise<LeaseRecord | undefined> => {
    const lock = await takeLock(lockFile);
    try {
      const now = await lookAtLease(file);
      if (options.takeOver !== true && now?.signature !== judged?.signature) return undefined;
      const record: LeaseRecord = {
        id: context.random(),
        host: os.hostname(),
        pid: process.pid,
        program: plain(options.program),
        since: isoTime(context),
        machine: thisMachine(),
        started: startOf(process.pid),
        beat: 0,
      };
      return (await replace(file, lockFile, lock, leaseText(record))) ? record : undefined;
    } finally {
      await lock.release();
    }
  };

  const take = async (sessionId: string, options: LeaseOptions): Promise<LeaseOutcome> => {
    const file = path.join(folder, `${sessionId}.json`);
    const lockFile = path.join(folder, `${sessionId}.lock`);
    if (nameProblem(sessionId))
      return { kind: 'io', code: 'EINVAL', path: file, message: 'no file can have this name' };
    return asValue(file, async () => {
      await prepareRoot(context);
      await prepareFolder(context, folder);
      for (;;) {
        const look = await lookAtLease(file);
        if (look && options.takeOver !== true && !(await isDead(file, look))) {
          return { kind: 'held', holder: holderOf(look.record) };
        }
        const record = await takeIfStill(lockFile, file, look, options);
        if (!record) continue;
        const lease = holdLease({
          file,
          lockFile,
          record,
          periods,
          onLost: options.onLost,
          onEnd: () => held.delete(lease),
        });
        held.add(lease);
        return { kind: 'taken', lease };
      }
    });
  };

  return {
    take,
    holder: async (sessionId) => {
      const file = path.join(folder, `${sessionId}.json`);
      if (nameProblem(sessionId) || !(await isInside(context.folder, folder))) return undefined;
      try {
        const look = await lookAtLease(file);
        return look && !(await isDead(file, look)) ? holderOf(look.record) : undefined;
      } catch (error) {
        if (codeOf(error) === undefined) throw error;
        // Whoever takes it is told.
        return undefined;
      }
    },
    close: async () => {
      await Promise.all([...held].map((lease) => lease.release()));
    },
  };
}

class NotAFolder extends Error {
  readonly code = 'ENOTDIR';
}

async function prepareFolder(context: StoreContext, folder: string): Promise<void> {
  await assertInside(context, folder);
  await disk.makeFolder(folder).catch((error) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  if (!(await disk.lstat(folder))?.isDirectory()) throw new NotAFolder(`${folder} is not a folder`);
}

/** False where the lock was lost meanwhile. */
async function replace(file: string, lockFile: string, lock: Lock, text: string): Promise<boolean> {
  const temporary = temporaryFile(lockFile, lock.token);
  try {
    await disk.create(temporary, text);
    const mine = await lock.isHeld();
    if (mine) fs.renameSync(temporary, file);
    return mine;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}
