import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { openFile } from '../version.ts';
import { keptPath, moveIfThere } from './leftovers.ts';
import type { Lingering, Prepared } from './replacement.ts';
import { copyDescriptor } from './temporaryFile.ts';

/** The file that was displaced. */
export interface Old {
  readonly fd: number;
  /** A name of it that is ours; undefined where hard links are refused. */
  readonly link: string | undefined;
  /** Where it was copied to before, since it is to be kept and has no second name. */
  readonly copy?: string | undefined;
}

/** For later looks; beside the target, on another device than the displaced versions, it would only be in people's way. */
export function letLinger(job: Prepared, link: string | undefined, stat: fs.BigIntStats): Lingering | undefined {
  if (link === undefined) return undefined;
  if (nodePath.dirname(link) === job.displaced) {
    const file = link.replace(/old$/, 'done');
    return moveIfThere(link, file) ? { file, stat } : undefined;
  }
  fs.rmSync(link, { force: true });
  return undefined;
}

/** Gives the displaced version a name that stays. */
export async function keepOld(job: Prepared, { fd, link }: Pick<Old, 'fd' | 'link'>): Promise<string> {
  return link !== undefined ? keepNamed(job, link) : copyOld(job, fd);
}

export async function copyOld(job: Prepared, fd: number): Promise<string> {
  const kept = keptPath(job.displaced, job, job.now);
  await copyDescriptor(fd, kept);
  return kept;
}

/** The same for whatever lies under a name of ours. */
export async function keepNamed(job: Prepared, link: string): Promise<string> {
  const kept = keptPath(job.displaced, job, job.now);
  if (moveOnDevice(link, kept)) return kept;
  const opened = openFile(link);
  // A link or a folder that somebody put at the path: it stays where it is.
  if (opened.kind !== 'open') return link;
  try {
    await copyDescriptor(opened.fd, kept);
  } finally {
    fs.closeSync(opened.fd);
  }
  fs.rmSync(link, { force: true });
  return kept;
}

export function moveOnDevice(from: string, to: string): boolean {
  try {
    fs.renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    return false;
  }
}
