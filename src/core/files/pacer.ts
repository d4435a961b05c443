/** How long a slice of work may hold the event loop, ms: well below the 20 ms that people can feel. */
export const SLICE_MS = 8;

/** To be awaited between steps; undefined while there is time left. */
export type Pacer = () => Promise<void> | undefined;

/** Returns a function to be awaited between steps of long work: it lets others run once a slice is used up. */
export function createPacer(sliceMs: number = SLICE_MS): Pacer {
  let started = performance.now();
  return () => {
    if (performance.now() - started < sliceMs) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        started = performance.now();
        resolve();
      });
    });
  };
}
