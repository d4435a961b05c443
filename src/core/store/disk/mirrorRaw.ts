import fs from 'node:fs';
import path from 'node:path';
import { readRange } from '../snapshot/indexHistory.ts';
import type { StoreContext } from '../storeContext.ts';
import type { DataFile } from './disk.ts';
import * as disk from './disk.ts';
import { inMirrors, MIRRORS, mirrorName, newestMirror } from './mirrorFolder.ts';
import { syncFolder, writeAll } from './writeFileSafely.ts';

const SLICE = 1 << 20;
/** As much of both files is compared to see whether one still continues the other. */
const PROBE = 4096;

/** See SessionStore.mirrorRaw. `file` is relative to the sessions' folder. */
export async function mirrorRaw(
  context: StoreContext,
  sessionId: string,
  transcript: string,
  read = 0,
): Promise<{ readonly file: string; readonly bytes: number }> {
  return inMirrors(context, sessionId, async ({ folder }) => {
    const source = await disk.open(transcript, 'r');
    try {
      for (let number = await newestMirror(folder, sessionId, 'jsonl'); ; number++) {
        const name = mirrorName(sessionId, number, 'jsonl');
        const bytes = await extend(source, path.join(folder, name), read);
        if (bytes === undefined) continue;
        if (bytes.isNew) await syncFolder(folder);
        return { file: `${MIRRORS}/${name}`, bytes: bytes.size };
      }
    } finally {
      await source.close();
    }
  });
}

/** Appends what is missing: whole lines, and what was `read` of one. Undefined where the mirror is of other bytes. */
async function extend(
  source: DataFile,
  file: string,
  read: number,
): Promise<{ size: number; isNew: boolean } | undefined> {
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
    const end = Math.max(await endOfLines(source, mirrored, size), Math.min(read, size));
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
