import path from 'node:path';

/** Where the parts of one session lie. */
export interface SessionFiles {
  readonly name: string;
  readonly snapshot: string;
  readonly journal: string;
  /** A journal that is being folded: set aside, so that others can go on appending to a new one. */
  readonly folding: string;
  readonly lock: string;
}

export const JOURNAL_SUFFIX = '.journal.jsonl';
export const FOLDING_SUFFIX = '.folding.jsonl';

/** `name` is one that `nameProblem` has nothing against. */
export function sessionFiles(root: string, name: string): SessionFiles {
  const stem = root + path.sep + name;
  return {
    name,
    snapshot: `${stem}.json`,
    journal: stem + JOURNAL_SUFFIX,
    folding: stem + FOLDING_SUFFIX,
    lock: `${stem}.lock`,
  };
}

/** The system's code of an error (ENOENT, ENOSPC, ...), or undefined for one that is not the system's. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What a promise gives, or undefined where the file is not there. */
export async function ifThere<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Gives other work a turn on the event loop. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Breathes when more than `ms` have passed since it last did. */
export function pacer(ms = 8): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < ms) return undefined;
    return breathe().then(() => {
      last = performance.now();
    });
  };
}
