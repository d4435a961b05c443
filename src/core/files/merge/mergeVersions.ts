/** What three versions of a file make together. */
export type Merged =
  | { readonly kind: 'merged'; readonly bytes: Buffer }
  /** Both sides changed the same lines, or lines that touch. */
  | { readonly kind: 'overlap' }
  /** One of them is not UTF-8 text, or is too big to be merged within the time that a write may take. */
  | { readonly kind: 'not-mergeable' };

/** `base` is what the session read, `ours` what its edit makes of that, `theirs` what is there now. */
export interface Versions {
  readonly base: Uint8Array;
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
}

export function mergeVersions(_versions: Versions): Promise<Merged> {
  return Promise.resolve({ kind: 'not-mergeable' });
}
