import { createHash } from 'node:crypto';
import { posix, win32 } from 'node:path';
import type { AgentId, TranscriptFacts } from '../agent.ts';
import { duration } from '../runMetadata.ts';
import { number, object, optional, string, time, words } from '../shape.ts';
import type { Known } from './beside.ts';
import type { Conversation } from './conversation.ts';

/** Whose transcript it is: Roo Code keeps its tasks as Cline does. */
export interface TaskAgent {
  readonly id: AgentId;
  readonly label: string;
}

/** What a transcript tells beside its messages: its own `fields` (of an SDK session) first, then the files beside it. */
export function taskFacts(told: {
  readonly agent: TaskAgent;
  readonly transcript: string;
  readonly talk: Conversation;
  readonly known: Known;
  readonly fields: ReadonlyMap<string, unknown>;
  readonly cwd: string | undefined;
}): TranscriptFacts {
  const { agent, transcript, talk, known, fields, cwd } = told;
  const { tokensIn, tokensOut, assistantMessages } = talk.counts();
  const recorded = tokensIn + tokensOut > 0;
  const spent = known.tokens;
  const model = known.model ?? talk.model;
  const created = known.createdAt ?? talk.first;
  const updated = talk.last ?? time(fields.get('updated_at')) ?? known.updatedAt;
  const system = string(fields.get('system_prompt'));
  const prompt = system === undefined ? undefined : createHash('sha256').update(system).digest('hex');
  const folder = cwd === undefined ? undefined : (cwd.includes('\\') ? win32 : posix).basename(cwd);
  const cost = talk.cost ?? known.cost;
  return {
    source: {
      agent: agent.id,
      transcript,
      ...optional('version', versionOf(fields, known)),
      ...optional('native_id', words(fields.get('sessionId')) ?? known.nativeId),
      ...optional('branch', known.branch),
      ...optional('forked_from', known.forkedFrom),
    },
    config: {
      name: agent.label,
      agent_type: agent.id,
      ...optional('llm_provider', known.provider ?? talk.provider),
      ...optional('llm_model', model),
      ...optional('mode', known.mode),
      ...optional('system_prompt_sha256', prompt),
    },
    metadata: {
      total_tokens: recorded || spent === undefined ? tokensIn + tokensOut : totalOf(spent),
      total_steps: assistantMessages,
      by_model: recorded || spent === undefined ? talk.usage.byModel() : { [model ?? 'unknown']: spent },
      turns: talk.turns,
      ...optional('created_at', created),
      ...optional('duration_seconds', duration(created, updated)),
      ...(cost === undefined || cost === 0 ? {} : { total_cost_usd: cost }),
    },
    ...optional('cwd', cwd),
    ...optional('createdAt', created),
    ...optional('updatedAt', updated),
    ...optional('title', known.title ?? talk.firstPrompt),
    ...(folder === undefined || known.branch === undefined
      ? {}
      : { workspace: { folder, git: { branch: known.branch } } }),
  };
}

function totalOf(usage: NonNullable<Known['tokens']>): number {
  return usage.input + usage.output + (number(usage.cache_read) ?? 0) + (number(usage.cache_write) ?? 0);
}

export function versionOf(fields: ReadonlyMap<string, unknown>, known: Known): string | undefined {
  return words(object(fields.get('origin'))?.['version']) ?? known.version;
}
