/** A file that a session may read or write. */
export interface Target {
  readonly key: string;
  readonly path: string;
  /** Other absolute spellings that an editor may have opened it by. */
  readonly spellings: readonly string[];
}

/** What a caller wants the file to hold, made from its current bytes. */
export type Make = (
  current: Buffer,
) => Promise<
  { readonly kind: 'edited'; readonly bytes: Buffer } | { readonly kind: 'no-match'; readonly matches: number }
>;
