import path from 'node:path';
import type { SessionStore } from '../sessionStore.ts';
import { readRange } from '../snapshot/indexHistory.ts';
import type { StoreContext } from '../storeContext.ts';
import type { DataFile } from './disk.ts';
import * as disk from './disk.ts';
import { inMirrors, MIRRORS, mirrorName, newestMirror } from './mirrorFolder.ts';
import { writeAll, writeFileSafely } from './writeFileSafely.ts';

/** As much is compared at a time, and written. */
const SLICE = 1 << 20;
const WRITTEN = 256 << 10;

/** See SessionStore.mirrorDocument. `file` is relative to the sessions' folder. */
export async function mirrorDocument(
  context: StoreContext,
  sessionId: string,
  text: AsyncIterable<string | Uint8Array>,
  options: NonNullable<Parameters<SessionStore['mirrorDocument']>[2]> = {},
): Promise<{ readonly file: string; readonly bytes: number } | undefined> {
  return inMirrors(context, sessionId, async ({ folder, lock, temporary }) => {
    const newest = await newestMirror(folder, sessionId, 'json');
    const before = path.join(folder, mirrorName(sessionId, newest, 'json'));
    const isFirst = !(await disk.exists(before));
    const anew = !isFirst && options.anew !== undefined && (await options.anew(before));
    const name = mirrorName(sessionId, anew ? newest + 1 : newest, 'json');
    const file = path.join(folder, name);
    let bytes = 0;
    let isSame = false;
    const written = await writeFileSafely(
      file,
      temporary,
      {
        isNew: isFirst || anew,
        mayReplace: async () => {
          if (options.isWhole !== undefined && !(await options.isWhole())) return false;
          isSame = !isFirst && (await haveSameBytes(before, temporary, bytes));
          return !isSame && (await lock.isHeld());
        },
      },
      async (target) => {
        for await (const slice of inSlices(text)) {
          bytes += slice.length;
          await writeAll(target, slice);
        }
      },
    );
    if (isSame) return { file: `${MIRRORS}/${path.basename(before)}`, bytes };
    return written === 'done' ? { file: `${MIRRORS}/${name}`, bytes } : undefined;
  });
}

/** Small pieces are written together; between two slices others get a turn. */
async function* inSlices(text: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const piece of text) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    held.push(bytes);
    size += bytes.length;
    if (size < WRITTEN) continue;
    yield Buffer.concat(held);
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(held);
}

/** True where both files are so long and have the same bytes. */
async function haveSameBytes(one: string, other: string, bytes: number): Promise<boolean> {
  const files: DataFile[] = [];
  try {
    for (const file of [one, other]) {
      const opened = await disk.open(file, 'r');
      files.push(opened);
      if (Number((await opened.stat()).size) !== bytes) return false;
    }
    for (let at = 0; at < bytes; at += SLICE) {
      const [left, right] = await Promise.all(files.map((file) => readRange(file, at, Math.min(bytes, at + SLICE))));
      if (left === undefined || right === undefined || !left.equals(right)) return false;
    }
    return true;
  } finally {
    for (const file of files) await file.close();
  }
}
