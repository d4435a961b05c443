import type { Usage } from '../core/index.ts';

/** Tokens by model; each key (an API message) counts once, with its last value. */
export interface UsageLog {
  set(key: string, model: string, usage: Usage): void;
  /** How many messages. */
  size(): number;
  byModel(): Readonly<Record<string, Usage>>;
  /** All input, cached or not, and all output. */
  totals(): { readonly tokensIn: number; readonly tokensOut: number };
}

export function createUsageLog(): UsageLog {
  const entries = new Map<string, { readonly model: string; readonly usage: Usage }>();
  const sums = new Map<string, Usage>();
  function add(model: string, usage: Usage, sign: 1 | -1): void {
    const sum = sums.get(model) ?? { input: 0, output: 0 };
    sums.set(model, {
      input: sum.input + sign * usage.input,
      output: sum.output + sign * usage.output,
      cache_read: (sum.cache_read ?? 0) + sign * (usage.cache_read ?? 0),
      cache_write: (sum.cache_write ?? 0) + sign * (usage.cache_write ?? 0),
    });
  }
  return {
    set(key, model, usage) {
      const old = entries.get(key);
      if (old !== undefined) add(old.model, old.usage, -1);
      entries.set(key, { model, usage });
      add(model, usage, 1);
    },
    size: () => entries.size,
    byModel() {
      const models = [...sums].filter(
        ([, sum]) => sum.input + sum.output + (sum.cache_read ?? 0) + (sum.cache_write ?? 0) > 0,
      );
      return Object.fromEntries(models);
    },
    totals() {
      let tokensIn = 0;
      let tokensOut = 0;
      for (const sum of sums.values()) {
        tokensIn += sum.input + (sum.cache_read ?? 0) + (sum.cache_write ?? 0);
        tokensOut += sum.output;
      }
      return { tokensIn, tokensOut };
    },
  };
}
