import type { ReadCache, ReadCacheEntry } from '../../core/index.ts';

/**
 * The files whose version the user let pass (*Read Again*, *Overwrite*), or of which the model has read only a part. What the model has
 * not seen it must not overwrite: it may edit parts of such a file, since an edit names the text that it replaces, but
 * the guard refuses to replace the whole. The mark is part of the read-cache's entry, so that it outlives the window.
 */
export class ModelUnread {
  readonly #cache: ReadCache;
  readonly #keys = new Set<string>();

  constructor(cache: ReadCache) {
    this.#cache = cache;
    this.readMarks();
  }

  /** Takes the marks for what the read-cache says. */
  readMarks(): void {
    this.#keys.clear();
    for (const [key, entry] of this.#cache.list()) if (entry.model_unread === true) this.#keys.add(key);
  }

  /** From its next stamp on, the file holds text that the model has not read. */
  add(path: string): void {
    const key = this.#cache.key(path);
    if (key !== undefined) this.#keys.add(key);
  }

  /** True where the model had not read the file. */
  delete(path: string): boolean {
    const key = this.#cache.key(path);
    return key !== undefined && this.#keys.delete(key);
  }

  /** New stamps, with their marks, in the read-cache and as they are to be kept. */
  mark(stamps: Readonly<Record<string, ReadCacheEntry>>): Record<string, ReadCacheEntry> {
    return Object.fromEntries(
      Object.entries(stamps).map(([key, stamp]) => {
        // The guard marks what it merged.
        if (stamp.model_unread === true) this.#keys.add(key);
        const entry = this.#keys.has(key) ? { ...stamp, model_unread: true } : stamp;
        this.#cache.set(key, entry);
        return [key, entry];
      }),
    );
  }
}
