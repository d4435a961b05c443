import { createHash } from 'node:crypto';
import { posix, win32 } from 'node:path';
import type { Tool } from '../../core/index.ts';
import type { TranscriptFacts } from '../agent.ts';
import { runMetadata } from '../runMetadata.ts';
import { type JsonObject, list, object, optional, string, time, words } from '../shape.ts';
import type { UsageLog } from '../usage.ts';

/** What a rollout tells beside its messages. */
export interface FactLog {
  /** The first of several counts: a fork keeps its parent's line behind its own. */
  sessionMeta(payload: JsonObject): void;
  /** `turn_context`, or the settings of `thread_settings_applied`. */
  turnContext(payload: JsonObject): void;
  prompt(text: string): void;
  name(title: string | undefined): void;
  /** `<environment_context>` of versions that write no cwd. */
  environment(text: string): void;
  at(timestamp: string | undefined): void;
  cwd(): string | undefined;
  model(): string | undefined;
  models(): readonly string[];
  versions(): readonly string[];
  facts(usage: UsageLog, tally: { readonly turns: number; readonly assistantMessages: number }): TranscriptFacts;
}

export function createFactLog(transcript: string): FactLog {
  const seen = new Map<string, string>();
  const models = new Set<string>();
  const versions = new Set<string>();
  let hasMeta = false;
  let git: JsonObject = {};
  let tools: readonly Tool[] | undefined;

  function first(key: string, value: string | undefined): void {
    if (value !== undefined && !seen.has(key)) seen.set(key, value);
  }
  function last(key: string, value: string | undefined): void {
    if (value !== undefined) seen.set(key, value);
  }

  function sessionMeta(payload: JsonObject): void {
    const version = words(payload['cli_version']);
    if (version !== undefined) versions.add(version);
    if (hasMeta) return;
    hasMeta = true;
    last('id', words(payload['id']));
    last('version', version);
    last('cwd', words(payload['cwd']));
    last('provider', words(payload['model_provider']));
    last('forked-from', words(payload['forked_from_id']));
    first('created', time(payload['timestamp']));
    const instructions = string(object(payload['base_instructions'])?.['text']) ?? string(payload['instructions']);
    if (instructions !== undefined) last('system', createHash('sha256').update(instructions).digest('hex'));
    git = object(payload['git']) ?? {};
    const dynamic = list(payload['dynamic_tools']).flatMap((value): Tool[] => {
      const tool = object(value);
      const name = string(tool?.['name']);
      if (tool === undefined || name === undefined) return [];
      const schema = tool['inputSchema'] ?? tool['input_schema'] ?? tool['parameters'];
      return [{ name, ...optional('description', string(tool['description'])), ...optional('schema', schema) }];
    });
    if (dynamic.length > 0) tools = dynamic;
  }

  function turnContext(payload: JsonObject): void {
    const model = words(payload['model']);
    last('model', model);
    if (model !== undefined) models.add(model);
    first('cwd', words(payload['cwd']));
    last('current-cwd', words(payload['cwd']));
    last('provider', words(payload['model_provider_id']));
    last('effort', words(payload['effort']) ?? words(payload['reasoning_effort']));
    last('approval', words(payload['approval_policy']));
    const sandbox = object(payload['sandbox_policy']);
    last('sandbox', words(sandbox?.['type']) ?? words(sandbox?.['mode']) ?? words(payload['sandbox_policy']));
  }

  function environment(text: string): void {
    const cwd = /<cwd>([^<]+)<\/cwd>/.exec(text)?.[1] ?? /Current working directory: ([^\n]+)/.exec(text)?.[1];
    first('cwd', words(cwd)?.trim());
  }

  function facts(
    usage: UsageLog,
    tally: { readonly turns: number; readonly assistantMessages: number },
  ): TranscriptFacts {
    const created = seen.get('created');
    const updated = seen.get('updated');
    const cwd = seen.get('cwd');
    const branch = words(git['branch']);
    const head = words(git['commit_hash']);
    const remote = words(git['repository_url']);
    const folder = cwd === undefined ? undefined : (cwd.includes('\\') ? win32 : posix).basename(cwd);
    return {
      source: {
        agent: 'codex',
        transcript,
        ...optional('version', seen.get('version')),
        ...optional('native_id', seen.get('id')),
        ...optional('branch', branch),
        ...optional('forked_from', seen.get('forked-from')),
      },
      config: {
        name: 'Codex',
        agent_type: 'codex',
        ...optional('llm_provider', seen.get('provider')),
        ...optional('llm_model', seen.get('model')),
        ...optional('reasoning_effort', seen.get('effort')),
        ...optional('approval_policy', seen.get('approval')),
        ...optional('sandbox', seen.get('sandbox')),
        ...optional('system_prompt_sha256', seen.get('system')),
      },
      metadata: runMetadata(usage, tally, created, updated),
      ...optional('cwd', cwd),
      ...optional('createdAt', created),
      ...optional('updatedAt', updated),
      ...optional('title', seen.get('name') ?? seen.get('prompt')),
      ...optional('tools', tools),
      ...(folder === undefined || head === undefined
        ? {}
        : { workspace: { folder, git: { head, ...optional('branch', branch), ...optional('remote', remote) } } }),
    };
  }

  return {
    sessionMeta,
    turnContext,
    environment,
    facts,
    prompt: (text) => first('prompt', words(typedText(text))),
    name: (title) => last('name', title),
    at(timestamp) {
      first('created', timestamp);
      last('updated', timestamp);
    },
    cwd: () => seen.get('current-cwd') ?? seen.get('cwd'),
    model: () => seen.get('model'),
    models: () => [...models].sort(),
    versions: () => [...versions].sort(),
  };
}

/** The prompt as it was typed: editors put the open files before it. */
export function typedText(text: string): string {
  const marker = '## My request for Codex:';
  const at = text.indexOf(marker);
  return (at === -1 ? text : text.slice(at + marker.length)).trim();
}
