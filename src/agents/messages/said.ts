import type { Role, Usage } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { count, type JsonObject, object, optional, string, time, words } from '../shape.ts';

/** What one record of any format says, before it has its place in the conversation. */
export interface Said {
  readonly role: Role;
  readonly parts: readonly Part[];
  readonly id?: string;
  readonly timestamp?: string;
  readonly model?: string;
  readonly usage?: Usage;
  /** An item of the Responses API: reasoning and calls that follow each other are one answer. */
  readonly isItem?: boolean;
}

const ROLES: ReadonlyMap<unknown, Role> = new Map<unknown, Role>([
  ['user', 'user'],
  ['human', 'user'],
  ['assistant', 'assistant'],
  ['ai', 'assistant'],
  ['AIMessageChunk', 'assistant'],
  ['model', 'assistant'],
  ['system', 'system'],
  ['developer', 'system'],
  ['tool', 'tool'],
  ['function', 'tool'],
  ['summary', 'summary'],
]);

/** Undefined for a role of none of the formats. */
export function roleOf(value: unknown): Role | undefined {
  return ROLES.get(value);
}

/** Results that stand in a message of the user (Anthropic, Gemini) or of the system (agentscope) are messages of their own. */
export function withoutResults(said: Said): readonly Said[] {
  if (said.role === 'assistant' || said.role === 'tool') return [said];
  const results = said.parts.filter((part) => part.type === 'tool_result' || 'call_id' in part);
  if (results.length === 0) return [said];
  const rest = said.parts.filter((part) => !results.includes(part));
  const { id, ...more } = said;
  const tool: Said = { ...more, ...optional('id', id), role: 'tool', parts: results };
  return rest.length === 0 ? [tool] : [tool, { ...more, parts: rest }];
}

/** Native id and time of a record; agentscope's times have a blank where ISO 8601 has a `T`. */
export function idAndTime(record: JsonObject): Pick<Said, 'id' | 'timestamp'> {
  const noted = string(record['timestamp'])?.replace(/^(\d{4}-\d\d-\d\d) (?=\d\d:)/, '$1T');
  return { ...optional('id', words(record['id'])), ...optional('timestamp', time(noted)) };
}

/** LangChain's `usage_metadata`: its input includes what was cached. */
export function usageOf(value: unknown): Usage | undefined {
  const usage = object(value);
  if (usage === undefined) return undefined;
  const [input, output] = [count(usage['input_tokens']), count(usage['output_tokens'])];
  const details = object(usage['input_token_details']);
  const read = Math.min(input, count(details?.['cache_read']));
  const write = Math.min(input - read, count(details?.['cache_creation']));
  return { input: input - read - write, output, cache_read: read, cache_write: write };
}
