import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createReadCache, type ReadCacheEntry } from '../../core/index.ts';
import { isSystemError } from '../files.ts';
import { hookFile, hookFolders } from './hookPlace.ts';
import { stampsOf } from './hookState.ts';
import { isProtectedAgent } from './protectedAgents.ts';

/**
 * What the hooks saw a session read, by the keys of the folder's read-cache; nothing where no hook ran. Only stamps of
 * versions that were on disk: they tell more than a transcript, which has no hash and often no content. Without `home`,
 * only what was noted beside the folder's sessions.
 */
export async function hookStamps(
  folder: string,
  agent: string,
  nativeId: string,
  home?: string,
): Promise<ReadonlyMap<string, ReadCacheEntry>> {
  const entries = new Map<string, ReadCacheEntry>();
  const cache = createReadCache(folder);
  if (!isProtectedAgent(agent)) return entries;
  for (const place of hookFolders(folder, home)) {
    const file = hookFile(place, agent, nativeId);
    const text = file === undefined ? undefined : await textOf(file);
    for (const { path, at, entry, gone, stale } of stampsOf(text ?? '').values()) {
      const key = cache.key(path);
      if (key === undefined) continue;
      entries.delete(key);
      if (gone === undefined && stale === undefined && entry.sha256 !== undefined)
        entries.set(key, { ...entry, seen_at: new Date(at).toISOString() });
    }
  }
  return entries;
}

/** What the transcript told, and for files that it knows, what a hook saw in the same call or later. */
export function withHookStamps(
  told: Record<string, ReadCacheEntry>,
  stamps: ReadonlyMap<string, ReadCacheEntry>,
): Record<string, ReadCacheEntry> {
  if (stamps.size === 0) return told;
  const entries = Object.entries(told).map(([key, entry]): [string, ReadCacheEntry] => {
    const stamp = stamps.get(key);
    if (stamp === undefined || isLater(entry, stamp)) return [key, entry];
    const { message, outside, via } = entry;
    return [key, { ...stamp, ...defined({ message, outside, via }) }];
  });
  return Object.fromEntries(entries);
}

/** An agent notes a result when its hooks have run: a stamp that is a little older is of the same call. */
const SAME_CALL_MS = 2000;

function isLater(entry: ReadCacheEntry, stamp: ReadCacheEntry): boolean {
  const told = Date.parse(entry.seen_at ?? '');
  return Number.isNaN(told) || told - SAME_CALL_MS > Date.parse(stamp.seen_at ?? '');
}

function defined(fields: Partial<ReadCacheEntry>): Partial<ReadCacheEntry> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** More is not what hooks wrote. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Neither follows a link nor waits for a pipe: the folder may have come from anywhere. */
async function textOf(file: string): Promise<string | undefined> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  try {
    const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const found = await handle.stat();
      return found.isFile() && found.size <= MAX_BYTES ? await handle.readFile('utf8') : undefined;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
