import type { Part } from './agent.ts';
import { type JsonObject, string } from './shape.ts';

/** Names of parts that have a shape of their own (core's `message.ts`). */
const OWN_TYPES: ReadonlySet<string> = new Set(['text', 'reasoning', 'tool_call', 'tool_result', 'image', 'file']);

/**
 * A block of a kind that is not known here, or of a known kind without what belongs to it, as it is. It does not keep
 * a name that has a shape of its own: a store would take the whole message for damaged.
 */
export function keptPart(block: JsonObject): Part {
  const type = string(block['type']) ?? 'unknown';
  return { ...block, type: OWN_TYPES.has(type) ? `${type}-reference` : type };
}
