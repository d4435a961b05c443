import * as z from 'zod/mini';
import { message } from './message.ts';
import { checkpoint, decision, readCacheEntry, snapshotHead, tool } from './snapshot.ts';

/**
 * What auto-save appends to a journal. Every event but `rewind` and `cut` is idempotent: a message whose id is already in the
 * history replaces it in place, fields and read-cache entries are set to a value.
 */
export const sessionEvent = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('message'), message }),
  /** Sets fields of the head (unknown ones too) and removes those named. Objects are replaced, not merged. */
  z.looseObject({
    type: z.literal('head'),
    set: z.extend(z.partial(snapshotHead), { pinned_messages: z.optional(z.array(z.string())) }),
    remove: z.optional(z.array(z.string())),
  }),
  z.looseObject({
    type: z.literal('read_cache'),
    set: z.optional(z.record(z.string(), readCacheEntry)),
    remove: z.optional(z.array(z.string())),
  }),
  z.looseObject({ type: z.literal('tools'), tools: z.array(tool), tool_schema_hash: z.string() }),
  z.looseObject({ type: z.literal('checkpoint'), checkpoint }),
  /** Adds a decision, or replaces the one of its id. The last 100 are kept. */
  z.looseObject({ type: z.literal('decision'), decision }),
  /**
   * Drops every message after the one named; `null` drops all, an unknown id none. Checkpoints and read-cache entries
   * of dropped messages go with them: what was read there is no longer in the conversation.
   */
  z.looseObject({ type: z.literal('rewind'), after: z.nullable(z.string()) }),
  /** A rewind by number: keeps the first `keep` messages. */
  z.looseObject({ type: z.literal('cut'), keep: z.number() }),
]);
export type SessionEvent = z.infer<typeof sessionEvent>;
