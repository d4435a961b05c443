import fs from 'node:fs';
import * as disk from '../disk/disk.ts';
import { readRange, writtenId } from '../snapshot/indexHistory.ts';

const WINDOW = 256 << 10;

/** The ids of the messages in the last 256 KiB of a snapshot in our own layout, in order. */
export async function tailIds(file: string): Promise<readonly string[]> {
  const handle = await disk.open(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0));
  try {
    const size = Number((await handle.stat()).size);
    const tail = await readRange(handle, Math.max(0, size - WINDOW), size);
    const ids: string[] = [];
    for (let at = tail.indexOf(0x0a) + 1; at > 0; at = tail.indexOf(0x0a, at) + 1) {
      const id = writtenId(tail, at, tail.length);
      if (typeof id === 'string') ids.push(JSON.parse(`"${Buffer.from(id, 'latin1').toString()}"`));
    }
    return ids;
  } finally {
    await handle.close();
  }
}
