/** Runs jobs of one key one after the other, in the order of the calls; jobs of different keys side by side. */
export function createTurns(): <T>(key: string, job: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, job) => {
    const before = last.get(key);
    // A job that failed has told its own caller.
    const run = before === undefined ? job() : before.then(job, job);
    last.set(key, run);
    try {
      return await run;
    } finally {
      if (last.get(key) === run) last.delete(key);
    }
  };
}
