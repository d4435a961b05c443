import fs from 'node:fs';
import path from 'node:path';
import { nameProblem } from '../name.ts';
import { readRange } from '../snapshot/indexHistory.ts';
import { prepareRoot, type StoreContext } from '../storeContext.ts';
import type { DataFile } from './disk.ts';
import * as disk from './disk.ts';
import { takeLock } from './lock.ts';
import { syncFolder, writeAll } from './writeFileSafely.ts';

const FOLDER = 'raw';
const SLICE = 1 << 20;
/** As much of both files is compared to see whether one still continues the other. */
const PROBE = 4096;

/** See SessionStore.mirrorRaw. `file` is relative to the sessions' folder. */
export async function mirrorRaw(
  context: StoreContext,
  sessionId: string,
  transcript: string,
): Promise<{ readonly file: string; readonly bytes: number }> {
  if (nameProblem(sessionId)) throw new RangeError('a session id that cannot name a file');
  await prepareRoot(context);
  const folder = path.join(context.root, FOLDER);
  await disk.makeFolder(folder);
  if (!(await disk.lstat(folder))?.isDirectory())
    throw Object.assign(new Error(`${folder} is no folder`), { code: 'ENOTDIR' });
  return context.oneByOne(`raw ${sessionId}`, async () => {
    const lock = await takeLock(path.join(folder, `${sessionId}.lock`));
    const source = await disk.open(transcript, 'r').catch(async (error) => {
      await lock.release();
      throw error;
    });
    try {
      for (let number = 1; ; number++) {
        const name = number === 1 ? `${sessionId}.jsonl` : `${sessionId}.${number}.jsonl`;
        const next = path.join(folder, `${sessionId}.${number + 1}.jsonl`);
        // Only the newest mirror can go on.
        if (await disk.exists(next)) continue;
        const bytes = await extend(source, path.join(folder, name));
        if (bytes === undefined) continue;
        if (bytes.isNew) await syncFolder(folder);
        return { file: `${FOLDER}/${name}`, bytes: bytes.size };
      }
    } finally {
      await source.close();
      await lock.release();
    }
  });
}

/** Appends what is missing, whole lines only; undefined where the mirror is of other bytes. */
async function extend(source: DataFile, file: string): Promise<{ size: number; isNew: boolean } | undefined> {
  const isNew = !(await disk.exists(file));
  const mirror = await disk.open(
    file,
    fs.constants.O_RDWR | fs.constants.O_APPEND | fs.constants.O_CREAT | (fs.constants.O_NOFOLLOW ?? 0),
    0o600,
  );
  try {
    const [mirrored, size] = [Number((await mirror.stat()).size), Number((await source.stat()).size)];
    if (mirrored > size) return undefined;
    for (const from of [0, Math.max(0, mirrored - PROBE)]) {
      const to = Math.min(mirrored, from + PROBE);
      if (!(await readRange(mirror, from, to)).equals(await readRange(source, from, to))) return undefined;
    }
    const end = await endOfLines(source, mirrored, size);
    for (let at = mirrored; at < end; ) {
      const bytes = await readRange(source, at, Math.min(end, at + SLICE));
      if (bytes.length === 0) break;
      await writeAll(mirror, bytes);
      at += bytes.length;
    }
    await mirror.datasync();
    return { size: Math.max(end, mirrored), isNew };
  } finally {
    await mirror.close();
  }
}

/** The offset behind the last line break in [from, to), or `from`. */
async function endOfLines(file: DataFile, from: number, to: number): Promise<number> {
  for (let end = to; end > from; ) {
    const start = Math.max(from, end - SLICE);
    const at = (await readRange(file, start, end)).lastIndexOf(0x0a);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return from;
}
