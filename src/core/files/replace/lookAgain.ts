import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { holds } from '../version.ts';
import { keepOld, letLinger, type Old } from './displaced.ts';
import { putBack } from './putBack.ts';
import type { Prepared, Replaced } from './replacement.ts';
import { syncFolder } from './temporaryFile.ts';

/** A process that was writing when we renamed is done or seen after so long (PERF 4d: 0 lost of 1800). */
const SECOND_LOOK_MS = 0.2;

/** Looks at the displaced file twice; if somebody wrote into it, our write is undone. */
export async function lookAgain(job: Prepared, old: Old): Promise<Replaced> {
  const renamedAt = performance.now();
  const untouched = await holds(old.fd, job.version.bytes);
  const stat = fs.fstatSync(job.ours, { bigint: true });
  if (!untouched) return putBack(job, old);
  await syncFolder(nodePath.dirname(job.path));
  if (job.steps.betweenLooks !== undefined) await job.steps.betweenLooks();
  while (performance.now() - renamedAt < SECOND_LOOK_MS) await new Promise((resolve) => setImmediate(resolve));
  const before = fs.fstatSync(old.fd, { bigint: true });
  if (!(await holds(old.fd, job.version.bytes))) return putBack(job, old);
  if (job.keep && old.copy !== undefined) {
    if (old.link !== undefined) fs.rmSync(old.link, { force: true });
    return { kind: 'replaced', stat, kept: old.copy };
  }
  if (job.keep) return { kind: 'replaced', stat, kept: await keepOld(job, old) };
  const lingering = letLinger(job, old.link, before);
  return { kind: 'replaced', stat, ...(lingering === undefined ? {} : { lingering }) };
}
