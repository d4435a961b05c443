/** Which messages of a session a document shows: pure. */

/** Messages on a page; a huge session opens on its last ones. */
export const PAGE = 100;
/** Messages that are shown before the one that was asked for. */
const BEFORE = 5;

/** Messages [from, to); without `to`, up to the last one that there is. */
export interface Part {
  readonly from: number;
  readonly to?: number;
}

/** What is shown already (at first the last page), or a page around the message that was asked for. */
export function partToShow(total: number, shown: Part | undefined, message: number | undefined): Part {
  const part = shown ? upToEnd(shown, total) : { from: Math.max(0, total - PAGE) };
  if (message === undefined || (message > part.from && message <= (part.to ?? total))) return part;
  const first = Math.max(0, Math.min(message, total) - 1 - BEFORE);
  return upToEnd({ from: first, to: first + PAGE }, total);
}

/** A part that reaches the end goes on growing with it. */
export function upToEnd({ from, to }: Part, total: number): Part {
  const first = Math.min(from, Math.max(0, total - 1));
  return to === undefined || to >= total ? { from: first } : { from: first, to };
}
