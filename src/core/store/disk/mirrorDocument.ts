import { createHash } from 'node:crypto';
import path from 'node:path';
import type { SessionStore } from '../sessionStore.ts';
import { readRange } from '../snapshot/indexHistory.ts';
import type { StoreContext } from '../storeContext.ts';
import * as disk from './disk.ts';
import { ifThere } from './files.ts';
import { inMirrors, MIRRORS, mirrorName, newestMirror } from './mirrorFolder.ts';
import { writeAll, writeFileSafely } from './writeFileSafely.ts';

/** As much is hashed at a time, and written. */
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
    const hash = createHash('sha256');
    let bytes = 0;
    let isSame = false;
    const written = await writeFileSafely(
      file,
      temporary,
      {
        isNew: isFirst || anew,
        mayReplace: async () => {
          if (options.isWhole !== undefined && !(await options.isWhole())) return false;
          isSame = !isFirst && (await hashOf(before, bytes)) === hash.digest('hex');
          return !isSame && (await lock.isHeld());
        },
      },
      async (target) => {
        for await (const slice of inSlices(text)) {
          hash.update(slice);
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

/** The SHA-256 of a file that is so long; undefined for any other. */
async function hashOf(file: string, bytes: number): Promise<string | undefined> {
  const handle = await ifThere(disk.open(file, 'r'));
  if (handle === undefined) return undefined;
  try {
    if (Number((await handle.stat()).size) !== bytes) return undefined;
    const hash = createHash('sha256');
    for (let at = 0; at < bytes; at += SLICE) hash.update(await readRange(handle, at, Math.min(bytes, at + SLICE)));
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}
