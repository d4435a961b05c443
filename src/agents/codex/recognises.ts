import { object, parseObject, string } from '../shape.ts';

const TYPES = new Set(['session_meta', 'response_item', 'event_msg', 'turn_context', 'compacted', 'world_state']);
const ITEMS = new Set(['message', 'reasoning', 'function_call', 'function_call_output', 'local_shell_call']);

/** True where a line of the head is one of a rollout: framed, or of the oldest format. */
export function recognises(head: string): boolean {
  // What another agent imports has messages with a role, too.
  if (/^\ufeff?\{"type":"session",/.test(head)) return false;
  // A list is one document: its last line may look like an item.
  if (/^\ufeff?\s*\[/.test(head)) return false;
  const lines = head
    .replace(/^\ufeff/, '')
    .split('\n')
    .slice(0, 50);
  return lines.some((text) => {
    // The first line of a rollout may be longer than the head.
    if (/^\{(?:"timestamp":"[^"]*",)?(?:"ordinal":\d+,)?"type":"session_meta","payload":/.test(text)) return true;
    const line = parseObject(text);
    if (line === undefined) return false;
    if (object(line['payload']) !== undefined) return TYPES.has(string(line['type']) ?? '');
    if (line['record_type'] === 'state') return true;
    return (
      ITEMS.has(string(line['type']) ?? '') &&
      !('uuid' in line) &&
      ('role' in line || 'call_id' in line || 'summary' in line)
    );
  });
}
