import fc from 'fast-check';
import type { Message, SessionEvent } from '../../../src/core/index.ts';

/** Few ids, so that replacing, rewinding and duplicates happen; some that need escapes in JSON. */
export const anyId = fc.constantFrom('m1', 'm2', 'm3', 'm4', 'm5', 'q"uote', 'bäck\\slash', '\ud800', '');

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('{"crc":"', '\n', '\u2028]}', '\udc00'),
);

export const anyMessage: fc.Arbitrary<Message> = fc.record(
  {
    id: anyId,
    role: fc.constantFrom('user' as const, 'assistant' as const, 'tool' as const),
    content: fc.oneof(
      anyText,
      fc.array(fc.record({ type: fc.constant('text' as const), text: anyText }), { maxLength: 3 }),
    ),
    extra: anyText,
  },
  { requiredKeys: ['id', 'role', 'content'] },
);

export const anyHistory = fc.array(anyMessage, { maxLength: 8 });

export const anyEvent: fc.Arbitrary<SessionEvent> = fc.oneof(
  { weight: 6, arbitrary: anyMessage.map((message) => ({ type: 'message' as const, message })) },
  { weight: 1, arbitrary: fc.oneof(anyId, fc.constant(null)).map((after) => ({ type: 'rewind' as const, after })) },
  { weight: 1, arbitrary: fc.nat(6).map((keep) => ({ type: 'cut' as const, keep })) },
  { weight: 1, arbitrary: anyText.map((title) => ({ type: 'head' as const, set: { title }, remove: ['state'] })) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('read_cache' as const),
      set: fc.dictionary(fc.constantFrom('a.ts', '__proto__', 'constructor'), fc.record({ message: fc.nat(6) })),
      remove: fc.subarray(['a.ts', 'b.ts']),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.nat(6).map((message) => ({
      type: 'checkpoint' as const,
      checkpoint: { id: `c${message % 3}`, label: 'l', created_at: '', message },
    })),
  },
  {
    weight: 1,
    arbitrary: fc.nat(3).map((n) => ({
      type: 'decision' as const,
      decision: { id: `d${n}`, at: '', by: 'ann', action: 'continue' as const, accepted: { more: n } },
    })),
  },
);

/** Batches of events, as appends bring them. */
export const anyBatches = fc.array(fc.array(anyEvent, { maxLength: 4 }), { maxLength: 5 });
