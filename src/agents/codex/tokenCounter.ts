import { count, type JsonObject } from '../shape.ts';
import type { UsageLog } from '../usage.ts';

/** Turns the running totals of `token_count` events into usage by model. */
export interface TokenCounter {
  /** `total` is `info.total_token_usage`; its `input_tokens` include the cached ones. */
  add(total: JsonObject | undefined, model: string | undefined): void;
}

/** Totals are of the whole thread; some versions begin at 0 again on a resume (0.60.1). */
export function createTokenCounter(usage: UsageLog): TokenCounter {
  const none = { input: 0, cached: 0, output: 0, all: 0 };
  let totals = none;
  let records = 0;
  return {
    add(total, model) {
      if (total === undefined) return;
      const now = {
        input: count(total['input_tokens']),
        cached: count(total['cached_input_tokens']),
        output: count(total['output_tokens']),
        all: count(total['total_tokens']),
      };
      const from = now.all < totals.all ? none : totals;
      totals = now;
      records += 1;
      const cached = now.cached - from.cached;
      usage.set(`${records}`, model ?? 'unknown', {
        input: now.input - from.input - cached,
        output: now.output - from.output,
        cache_read: cached,
      });
    },
  };
}
