import * as fs from 'node:fs';
import { type GitEnvironment, runGitForBytes } from '../../git/runGit.ts';
import { createPacer, type Pacer } from '../pacer.ts';
import { isPlainKey } from '../paths.ts';
import type { ReadCache } from '../readCache.ts';
import type { FileFreshness } from '../stamp.ts';
import { findByContent } from './findByContent.ts';
import { forgetSearch } from './lastSearch.ts';

export interface FindMovedOptions {
  /** Commit that the session was saved at: git then knows of renames since. */
  readonly head?: string | undefined;
  /** Absolute, or relative to the folder; what lies there is nobody's file. Default: `.sessions`. */
  readonly sessionsFolder?: string;
  /** For git. Default: the process's own. */
  readonly env?: GitEnvironment;
  readonly signal?: AbortSignal | undefined;
  /** ms since the epoch */
  readonly now?: () => number;
}

/** About 40,000 renames: what is split in one go. */
const MAX_GIT_BYTES = 4 << 20;

/**
 * Looks for files that a sweep found deleted: where their content lies now. Answers `files` with some of them `moved`.
 *
 * First git is asked for renames between `head` and its index (what was committed since and what is staged; a renamed
 * file may have been changed too), then the folder is searched for the same content under a name that the session has not
 * read. Files outside the folder are not looked for. Aborting rejects with the signal's reason.
 */
export async function findMoved(
  cache: ReadCache,
  files: readonly FileFreshness[],
  options: FindMovedOptions = {},
): Promise<readonly FileFreshness[]> {
  const { sessionsFolder, signal, now } = options;
  const pause = createPacer();
  signal?.throwIfAborted();
  const gone = new Set<string>();
  for (const { key, freshness } of files) if (freshness === 'deleted' && isPlainKey(key)) gone.add(key);
  if (gone.size === 0) {
    forgetSearch(cache);
    return files;
  }
  const moved = await findByGit(cache, gone, options, pause);
  signal?.throwIfAborted();
  const left = [...gone].filter((key) => !moved.has(key));
  const taken = new Set(moved.values());
  for (const { key, freshness } of files) if (freshness !== 'deleted') taken.add(key);
  await pause();
  const found = await findByContent(cache, left, taken, { sessionsFolder, pause, signal, now });
  for (const [key, movedTo] of found) moved.set(key, movedTo);
  await pause();
  return files.map((file) => {
    const movedTo = file.freshness === 'deleted' ? moved.get(file.key) : undefined;
    return movedTo === undefined ? file : { ...file, freshness: 'moved', movedTo };
  });
}

/**
 * Compares two of git's own lists of contents, so that nothing of the working tree is read and no filter runs. The
 * repository is not trusted: a name counts only where a file of the folder has it now.
 */
async function findByGit(
  cache: ReadCache,
  gone: ReadonlySet<string>,
  { head, env = process.env }: FindMovedOptions,
  pause: Pacer,
): Promise<Map<string, string>> {
  const moved = new Map<string, string>();
  // Anything else than a commit's whole name could be an option, or name something that moved on.
  if (head === undefined || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(head)) return moved;
  const args = ['diff-index', '--cached', '--relative', '-M', '-l1000', '--diff-filter=R', '--name-status', '-z', head];
  const answer = await runGitForBytes(cache.root, [...args, '--'], env, MAX_GIT_BYTES);
  if (answer.kind === 'failed') return moved;
  const words = answer.bytes.toString('utf8').split('\0');
  for (let at = 0; at + 2 < words.length; at += 3) {
    const [status = '', from = '', to = ''] = words.slice(at, at + 3);
    if (!/^R\d{1,3}$/.test(status)) break;
    if (gone.has(from) && isPlainKey(to) && isFileOf(cache, to)) moved.set(from, to);
    await pause();
  }
  return moved;
}

/** True where the key's own name leads to a file of the folder, by no link. */
function isFileOf(cache: ReadCache, key: string): boolean {
  const place = cache.locate(key);
  if (place.kind !== 'place' || place.key !== key) return false;
  return fs.lstatSync(place.path, { throwIfNoEntry: false })?.isFile() === true;
}
