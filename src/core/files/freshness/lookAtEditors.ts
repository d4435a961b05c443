import type { ReadCacheEntry } from '../../session/snapshot.ts';
import { hasSeenText, unsavedTextOf } from '../guard/editorVersion.ts';
import type { OpenEditors } from '../guard/guardTypes.ts';
import { createPacer } from '../pacer.ts';
import type { ReadCache } from '../readCache.ts';
import type { FileFreshness } from '../stamp.ts';

/** An editor's unsaved text is the current version, whatever the disk holds. */
export async function lookAtEditors(
  cache: ReadCache,
  entries: readonly (readonly [string, ReadCacheEntry])[],
  results: FileFreshness[],
  editors: OpenEditors,
): Promise<void> {
  const pause = createPacer();
  for (const [index, [key, entry]] of entries.entries()) {
    const path = cache.absolute(key);
    if (path === undefined) continue;
    const unsaved = unsavedTextOf(editors, cache.spellings(key));
    if (unsaved !== undefined) {
      results[index] = { key, path, freshness: (await hasSeenText(entry, unsaved.text)) ? 'same' : 'unsaved' };
    }
    await pause();
  }
}
