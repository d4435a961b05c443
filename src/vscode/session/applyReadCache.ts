import type { ReadCache, SessionEvent } from '../../core/index.ts';

/** What an agent read and wrote since counts from now on; `onSet` hears of each key before. True where there was anything. */
export function applyReadCache(
  cache: ReadCache,
  events: readonly SessionEvent[],
  onSet: (key: string) => void = () => undefined,
): boolean {
  let changed = false;
  for (const event of events) {
    if (event.type !== 'read_cache') continue;
    for (const [key, entry] of Object.entries(event.set ?? {})) {
      onSet(key);
      cache.set(key, entry);
    }
    for (const key of event.remove ?? []) cache.delete(key);
    changed = true;
  }
  return changed;
}
