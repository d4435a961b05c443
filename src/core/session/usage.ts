import type { Usage } from './snapshot.ts';

export const NO_USAGE: Usage = { input: 0, output: 0 };

/** Tokens of both; a count that neither records stays absent. */
export function addUsage(a: Usage, b: Usage): Usage {
  const sum: Usage = { input: a.input + b.input, output: a.output + b.output };
  if (a.cache_read !== undefined || b.cache_read !== undefined)
    sum.cache_read = (a.cache_read ?? 0) + (b.cache_read ?? 0);
  if (a.cache_write !== undefined || b.cache_write !== undefined) {
    sum.cache_write = (a.cache_write ?? 0) + (b.cache_write ?? 0);
  }
  return sum;
}

/** Tokens of all of them, for instance of `metadata.by_model`. */
export function sumUsage(usages: Iterable<Usage>): Usage {
  let sum = NO_USAGE;
  for (const usage of usages) sum = addUsage(sum, usage);
  return sum;
}

/** Every token that was counted, cached ones included. */
export function totalTokens(usage: Usage): number {
  return usage.input + usage.output + (usage.cache_read ?? 0) + (usage.cache_write ?? 0);
}
