/** The lines between the first and the last difference of two texts. Numbers are 1-based; an end before its start is empty. */
export interface ChangedRegion {
  readonly before: { readonly from: number; readonly to: number; readonly lines: readonly string[] };
  readonly after: { readonly from: number; readonly to: number; readonly lines: readonly string[] };
  /** How many lines differ, the longer side counted. */
  readonly count: number;
}

/** Undefined when the texts are equal, line ends aside. */
export function changedRegion(before: string, after: string): ChangedRegion | undefined {
  const a = before.split(/\r\n|\r|\n/);
  const b = after.split(/\r\n|\r|\n/);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  if (start === a.length && start === b.length) return undefined;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  return {
    before: { from: start + 1, to: endA, lines: a.slice(start, endA) },
    after: { from: start + 1, to: endB, lines: b.slice(start, endB) },
    count: Math.max(endA - start, endB - start),
  };
}
