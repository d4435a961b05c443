import fs from 'node:fs';
import { codeOf } from '../disk/files.ts';
import { takeLock } from '../disk/lock.ts';
import { asValue } from '../storeContext.ts';
import type { Lease, LeaseOptions, LeasePeriods } from './lease.ts';
import { beatLease, holderOf, type LeaseRecord, lookAtLease } from './leaseFile.ts';

interface Held {
  readonly file: string;
  readonly lockFile: string;
  /** As it was written. */
  readonly record: LeaseRecord;
  readonly periods: LeasePeriods;
  readonly onLost: LeaseOptions['onLost'];
  readonly onEnd: () => void;
}

/** Renews a lease until it is released or lost. */
export function holdLease(held: Held): Lease {
  const { file, lockFile, record: first, periods, onLost, onEnd } = held;
  let state: 'held' | 'released' | 'lost' = 'held';
  let beat = first.beat;
  const end = (how: 'released' | 'lost') => {
    state = how;
    clearInterval(timer);
    onEnd();
  };
  const lose = (by: LeaseRecord | undefined) => {
    if (state !== 'held') return;
    end('lost');
    onLost?.(by && holderOf(by));
  };
  const renew = async (): Promise<void> => {
    if (state !== 'held') return;
    try {
      beat += 1;
      const outcome = await beatLease(file, { ...first, beat });
      if (outcome.kind === 'lost') lose(outcome.by);
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      // A disk that refuses now may not at the next beat; if it goes on, others see the lease grow old.
    }
  };
  const timer = setInterval(renew, periods.beat);
  timer.unref();
  return {
    holder: holderOf(first),
    isMine: async () => {
      try {
        const look = await lookAtLease(file);
        if (look?.record?.id !== first.id) lose(look?.record);
      } catch (error) {
        if (codeOf(error) === undefined) throw error;
      }
      return state === 'held';
    },
    release: async () => {
      if (state !== 'held') return;
      end('released');
      // What the disk refuses to remove grows old without a heartbeat.
      await asValue(file, async () => {
        const lock = await takeLock(lockFile);
        try {
          const isMine = (await lookAtLease(file))?.record?.id === first.id;
          if (isMine && (await lock.isHeld())) fs.rmSync(file, { force: true });
        } finally {
          await lock.release();
        }
      });
    },
  };
}
