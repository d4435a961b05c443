/** A call of one of the four tools that every coding agent has (FORMATS 0.7). Paths are as the call named them. */
export type NeutralCall =
  /** `offset` is the first line wanted, from 1; `limit` how many. */
  | { readonly kind: 'read'; readonly path: string; readonly offset?: number; readonly limit?: number }
  | {
      readonly kind: 'edit';
      readonly path: string;
      readonly before: string;
      readonly after: string;
      /** Every place where `before` stands. */
      readonly all?: boolean;
    }
  | { readonly kind: 'write'; readonly path: string; readonly content: string }
  | { readonly kind: 'shell'; readonly command: string; readonly cwd?: string };

/** A call in an agent's own words. */
export interface NativeCall {
  readonly name: string;
  readonly input: unknown;
}

/** How one agent calls the four tools. */
export interface Dialect {
  /** Undefined for what is none of the four, or says more than can be said neutrally. */
  read(call: NativeCall): NeutralCall | undefined;
  /** Undefined where the agent has no words for it. `text` is the file's content before an edit, where it is known. */
  write(call: NeutralCall, text?: string): NativeCall | undefined;
  /** What a tool printed, without the agent's frame around it; undefined where that is not all of it. */
  readOutput(call: NeutralCall, output: string): string | undefined;
  /** The agent's frame around what a tool printed. */
  writeOutput(call: NeutralCall, output: string, failed: boolean): string;
}
