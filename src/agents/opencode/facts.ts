import { posix, win32 } from 'node:path';
import type { TranscriptFacts } from '../agent.ts';
import { duration } from '../runMetadata.ts';
import { isoTime, type JsonObject, number, object, optional, string, words } from '../shape.ts';
import type { UsageLog } from '../usage.ts';
import { modelOf, providerOf } from './pieces.ts';

/** What a session tells beside its messages. */
export interface FactLog {
  session(info: JsonObject): void;
  /** A message of the session itself. */
  message(info: JsonObject): void;
  prompt(text: string): void;
  /** Of any message, those of sub-agents included. */
  model(info: JsonObject): void;
  cwd(): string | undefined;
  models(): readonly string[];
  versions(): readonly string[];
  facts(usage: UsageLog, tally: { readonly turns: number; readonly assistantMessages: number }): TranscriptFacts;
}

/** What a session is called until a model has named it. */
const UNNAMED = /^(?:New|Child) session - \d{4}-\d{2}-\d{2}T/;

export function titleOf(title: unknown): string | undefined {
  const text = words(title);
  return text === undefined || UNNAMED.test(text) ? undefined : text;
}

export function createFactLog(transcript: string): FactLog {
  let info: JsonObject = {};
  let mode: string | undefined;
  let last: JsonObject | undefined;
  let prompt: string | undefined;
  let folder: string | undefined;
  let created: number | undefined;
  let updated: number | undefined;
  const costs = new Map<string, number>();
  const models = new Set<string>();
  const versions = new Set<string>();

  return {
    session(next) {
      info = next;
      const version = words(next['version']);
      if (version !== undefined) versions.add(version);
    },
    message(next) {
      const at = object(next['time']);
      for (const ms of [number(at?.['created']), number(at?.['completed'])]) {
        if (ms === undefined) continue;
        created = Math.min(created ?? ms, ms);
        updated = Math.max(updated ?? ms, ms);
      }
      mode = words(next['agent']) ?? words(next['mode']) ?? mode;
      folder ??= words(object(next['path'])?.['cwd']);
      if (modelOf(next) !== undefined) last = next;
      const cost = number(next['cost']);
      const id = string(next['id']);
      if (cost !== undefined && id !== undefined) costs.set(id, cost);
    },
    prompt(text) {
      prompt ??= words(text)?.trim();
    },
    model(next) {
      const model = modelOf(next);
      if (model !== undefined) models.add(model);
    },
    cwd: () => words(info['directory']) ?? folder,
    models: () => [...models].sort(),
    versions: () => [...versions].sort(),
    facts(usage, tally) {
      const time = object(info['time']);
      const createdAt = isoTime(time?.['created']) ?? isoTime(created);
      const updatedAt = isoTime(time?.['updated']) ?? isoTime(updated);
      const chosen = last ?? info;
      const { tokensIn, tokensOut } = usage.totals();
      const cost = [...costs.values()].reduce((sum, one) => sum + one, 0);
      const cwd = words(info['directory']) ?? folder;
      const name = cwd === undefined ? undefined : (cwd.includes('\\') ? win32 : posix).basename(cwd);
      return {
        source: {
          agent: 'opencode',
          transcript,
          ...optional('version', words(info['version'])),
          ...optional('native_id', words(info['id'])),
        },
        config: {
          name: 'opencode',
          agent_type: 'opencode',
          ...optional('llm_provider', providerOf(chosen)),
          ...optional('llm_model', modelOf(chosen)),
          ...optional('mode', mode ?? words(info['agent'])),
        },
        metadata: {
          total_tokens: tokensIn + tokensOut,
          total_steps: tally.assistantMessages,
          by_model: usage.byModel(),
          turns: tally.turns,
          ...(cost > 0 ? { total_cost_usd: cost } : {}),
          ...optional('created_at', createdAt),
          ...optional('duration_seconds', duration(createdAt, updatedAt)),
        },
        ...optional('cwd', cwd),
        ...optional('createdAt', createdAt),
        ...optional('updatedAt', updatedAt),
        ...optional('title', titleOf(info['title']) ?? prompt),
        ...(name === undefined ? {} : { workspace: { folder: name } }),
      };
    },
  };
}
