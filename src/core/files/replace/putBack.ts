import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { promisify } from 'node:util';
import { holds, sha256 } from '../version.ts';
import { keepNamed, keepOld, letLinger, moveOnDevice, type Old } from './displaced.ts';
import type { Exchange } from './exchange.ts';
import { rememberKey } from './keys.ts';
import { isSameFile, tryLink } from './links.ts';
import { displacedName } from './names.ts';
import type { Prepared, Replaced } from './replacement.ts';
import { syncFolder } from './temporaryFile.ts';

const sleep = promisify(setTimeout);

/** Each turn needs one more foreign rename within microseconds. */
const TURNS = 8;

/** Our write becomes undone: the old file, which somebody wrote into, gets its name back. */
export async function putBack(job: Prepared, old: Old): Promise<Replaced> {
  if (job.steps.beforePutBack !== undefined) await job.steps.beforePutBack();
  if (old.link === undefined) return { kind: 'slipped-in', kept: await keepOld(job, old) };
  if (job.exchange === undefined) return putBackByRename(job, { ...old, link: old.link });
  return putHeldBack(job, job.exchange, old.link);
}

/** The same where somebody's rename was faster, and our exchange has displaced their file to the temporary name. */
export async function putForeignBack(job: Prepared, exchange: Exchange): Promise<Replaced> {
  if (job.steps.beforePutBack !== undefined) await job.steps.beforePutBack();
  return putHeldBack(job, exchange, job.temporary);
}

async function putHeldBack(job: Prepared, exchange: Exchange, held: string): Promise<Replaced> {
  const left = await exchangeBack(job, exchange, held);
  await syncFolder(nodePath.dirname(job.path));
  return left === 'ours' ? lookAtOurs(job, held) : { kind: 'slipped-in', kept: await keepNamed(job, held) };
}

/**
 * Gives the version under the name `held` the path again, unless somebody has built on ours meanwhile: then that comes
 * out, is newer, and goes back itself; and so on, until what comes out is what we have put there last. Returns whose
 * version is left under `held`.
 */
async function exchangeBack(job: Prepared, exchange: Exchange, held: string): Promise<'ours' | 'theirs'> {
  let last: fs.BigIntStats | undefined;
  for (let turn = 0; turn < TURNS; turn++) {
    const put = fs.lstatSync(held, { bigint: true });
    // Somebody has deleted the file meanwhile.
    if (!exchange(job.path, held)) return 'theirs';
    const out = fs.lstatSync(held, { bigint: true });
    if (last !== undefined && isSameFile(out, last)) return 'theirs';
    const isOurs = last === undefined && isSameFile(out, fs.fstatSync(job.ours, { bigint: true }));
    if (isOurs && (await holds(job.ours, job.content))) return 'ours';
    last = put;
  }
  return 'theirs';
}

/** Our version has been public for a moment: the same two looks at it, which is now the displaced one. */
async function lookAtOurs(job: Prepared, held: string): Promise<Replaced> {
  const first = await holds(job.ours, job.content);
  const named = nodePath.join(job.displaced, await nameOfOurs(job));
  const link = held === named || moveOnDevice(held, named) ? named : held;
  await sleep(1);
  const before = fs.fstatSync(job.ours, { bigint: true });
  if (!first || !(await holds(job.ours, job.content))) return { kind: 'slipped-in', kept: await keepNamed(job, link) };
  letLinger(job, link, before);
  return { kind: 'slipped-in' };
}

async function nameOfOurs(job: Prepared): Promise<string> {
  const id = rememberKey(job.displaced, job.key);
  return displacedName({ sha256: await sha256(job.content), id, path: job.path }, 'old');
}

/** Without an exchange: a foreign rename between our last look at the path and our rename would be lost. */
async function putBackByRename(job: Prepared, old: Old & { readonly link: string }): Promise<Replaced> {
  const ourLink = nodePath.join(job.displaced, await nameOfOurs(job));
  if (tryLink(job.path, ourLink) !== 'linked') return { kind: 'slipped-in', kept: await keepOld(job, old) };
  const linked = fs.lstatSync(ourLink, { bigint: true });
  if (!isSameFile(linked, fs.fstatSync(job.ours, { bigint: true })) || !(await holds(job.ours, job.content))) {
    fs.rmSync(ourLink, { force: true });
    return { kind: 'slipped-in', kept: await keepOld(job, old) };
  }
  fs.renameSync(old.link, job.path);
  await syncFolder(nodePath.dirname(job.path));
  return lookAtOurs(job, ourLink);
}
