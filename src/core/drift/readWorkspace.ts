import { execFile } from 'node:child_process';
import { basename, dirname, resolve } from 'node:path';
import type { Workspace } from '../session/snapshot.ts';
import { withoutCredentials } from './remote.ts';

const TIMEOUT_MS = 5_000;

type Answer =
  | { readonly kind: 'said'; readonly text: string }
  /** git ran and has nothing to say: no commit yet, no remote, a detached head. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'no-repository' }
  /** No git, no permission, no answer in time, a repository of another owner. */
  | { readonly kind: 'failed' };

/**
 * Name and git state of a workspace folder. `git` is absent where git could not be asked, and empty where the folder
 * is in no repository. The remote is recorded without credentials.
 *
 * The folder is not trusted. Only commands are used that run nothing from a repository's configuration (no status,
 * hence no fsmonitor, no filters; no fetch of missing objects), and git is not looked for in the folder itself.
 */
export async function readWorkspace(
  folder: string,
  options: { readonly env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<Workspace> {
  const path = resolve(folder);
  const name = basename(path) || path;
  const env = gitEnvironment(options.env ?? process.env);
  const [head, branch, remote] = await Promise.all([
    git(path, ['rev-parse', '--verify', '--quiet', 'HEAD'], env),
    git(path, ['symbolic-ref', '--quiet', '--short', 'HEAD'], env),
    git(path, ['config', '--get', 'remote.origin.url'], env),
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

function git(folder: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Answer> {
  return new Promise((done) => {
    execFile(
      'git',
      ['-C', folder, '-c', 'core.fsmonitor=false', ...args],
      // Windows looks for a program in the current folder first: that must not be the workspace.
      { cwd: dirname(process.execPath), env, timeout: TIMEOUT_MS, windowsHide: true, maxBuffer: 1 << 20 },
      (error, stdout, stderr) => {
        const text = stdout.trim();
        if (error === null) done(text === '' ? { kind: 'nothing' } : { kind: 'said', text });
        else if (error.code === 1) done({ kind: 'nothing' });
        else done({ kind: stderr.includes('not a git repository') ? 'no-repository' : 'failed' });
      },
    );
  });
}

/** The caller's environment without git's own variables (a hook sets GIT_DIR), in a language that can be compared. */
function gitEnvironment(env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.toUpperCase().startsWith('GIT_'));
  return {
    ...Object.fromEntries(kept),
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: '',
    GIT_TERMINAL_PROMPT: '0',
    NoDefaultCurrentDirectoryInExePath: '1',
    LC_ALL: 'C',
  };
}
