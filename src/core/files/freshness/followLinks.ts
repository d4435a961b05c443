import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import type { ReadCacheEntry } from '../../session/snapshot.ts';
import { createPacer } from '../pacer.ts';
import { isPlainKey } from '../paths.ts';
import type { ReadCache } from '../readCache.ts';
import type { FileFreshness } from '../stamp.ts';
import { MAX_VIA } from '../via.ts';

/**
 * Calls `changed`, among the files at these indices, what was read by a symlink that leads elsewhere now, or nowhere. A file that differs anyway stays
 * what it is. The paths are a snapshot's: nothing but where they lead is asked.
 */
export async function followLinks(
  cache: ReadCache,
  entries: readonly (readonly [string, ReadCacheEntry])[],
  results: FileFreshness[],
  indices: readonly number[],
): Promise<void> {
  const pause = createPacer();
  for (const index of indices) {
    const file = results[index];
    if (file?.freshness !== 'same' && file?.freshness !== 'touched') continue;
    const via = entries[index]?.[1].via?.slice(0, MAX_VIA) ?? [];
    const leadsHere = (link: string): boolean => !isPlainKey(link) || realPath(cache.root, link) === file.path;
    if (!via.every(leadsHere)) results[index] = { key: file.key, path: file.path, freshness: 'changed' };
    await pause();
  }
}

function realPath(root: string, key: string): string | undefined {
  try {
    return fs.realpathSync.native(nodePath.join(root, key));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return undefined;
  }
}
