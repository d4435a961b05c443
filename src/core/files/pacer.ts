/** How long a slice of work may hold the event loop, ms: well below the 20 ms that people can feel. */
export const SLICE_MS = 8;

/** Returns a function to be awaited between steps of long work: it lets others run once a slice is used up. */
export function createPacer(sliceMs: number = SLICE_MS): () => Promise<void> | undefined {
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
