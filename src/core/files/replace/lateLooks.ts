import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import type { LateConflict } from '../guard/guardTypes.ts';
import { ioFailure, isSameState } from '../version.ts';
import { keyOf } from './keys.ts';
import { contentIs, keep, LINGER_MS, type Recovered, settle } from './leftovers.ts';
import { type DisplacedName, readDisplacedName } from './names.ts';
import type { Lingering } from './replacement.ts';

/** After the replacing: soon, so that a person is told at once; and as late as the version lingers. */
const LOOKS_MS = [50, 1000, 5000, LINGER_MS];
/** From this look on, what is big, or one of many, lingers no longer: the disk is not ours to fill. */
const SHORT_LOOK = 2;
const BIG_BYTES = 1 << 20;
const MANY = 100;

/** Owns the timers of a guard's later looks at what it has displaced; knows nothing of the files that replaced it. */
export interface LateLooks {
  expect(lingering: Lingering): void;
  /** Looks no more. What is left, `removeLeftovers` of a next writer finds. */
  close(): void;
}

/**
 * A program that had opened a file before it was replaced may write into the displaced version later. Each displaced
 * version is looked at again some times; what was written into is kept and told, the rest dropped in the end. No timer
 * keeps the process alive.
 */
export function createLateLooks(
  tell: (late: readonly LateConflict[]) => void,
  looksMs: readonly number[] = LOOKS_MS,
): LateLooks {
  const timers = new Set<NodeJS.Timeout>();
  let closed = false;

  function later(lingering: Lingering, named: DisplacedName, look: number): void {
    if (closed) return;
    const wait = (looksMs[look] ?? 0) - (looksMs[look - 1] ?? 0);
    const timer = setTimeout(() => {
      timers.delete(timer);
      // What can't be looked at now (the folder is gone, no descriptor is left) is a next writer's to find.
      lookAt(lingering, named, look).catch((error: unknown) => ioFailure(error, lingering.file));
    }, wait);
    timer.unref();
    timers.add(timer);
  }

  async function lookAt(lingering: Lingering, named: DisplacedName, look: number): Promise<void> {
    const { file } = lingering;
    const folder = nodePath.dirname(file);
    const isLast = look === looksMs.length - 1 || (look >= SHORT_LOOK && isTooMuch(lingering));
    if (isLast) return tell(toLate(await settle(file, named, folder), folder));
    const stat = fs.lstatSync(file, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return;
    if (isSameState(stat, lingering.stat)) return later(lingering, named, look + 1);
    if (await contentIs(file, named.sha256)) return later({ file, stat }, named, look + 1);
    tell(toLate(await keep(file, named, folder), folder));
  }

  const isTooMuch = ({ stat }: Lingering): boolean => timers.size > MANY || stat.size > BIG_BYTES;

  return {
    expect(lingering) {
      const named = readDisplacedName(nodePath.basename(lingering.file));
      if (named !== undefined) later(lingering, named, 0);
    },
    close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

/** What was recovered, by its key; a version whose key was lost is only listed among the recovered ones. */
export function toLate(recovered: readonly Recovered[], displaced: string): readonly LateConflict[] {
  return recovered.flatMap(({ id, kept }) => {
    const key = keyOf(displaced, id);
    return key === undefined ? [] : [{ key, kept }];
  });
}
