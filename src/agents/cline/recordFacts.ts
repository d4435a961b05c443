import type { Usage } from '../../core/index.ts';
import { count, isoTime, type JsonObject, list, number, object, optional, string, words } from '../shape.ts';
import type { RecordFacts } from './said.ts';

/** Time, model and tokens of a record: a task's say `modelInfo.modelId` and `metrics.tokens`, a session's `modelInfo.id` and `metrics`. */
export function recordFacts(record: JsonObject): RecordFacts {
  const info = object(record['modelInfo']);
  const metrics = object(record['metrics']);
  const cost = number(metrics?.['cost']);
  return {
    ...optional('at', isoTime(record['ts'])),
    ...optional('model', words(info?.['id']) ?? words(info?.['modelId'])),
    ...optional('provider', words(info?.['provider']) ?? words(info?.['providerId'])),
    ...optional('usage', taskUsage(metrics) ?? sessionUsage(metrics)),
    ...optional('cost', cost),
  };
}

function taskUsage(metrics: JsonObject | undefined): Usage | undefined {
  const tokens = object(metrics?.['tokens']);
  if (tokens === undefined) return undefined;
  return usageOf(count(tokens['prompt']), count(tokens['completion']), count(tokens['cached']), 0);
}

function sessionUsage(metrics: JsonObject | undefined): Usage | undefined {
  if (metrics === undefined || number(metrics['inputTokens']) === undefined) return undefined;
  const cached = [count(metrics['cacheReadTokens']), count(metrics['cacheWriteTokens'])] as const;
  return usageOf(count(metrics['inputTokens']), count(metrics['outputTokens']), ...cached);
}

/** `all` counts what came from a cache, too. */
function usageOf(all: number, output: number, read: number, written: number): Usage {
  return { input: Math.max(0, all - read - written), output, cache_read: read, cache_write: written };
}

/** The folder that `<environment_details>` tells with the first prompt. */
export function shownFolder(record: JsonObject): string | undefined {
  for (const block of list(record['content'])) {
    const text = string(object(block)?.['text']) ?? '';
    const folder = /# Current (?:Working|Workspace) Directory \(([^)\n]{1,4096})\)/.exec(text)?.[1];
    if (folder !== undefined) return folder;
  }
  return undefined;
}
