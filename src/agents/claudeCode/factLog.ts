import { createHash } from 'node:crypto';
import type { Metadata, Tool } from '../../core/index.ts';
import type { TranscriptFacts } from '../agent.ts';
import { runMetadata } from '../runMetadata.ts';
import { count, type JsonObject, list, number, object, optional, string, time, words } from '../shape.ts';
import type { UsageLog } from '../usage.ts';

/** What a Claude Code transcript tells beside its messages; of each kind, the last line counts. */
export interface FactLog {
  /** Fields that every line of the tree may carry. */
  common(line: JsonObject): void;
  /** Lines outside the tree: titles, permission mode, cost, the tools that were offered. */
  metadata(type: string, line: JsonObject): void;
  prompt(text: string): void;
  /** A text of the interface; a slash command stands for the prompt where nothing else was typed. */
  command(text: string): void;
  /** What a sub-agent was asked. */
  task(text: string): void;
  model(name: string): void;
  cwd(): string | undefined;
  versions(): readonly string[];
  facts(usage: UsageLog, turns: number): TranscriptFacts;
}

export function createFactLog(transcript: string): FactLog {
  const seen = new Map<string, string>();
  const versions = new Set<string>();
  let tools: readonly Tool[] | undefined;
  let cost: number | undefined;
  let lineCosts = 0;

  function first(key: string, value: string | undefined): void {
    if (value !== undefined && !seen.has(key)) seen.set(key, value);
  }
  function last(key: string, value: string | undefined): void {
    if (value !== undefined) seen.set(key, value);
  }

  function metadata(type: string, line: JsonObject): void {
    if (type === 'custom-title') last('custom-title', words(line['customTitle']));
    else if (type === 'ai-title') last('ai-title', words(line['aiTitle']) ?? words(line['title']));
    else if (type === 'summary') last('summary', summaryTitle(line['summary']));
    else if (type === 'permission-mode') last('mode', words(line['permissionMode']) ?? words(line['mode']));
    else if (type === 'cost-state') cost = number(line['totalCostUSD']) ?? cost;
    else if (type === 'api-request-shape') shape(object(line['shape']));
    first('id', words(line['sessionId']));
  }

  function shape(value: JsonObject | undefined): void {
    const found = list(value?.['tools']).flatMap((one): Tool[] => {
      const tool = object(one);
      const name = string(tool?.['name']);
      if (tool === undefined || name === undefined) return [];
      const description = optional('description', string(tool['description']));
      return [{ name, ...description, ...optional('schema', tool['input_schema']) }];
    });
    if (found.length > 0) tools = found;
    const system = list(value?.['system']).map((one) => string(object(one)?.['text']) ?? '');
    if (system.length > 0) seen.set('system', createHash('sha256').update(system.join('\n')).digest('hex'));
  }

  function common(line: JsonObject): void {
    first('id', words(line['sessionId']));
    first('cwd', words(line['cwd']));
    first('forked-from', words(object(line['forkedFrom'])?.['sessionId']));
    last('branch', words(line['gitBranch']));
    last('mode', words(line['permissionMode']));
    const version = words(line['version']);
    last('version', version);
    if (version !== undefined) versions.add(version);
    const at = time(line['timestamp']);
    first('created', at);
    last('updated', at);
    lineCosts += count(line['costUSD']);
  }

  function facts(usage: UsageLog, turns: number): TranscriptFacts {
    const created = seen.get('created');
    const updated = seen.get('updated');
    const total = cost ?? (lineCosts > 0 ? lineCosts : undefined);
    const metadata: Metadata = {
      ...runMetadata(usage, { turns, assistantMessages: usage.size() }, created, updated),
      ...optional('total_cost_usd', total),
    };
    const branch = seen.get('branch');
    return {
      source: {
        agent: 'claude-code',
        transcript,
        ...optional('version', seen.get('version')),
        ...optional('native_id', seen.get('id')),
        ...optional('branch', branch),
        ...optional('forked_from', seen.get('forked-from')),
      },
      config: {
        name: 'Claude Code',
        agent_type: 'claude-code',
        llm_provider: 'anthropic',
        ...optional('llm_model', seen.get('model')),
        ...optional('permission_mode', seen.get('mode')),
        ...optional('system_prompt_sha256', seen.get('system')),
      },
      metadata,
      ...optional('cwd', seen.get('cwd')),
      ...optional('createdAt', created),
      ...optional('updatedAt', updated),
      ...optional('title', title(seen)),
      ...optional('tools', tools),
    };
  }

  return {
    common,
    metadata,
    prompt: (text) => first('prompt', words(text)),
    command: (text) => first('command', commandName(text)),
    task: (text) => first('task', words(text)),
    model: (name) => last('model', name),
    cwd: () => seen.get('cwd'),
    versions: () => [...versions].sort(),
    facts,
  };
}

/** The user's title before the agent's, before the summary, before the first prompt. */
function title(seen: ReadonlyMap<string, string>): string | undefined {
  return ['custom-title', 'ai-title', 'summary', 'prompt', 'command', 'task'].map((key) => seen.get(key)).find(Boolean);
}

/** The agent sums up a failed request as if it were a conversation; that is no title. */
function summaryTitle(value: unknown): string | undefined {
  const summary = words(value);
  return summary === undefined || /^(API Error|Invalid API key)/.test(summary) ? undefined : summary;
}

export function commandName(text: string): string | undefined {
  return words(/<command-name>([^<]*)<\/command-name>/.exec(text)?.[1])?.trim();
}
