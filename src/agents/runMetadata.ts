import type { Metadata } from '../core/index.ts';
import { optional } from './shape.ts';
import type { UsageLog } from './usage.ts';

/** What a run came to: tokens by model, answers, prompts, and its time, where that is recorded (ISO 8601). */
export function runMetadata(
  usage: UsageLog,
  tally: { readonly turns: number; readonly assistantMessages: number },
  created: string | undefined,
  updated: string | undefined,
): Metadata {
  const { tokensIn, tokensOut } = usage.totals();
  return {
    total_tokens: tokensIn + tokensOut,
    total_steps: tally.assistantMessages,
    by_model: usage.byModel(),
    turns: tally.turns,
    ...optional('created_at', created),
    ...optional('duration_seconds', duration(created, updated)),
  };
}

/** Seconds between two ISO times. */
export function duration(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  return seconds >= 0 ? seconds : undefined;
}
