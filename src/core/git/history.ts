import { textSha256 } from '../files/normalise.ts';
import { isPlainKey } from '../files/paths.ts';
import { sha256 } from '../files/version.ts';
import type { ReadCacheEntry } from '../session/snapshot.ts';
import { type GitEnvironment, runGit, runGitForBytes } from './runGit.ts';

const MAX_COMMITS = 20;
const MAX_TEXT_BYTES = 1 << 20;

export interface Commit {
  readonly hash: string;
  readonly subject: string;
  readonly author: string;
  /** ISO time. */
  readonly at: string;
}

export interface HistorySince {
  /** That touch the files, newest first; at most 20. */
  readonly commits: readonly Commit[];
  readonly more: boolean;
  /** How the recorded commit stands to the current one; absent where git could not be asked, or they are the same. */
  readonly recorded?: 'ancestor' | 'not-ancestor' | 'not-there';
}

/** True for what can be nothing but a commit's whole name: it becomes part of a command line, and comes from a file. */
export function isCommitHash(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/**
 * The commits since a recorded one that touch files of a folder (`keys`: folder-relative, with `/`). On another branch
 * those are the ones that the current branch has and the recorded commit has not.
 */
export async function commitsSince(
  folder: string,
  recorded: string,
  keys: readonly string[],
  env: GitEnvironment,
): Promise<HistorySince> {
  const none: HistorySince = { commits: [], more: false };
  if (!isCommitHash(recorded)) return none;
  const head = await runGit(folder, ['rev-parse', '--verify', '--quiet', 'HEAD'], env);
  if (head.kind !== 'said' || !isCommitHash(head.text) || head.text === recorded) return none;
  const base = await runGit(folder, ['merge-base', recorded, head.text], env);
  if (base.kind === 'failed' || base.kind === 'no-repository') return { ...none, recorded: 'not-there' };
  const stands = base.kind === 'said' && base.text === recorded ? 'ancestor' : 'not-ancestor';
  if (keys.length === 0) return { ...none, recorded: stands };
  const log = await runGit(
    folder,
    [
      'log',
      `--max-count=${MAX_COMMITS + 1}`,
      '--no-patch',
      '--no-show-signature',
      '--no-decorate',
      '--no-mailmap',
      // Fields end with a unit separator, commits with NUL. A name or a subject may hold the former: the subject is last.
      '-z',
      '--format=%H%x1f%aI%x1f%an%x1f%s',
      `${recorded}..${head.text}`,
      '--',
      ...keys,
    ],
    env,
  );
  if (log.kind !== 'said') return { ...none, recorded: stands };
  const commits = log.text.split('\0').flatMap(toCommit);
  return { commits: commits.slice(0, MAX_COMMITS), more: commits.length > MAX_COMMITS, recorded: stands };
}

function toCommit(record: string): readonly Commit[] {
  const [hash = '', at = '', author = '', ...subject] = record.split('\x1f');
  return isCommitHash(hash) ? [{ hash, subject: subject.join('\x1f'), author, at }] : [];
}

/**
 * The text that a session has seen, where a commit holds it: the recorded one, of a file that was as it was checked
 * out, or the current one, of a file that was committed since. Only bytes or text of the recorded hash are answered.
 */
export async function seenInGit(
  folder: string,
  recorded: string | undefined,
  key: string,
  entry: ReadCacheEntry,
  env: GitEnvironment,
): Promise<string | undefined> {
  if (!isPlainKey(key)) return undefined;
  const commits = recorded !== undefined && isCommitHash(recorded) ? [recorded, 'HEAD'] : ['HEAD'];
  for (const commit of commits) {
    // `./` starts at the folder, which may lie below the repository's root.
    const blob = await runGitForBytes(folder, ['cat-file', 'blob', `${commit}:./${key}`], env, MAX_TEXT_BYTES);
    const text = blob.kind === 'said' ? await textSeen(blob.bytes, entry) : undefined;
    if (text !== undefined) return text;
  }
  return undefined;
}

async function textSeen(bytes: Buffer, entry: ReadCacheEntry): Promise<string | undefined> {
  const text = bytes.toString('utf8');
  if (entry.sha256 !== undefined) {
    if ((await sha256(bytes)) === entry.sha256) return text;
    // A checkout may have made CRLF of LF.
    if ((await sha256(Buffer.from(text.replaceAll('\n', '\r\n')))) === entry.sha256) return text;
  }
  return entry.text_sha256 !== undefined && (await textSha256(text)) === entry.text_sha256 ? text : undefined;
}
