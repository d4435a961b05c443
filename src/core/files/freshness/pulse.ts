/** Runs a job soon after news: at once after the first, then again and again while more arrive, never in parallel. */
export interface Pulse {
  /** There is news: the job runs soon, and once more for news that arrives while it runs. */
  nudge(): void;
  /** Runs the job after the one that is under way, and waits for it. Rejects with what the job rejects with. */
  now(): Promise<void>;
  /** Nothing runs any more; what is under way is not waited for. */
  close(): void;
}

export interface PulseOptions {
  /** ms between the first news and the job. Default: 100. */
  readonly delayMs?: number;
  /** ms between the end of a job and the next one, at least; a job that took long waits longer, twice its own time. Default: 250. */
  readonly pauseMs?: number;
  /** What a nudged job rejects with. */
  readonly onError: (error: unknown) => void;
}

export function createPulse(job: () => Promise<void>, options: PulseOptions): Pulse {
  const { delayMs = 100, pauseMs = 250, onError } = options;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let notBefore = 0;
  let closed = false;

  const run = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const started = performance.now();
    // A job that throws before it has a promise is one that failed.
    const work = async (): Promise<void> => job();
    running = work().finally(() => {
      running = undefined;
      const ended = performance.now();
      notBefore = ended + Math.max(pauseMs, 2 * (ended - started));
    });
    return running;
  };
  const nudge = (): void => {
    if (closed || timer !== undefined) return;
    const wait = Math.max(delayMs, notBefore - performance.now());
    timer = setTimeout(() => {
      timer = undefined;
      // News that came while a job was running: it may have looked before.
      if (running) void running.then(nudge, nudge);
      else void run().catch(onError);
    }, wait);
  };
  return {
    nudge,
    async now() {
      while (running) await running.catch(() => undefined);
      if (!closed) await run();
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
