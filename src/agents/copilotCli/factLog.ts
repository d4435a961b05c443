import { createHash } from 'node:crypto';
import { posix, win32 } from 'node:path';
import type { TranscriptFacts } from '../agent.ts';
import { runMetadata } from '../runMetadata.ts';
import { count, type JsonObject, object, optional, string, time, words } from '../shape.ts';
import type { UsageLog } from '../usage.ts';
import type { CopilotEvent } from './events.ts';
import { readWorkspaceFile } from './workspace.ts';

export const COPILOT_CONFIG = { name: 'GitHub Copilot CLI', agent_type: 'copilot-cli' } as const;

/** What events tell beside the conversation. */
export interface FactLog {
  add(event: CopilotEvent): void;
  prompt(text: string): void;
  cwd(): string | undefined;
  model(): string | undefined;
  models(): readonly string[];
  versions(): readonly string[];
  facts(tally: { readonly turns: number; readonly assistantMessages: number }): TranscriptFacts;
}

/** `workspace` is the text of `workspace.yaml`. */
export function createFactLog(transcript: string, workspace: string | undefined, usage: UsageLog): FactLog {
  const seen = new Map<string, string>();
  const models = new Set<string>();
  const versions = new Set<string>();
  const keys = readWorkspaceFile(workspace ?? '');
  let usageRecords = 0;

  function first(key: string, value: string | undefined): void {
    if (value !== undefined && !seen.has(key)) seen.set(key, value);
  }
  function last(key: string, value: string | undefined): void {
    if (value !== undefined) seen.set(key, value);
  }
  function model(value: unknown): void {
    const name = words(value);
    last('model', name);
    if (name !== undefined) models.add(name);
  }

  function context(value: unknown): void {
    const told = object(value);
    first('cwd', words(told?.['cwd']));
    last('current-cwd', words(told?.['cwd']));
    last('branch', words(told?.['branch']));
    last('head', words(told?.['headCommit']));
    last('repository', words(told?.['repository']));
    last('host', words(told?.['repositoryHost']));
  }

  function add({ type, data, timestamp }: CopilotEvent): void {
    first('created', timestamp);
    last('updated', timestamp);
    switch (type) {
      case 'session.start': {
        first('id', words(data['sessionId']));
        const version = words(data['copilotVersion']);
        last('version', version);
        if (version !== undefined) versions.add(version);
        first('created', time(data['startTime']));
        if (data['selectedModel'] !== undefined) model(data['selectedModel']);
        last('effort', words(data['reasoningEffort']));
        context(data['context']);
        return;
      }
      case 'session.resume':
        if (data['selectedModel'] !== undefined) model(data['selectedModel']);
        context(data['context']);
        return;
      case 'session.context_changed':
        context(data);
        return;
      case 'session.model_change':
        model(data['newModel']);
        last('effort', words(data['reasoningEffort']));
        return;
      case 'session.title_changed':
        last('name', words(data['title']));
        return;
      case 'system.message': {
        const text = string(data['content']);
        if (text !== undefined) last('system', createHash('sha256').update(text).digest('hex'));
        return;
      }
      case 'assistant.message':
        if (data['model'] !== undefined) model(data['model']);
        return;
      case 'session.usage_record':
        usageRecord(object(data['usage']));
        return;
      case 'session.shutdown':
        shutdown(object(data['modelMetrics']));
        return;
    }
  }

  function usageRecord(told: JsonObject | undefined): void {
    const name = words(told?.['model']) ?? 'unknown';
    if (told === undefined) return;
    // A total of an older version's end is in the records of a newer one no more.
    usageRecords += 1;
    models.add(name);
    setUsage(`record-${usageRecords}`, name, told);
  }

  /** Totals of the whole run, for versions that record nothing else. */
  function shutdown(metrics: JsonObject | undefined): void {
    for (const [name, value] of Object.entries(metrics ?? {})) {
      const told = object(object(value)?.['usage']);
      models.add(name);
      if (told !== undefined && usageRecords === 0) setUsage(`shutdown ${name}`, name, told);
    }
  }

  function setUsage(key: string, name: string, told: JsonObject): void {
    const cached = count(told['cacheReadTokens']);
    const written = count(told['cacheWriteTokens']);
    const input = Math.max(0, count(told['inputTokens']) - cached - written);
    usage.set(key, name, {
      input,
      output: count(told['outputTokens']),
      cache_read: cached,
      cache_write: written,
    });
  }

  function facts(tally: { readonly turns: number; readonly assistantMessages: number }): TranscriptFacts {
    const created = seen.get('created');
    const updated = seen.get('updated');
    const cwd = seen.get('cwd') ?? keys.get('cwd') ?? keys.get('git_root');
    const branch = seen.get('branch');
    const head = seen.get('head');
    const repository = seen.get('repository');
    const remote = repository === undefined ? undefined : `https://${seen.get('host') ?? 'github.com'}/${repository}`;
    const folder = cwd === undefined ? undefined : (cwd.includes('\\') ? win32 : posix).basename(cwd);
    return {
      source: {
        agent: 'copilot-cli',
        transcript,
        ...optional('version', seen.get('version')),
        ...optional('native_id', seen.get('id')),
        ...optional('branch', branch),
      },
      config: {
        ...COPILOT_CONFIG,
        ...optional('llm_model', seen.get('model')),
        ...optional('reasoning_effort', seen.get('effort')),
        ...optional('system_prompt_sha256', seen.get('system')),
      },
      metadata: runMetadata(usage, tally, created, updated),
      ...optional('cwd', cwd),
      ...optional('createdAt', created),
      ...optional('updatedAt', updated),
      ...optional('title', seen.get('name') ?? words(keys.get('name')) ?? seen.get('prompt')),
      ...(folder === undefined || head === undefined
        ? {}
        : { workspace: { folder, git: { head, ...optional('branch', branch), ...optional('remote', remote) } } }),
    };
  }

  return {
    add,
    facts,
    prompt: (text) => first('prompt', words(text)?.trim()),
    cwd: () => seen.get('current-cwd') ?? keys.get('cwd') ?? keys.get('git_root'),
    model: () => seen.get('model'),
    models: () => [...models].sort(),
    versions: () => [...versions].sort(),
  };
}
