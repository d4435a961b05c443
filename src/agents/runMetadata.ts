import type { Metadata } from '../core/index.ts';
import { duration } from './claudeCode/factLog.ts';
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
