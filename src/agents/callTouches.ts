/** What a finished call did to files, as it is counted: a call may read several, or write one that it has read. */
export interface CallTouches {
  readonly reads: number;
  readonly fullReads: number;
  readonly edits: number;
}

export const NO_TOUCHES: CallTouches = { reads: 0, fullReads: 0, edits: 0 };
