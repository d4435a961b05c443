import { isDeepStrictEqual } from 'node:util';
import type { DriftReport, FileFreshness } from '../../core/index.ts';

/** Whether two reports say the same, so that nothing needs to be painted anew. */
export function sameReport(a: DriftReport | undefined, b: DriftReport): boolean {
  if (a === undefined || a.files.length !== b.files.length) return false;
  const { files: filesOfA, ...restOfA } = a;
  const { files: filesOfB, ...restOfB } = b;
  // File by file, since there may be many: comparing deeply takes longer than the look at the disk.
  return filesOfB.every((file, index) => sameFile(filesOfA[index], file)) && isDeepStrictEqual(restOfA, restOfB);
}

function sameFile(a: FileFreshness | undefined, b: FileFreshness): boolean {
  // A sweep gives what it found of an unchanged file again.
  if (a === b) return true;
  if (a === undefined || a.key !== b.key || a.freshness !== b.freshness) return false;
  if (a.freshness === 'same' || a.freshness === 'touched') return true;
  const { stamp: stampOfA, ...restOfA } = a;
  const { stamp: stampOfB, ...restOfB } = b;
  return stampOfA?.sha256 === stampOfB?.sha256 && isDeepStrictEqual(restOfA, restOfB);
}
