import { resolve } from 'node:path';
import { createReadCache, isStale, type SnapshotBody, sweep } from '../../core/index.ts';

/**
 * Absolute paths of the files that changed since the session read them, or of which nobody can tell: what an agent that
 * is given the session must not believe any more.
 */
export async function staleFiles(folder: string, body: SnapshotBody): Promise<ReadonlySet<string>> {
  const files = await sweep(createReadCache(folder, body.read_cache));
  const stale = files.filter((file) => isStale(file) || file.freshness === 'unknown');
  return new Set(stale.map(({ key }) => resolve(folder, key)));
}
