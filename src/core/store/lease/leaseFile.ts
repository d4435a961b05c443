import fs from 'node:fs';
import * as z from 'zod/mini';
import * as disk from '../disk/disk.ts';
import { codeOf } from '../disk/files.ts';
import { parseJson } from '../snapshot/checkBody.ts';
import type { LeaseHolder } from './lease.ts';

const MAX_BYTES = 4096;

const text = z.string().check(z.maxLength(512));

/** What lies in a lease file. */
const leaseRecord = z.looseObject({
  id: z.string().check(z.regex(/^[\w-]{8,64}$/)),
  host: text,
  pid: z.int().check(z.positive()),
  program: text,
  since: text,
  /** Where `pid` means a process (see `thisMachine`), and when that was started (see `startOf`). */
  machine: text,
  started: z.optional(text),
  /** Grows with every heartbeat. */
  beat: z.number(),
});
export type LeaseRecord = z.infer<typeof leaseRecord>;

/** A lease file at one moment. */
export interface LeaseLook {
  /** Undefined where the file is damaged, or another user's. */
  readonly record: LeaseRecord | undefined;
  /** By the file system's clock, ms since the epoch. */
  readonly mtimeMs: number;
  /** Differs after every beat and every taking. */
  readonly signature: string;
}

/** The counter has a fixed width: a beat changes nothing but digits, so that a read at any moment gives valid JSON. */
export function leaseText({ beat, ...record }: LeaseRecord): string {
  return `${JSON.stringify(record).slice(0, -1)},"beat":${String(beat).padStart(12)}}\n`;
}

/** The holder as it may be shown: the file may have come with a clone, and say anything. */
export function holderOf(record: LeaseRecord | undefined): LeaseHolder {
  if (!record) return { id: '', host: '', pid: 0, program: '', since: '' };
  const { id, host, pid, program, since } = record;
  const time = new Date(since);
  const known = Number.isNaN(time.getTime()) ? '' : time.toISOString();
  return { id, host: plain(host), pid, program: plain(program), since: known };
}

/** One short line without control characters. */
export function plain(value: string): string {
  return value
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, 100);
}

/** Undefined where there is no lease. What lies in its place and is no file is refused by an error (ELOOP). */
export async function lookAtLease(file: string): Promise<LeaseLook | undefined> {
  const there = await disk.lstat(file);
  if (!there) return undefined;
  if (!there.isFile()) throw new disk.NotAFile(file);
  try {
    // Opening asks a network disk for the present time of the file, where a plain stat may tell one of a minute ago.
    return await withFile(file, fs.constants.O_RDONLY, async ({ look }) => look);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    if (codeOf(error) !== 'EACCES') throw error;
    return { record: undefined, mtimeMs: there.mtimeMs, signature: `${there.ino} ${there.mtimeMs}` };
  }
}

/**
 * Renews the lease of `record.id` by writing into the very file that was just looked at: a holder that slept while
 * another took the lease over (by a new file of that name) never touches the other's. Gives what else is there.
 */
export async function beatLease(
  file: string,
  record: LeaseRecord,
): Promise<{ readonly kind: 'beaten' } | { readonly kind: 'lost'; readonly by: LeaseRecord | undefined }> {
  try {
    return await withFile(file, fs.constants.O_RDWR, async ({ handle, look }) => {
      if (look.record?.id !== record.id) return { kind: 'lost', by: look.record };
      const bytes = Buffer.from(leaseText(record));
      await handle.write(bytes, 0, bytes.length, 0);
      return { kind: 'beaten' };
    });
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ELOOP') return { kind: 'lost', by: undefined };
    throw error;
  }
}

async function withFile<T>(
  file: string,
  flags: number,
  work: (opened: { readonly handle: disk.DataFile; readonly look: LeaseLook }) => Promise<T>,
): Promise<T> {
  const handle = await disk.open(file, flags | (fs.constants.O_NOFOLLOW ?? 0));
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new disk.NotAFile(file);
    const buffer = Buffer.alloc(MAX_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    const bytes = buffer.subarray(0, bytesRead);
    const record = Number(stat.size) > MAX_BYTES ? undefined : parseLease(bytes);
    const look = {
      record,
      mtimeMs: Number(stat.mtimeNs / 1000n) / 1000,
      signature: `${stat.ino} ${stat.size} ${stat.mtimeNs} ${bytes.toString('latin1')}`,
    };
    return await work({ handle, look });
  } finally {
    await handle.close();
  }
}

function parseLease(bytes: Buffer): LeaseRecord | undefined {
  const parsed = parseJson(bytes.toString('utf8'));
  if ('problem' in parsed) return undefined;
  const checked = leaseRecord.safeParse(parsed.value);
  return checked.success ? checked.data : undefined;
}
