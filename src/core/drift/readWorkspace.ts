import { basename, resolve } from 'node:path';
import { runGit } from '../git/runGit.ts';
import type { Workspace } from '../session/snapshot.ts';
import { withoutCredentials } from './remote.ts';

/**
 * Name and git state of a workspace folder. `git` is absent where git could not be asked, and empty where the folder
 * is in no repository. The remote is recorded without credentials.
 *
 * The folder is not trusted: see `runGit`.
 */
export async function readWorkspace(
  folder: string,
  options: { readonly env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<Workspace> {
  const path = resolve(folder);
  const name = basename(path) || path;
  const env = options.env ?? process.env;
  const [head, branch, remote] = await Promise.all([
    runGit(path, ['rev-parse', '--verify', '--quiet', 'HEAD'], env),
    runGit(path, ['symbolic-ref', '--quiet', '--short', 'HEAD'], env),
    runGit(path, ['config', '--get', 'remote.origin.url'], env),
  ]);
  // `config` answers outside a repository too, from the user's own settings.
  if (head.kind === 'no-repository' || branch.kind === 'no-repository') return { folder: name, git: {} };
  if (head.kind === 'failed' || branch.kind === 'failed') return { folder: name };
  return {
    folder: name,
    git: {
      ...(remote.kind === 'said' ? { remote: withoutCredentials(remote.text) } : {}),
      ...(head.kind === 'said' ? { head: head.text } : {}),
      ...(branch.kind === 'said' ? { branch: branch.text } : {}),
    },
  };
}
