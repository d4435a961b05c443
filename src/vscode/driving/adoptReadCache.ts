import { createReadCache, type ReadCache, type ReadCacheEntry, type SnapshotBody } from '../../core/index.ts';

type Entries = NonNullable<SnapshotBody['read_cache']>;

/**
 * Brings what another one has written of its read-cache into the cache of this window: `before` is what lay on the disk
 * when this window looked last. Entries that are the same there stay the objects they are here, since what is known
 * of a file's version hangs on them. True where anything is different now.
 */
export function adoptReadCache(folder: string, cache: ReadCache, before: Entries = {}, after: Entries = {}): boolean {
  // The keys of a snapshot may be spelled in another way.
  const old = createReadCache(folder, before);
  const fresh = createReadCache(folder, after);
  let changed = false;
  for (const [key, entry] of fresh.list()) {
    const was = old.get(key);
    if (was && isSame(was, entry) && cache.get(key)) continue;
    cache.set(key, entry);
    changed = true;
  }
  for (const [key] of cache.list()) if (!fresh.get(key) && cache.delete(key)) changed = true;
  return changed;
}

function isSame(a: ReadCacheEntry, b: ReadCacheEntry): boolean {
  return (
    a.sha256 === b.sha256 &&
    a.text_sha256 === b.text_sha256 &&
    a.mtime_ns === b.mtime_ns &&
    a.file_mtime_ms === b.file_mtime_ms &&
    a.file_size_bytes === b.file_size_bytes &&
    a.seen_at === b.seen_at &&
    a.message === b.message &&
    a.unsaved === b.unsaved &&
    a.model_unread === b.model_unread
  );
}
