import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { promisify } from 'node:util';
import { holds, sha256 } from '../version.ts';
import { displacedName, keptPath, moveIfThere } from './leftovers.ts';
import { isSameFile, tryLink } from './links.ts';
import type { Replaced, Replacement } from './replacement.ts';
import { copyDescriptor, syncFolder } from './temporaryFile.ts';

const sleep = promisify(setTimeout);

/** A process that was writing when we renamed is done or seen after so long (PERF 4d: 0 lost of 1800). */
const SECOND_LOOK_MS = 0.2;

/** The file that a rename has displaced. */
export interface Old {
  readonly fd: number;
  /** A second name of the old file; undefined where hard links are refused. */
  readonly link: string | undefined;
}

/** Looks at the displaced file twice; if somebody wrote into it, our write is undone. */
export async function lookAgain(job: Replacement, old: Old, ours: number): Promise<Replaced> {
  const renamedAt = performance.now();
  const untouched = await holds(old.fd, job.version.bytes);
  const stat = fs.fstatSync(ours, { bigint: true });
  if (untouched) {
    await syncFolder(nodePath.dirname(job.path));
    if (job.steps.betweenLooks !== undefined) await job.steps.betweenLooks();
    while (performance.now() - renamedAt < SECOND_LOOK_MS) await new Promise((resolve) => setImmediate(resolve));
    if (await holds(old.fd, job.version.bytes)) {
      if (!job.keep) {
        letLinger(job, old);
        return { kind: 'replaced', stat };
      }
      return { kind: 'replaced', stat, kept: await keepOld(job, old) };
    }
  }
  return putBack(job, old, ours);
}

/** `removeLeftovers` looks at it once more before it drops it; beside the target it would only be in people's way. */
function letLinger(job: Replacement, { link }: Old): void {
  if (link === undefined) return;
  if (nodePath.dirname(link) === job.displaced) moveIfThere(link, link.replace(/old$/, 'done'));
  else fs.rmSync(link, { force: true });
}

/** Our write becomes undone: the foreign version gets its name back, if nobody has built on ours meanwhile. */
async function putBack(job: Replacement, old: Old, ours: number): Promise<Replaced> {
  if (job.steps.beforePutBack !== undefined) await job.steps.beforePutBack();
  if (old.link === undefined) return { kind: 'slipped-in', kept: await keepOld(job, old) };
  const ourLink = nodePath.join(job.displaced, displacedName(await sha256(job.content), job.path));
  if (tryLink(job.path, ourLink) !== 'linked') return { kind: 'slipped-in', kept: await keepOld(job, old) };
  const linked = fs.lstatSync(ourLink, { bigint: true });
  if (!isSameFile(linked, fs.fstatSync(ours, { bigint: true })) || !(await holds(ours, job.content))) {
    fs.rmSync(ourLink, { force: true });
    return { kind: 'slipped-in', kept: await keepOld(job, old) };
  }
  fs.renameSync(old.link, job.path);
  // The same two looks at our version, which is now the displaced one.
  const first = await holds(ours, job.content);
  await syncFolder(nodePath.dirname(job.path));
  await sleep(1);
  const link = { fd: ours, link: ourLink };
  if (!first || !(await holds(ours, job.content))) return { kind: 'slipped-in', kept: await keepOld(job, link) };
  letLinger(job, link);
  return { kind: 'slipped-in' };
}

/** Gives the displaced version a name that stays. */
async function keepOld(job: Replacement, old: Old): Promise<string> {
  const kept = keptPath(job.displaced, job.path, job.now);
  if (old.link !== undefined && nodePath.dirname(old.link) === job.displaced) {
    fs.renameSync(old.link, kept);
    return kept;
  }
  // Held by the descriptor, or by a link on another device.
  await copyDescriptor(old.fd, kept);
  if (old.link !== undefined) fs.rmSync(old.link, { force: true });
  return kept;
}
