import { execFile } from 'node:child_process';
import { dirname } from 'node:path';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1 << 20;

export type GitEnvironment = Readonly<Record<string, string | undefined>>;

export type GitAnswer =
  /** What it printed, without white space at the ends. */
  | { readonly kind: 'said'; readonly text: string }
  /** git ran and has nothing to say: no commit yet, no remote, a detached head, no common ancestor. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'no-repository' }
  /** No git, no permission, no answer in time, a repository of another owner, an object that is not there. */
  | { readonly kind: 'failed' };

export type GitBytes = { readonly kind: 'said'; readonly bytes: Buffer } | { readonly kind: 'failed' };

/**
 * Asks git about a folder that is not trusted; `env` is the caller's environment. Never throws; an answer longer than
 * 1 MiB, or later than 5 s, is `failed`.
 *
 * git is not looked for in the folder itself, and no hook, file system monitor, pager or remote helper is run. Whoever
 * calls passes only commands that run nothing else from a repository's configuration: none that looks at the working
 * tree (filters), shows a patch (text conversion, external diff) or a signature, and no fetch of missing objects.
 */
export async function runGit(folder: string, args: readonly string[], env: GitEnvironment): Promise<GitAnswer> {
  const { code, bytes, said } = await start(folder, args, env, MAX_BYTES);
  if (code === 0) {
    const text = bytes.toString('utf8').trim();
    return text === '' ? { kind: 'nothing' } : { kind: 'said', text };
  }
  if (code === 1) return { kind: 'nothing' };
  return { kind: said.includes('not a git repository') ? 'no-repository' : 'failed' };
}

/** The same for an answer that is no text; `maxBytes` is the longest that is taken. */
export async function runGitForBytes(
  folder: string,
  args: readonly string[],
  env: GitEnvironment,
  maxBytes: number,
): Promise<GitBytes> {
  const { code, bytes } = await start(folder, args, env, maxBytes);
  return code === 0 ? { kind: 'said', bytes } : { kind: 'failed' };
}

interface Ended {
  /** Undefined where it did not run to its end. */
  readonly code: number | undefined;
  readonly bytes: Buffer;
  /** On stderr. */
  readonly said: string;
}

function start(folder: string, args: readonly string[], env: GitEnvironment, maxBuffer: number): Promise<Ended> {
  return new Promise((done) => {
    execFile(
      'git',
      ['--no-pager', '--literal-pathspecs', '-C', folder, '-c', 'core.fsmonitor=false', ...args],
      {
        // Windows looks for a program in the current folder first: that must not be the workspace.
        cwd: dirname(process.execPath),
        env: gitEnvironment(env),
        encoding: 'buffer',
        timeout: TIMEOUT_MS,
        windowsHide: true,
        maxBuffer,
      },
      (error, bytes, said) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
        done({ code, bytes, said: said.toString('utf8') });
      },
    );
  });
}

/** The caller's environment without git's own variables (a hook sets GIT_DIR), in a language that can be compared. */
function gitEnvironment(env: GitEnvironment): NodeJS.ProcessEnv {
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
