import path from 'node:path';
import { clockOf } from '../disk/fileClock.ts';
import type { LeasePeriods } from './lease.ts';
import { type LeaseLook, lookAtLease } from './leaseFile.ts';
import { isAlive, startOf, thisMachine } from './machine.ts';

/** Grains of file times, and steps of a clock that is being set right. */
const AHEAD_MS = 2000;
const LOOKS_PER_BEAT = 4;

/**
 * `isStale` for one who looks often: what was found stale stays so, and what changed since the last look, or was found
 * living less than two beats ago, lives without a probe.
 */
export function staleness(periods: LeasePeriods): (file: string, look: LeaseLook) => Promise<boolean> {
  const stale = new Map<string, string>();
  const living = new Map<string, { readonly look: LeaseLook; readonly at: number }>();
  return async (file, look) => {
    const { signature } = look;
    if (stale.get(file) === signature) return true;
    const last = living.get(file);
    const ago = last ? performance.now() - last.at : Number.POSITIVE_INFINITY;
    const isSame = last?.look.signature === signature;
    const hasBeaten = last !== undefined && look.mtimeMs > last.look.mtimeMs;
    const isFresh = isSame ? ago < 2 * periods.beat : hasBeaten && ago < periods.stale;
    if (isFresh && processOf(look) !== 'dead') {
      if (!isSame) living.set(file, { look, at: performance.now() });
      return false;
    }
    const result = await isStale(file, look, periods);
    if (result) stale.set(file, signature);
    else living.set(file, { look, at: performance.now() });
    return result;
  };
}

/**
 * Whether nobody lives behind a lease. No two machines' clocks are compared: a process of this machine is asked for; of
 * others the age counts by the file system's own clock; where file times say nothing, whether it beats.
 */
async function isStale(file: string, look: LeaseLook, periods: LeasePeriods): Promise<boolean> {
  const process = processOf(look);
  if (process === 'dead') return true;
  const now = clockOf(path.dirname(file));
  const age = now === undefined ? undefined : now - look.mtimeMs;
  if (age === undefined || age < -AHEAD_MS) return !(await beats(file, look, periods, 3));
  if (age <= periods.stale) return false;
  // After a sleep of the machine its processes live, and have not come to their next beat yet.
  return process === 'unknown' || !(await beats(file, look, periods, 1.5));
}

/** What this machine knows of the holder's process; of those elsewhere nothing. */
function processOf({ record }: LeaseLook): 'alive' | 'dead' | 'unknown' {
  if (record?.machine !== thisMachine()) return 'unknown';
  const { pid, started } = record;
  if (!isAlive(pid)) return 'dead';
  const start = startOf(pid);
  if (start === undefined || started === undefined) return 'unknown';
  // Otherwise another process has the number by now.
  return start === started ? 'alive' : 'dead';
}

/** Watches for `count` beats' time; counted by looks, since clocks run on while the machine sleeps. */
async function beats(file: string, look: LeaseLook, { beat }: LeasePeriods, count: number): Promise<boolean> {
  for (let left = count * LOOKS_PER_BEAT; left > 0; left--) {
    await new Promise((resolve) => setTimeout(resolve, beat / LOOKS_PER_BEAT));
    const now = await lookAtLease(file);
    if (now === undefined) return false;
    if (now.signature !== look.signature) return true;
  }
  return false;
}
