import { parseObject, string } from '../shape.ts';

const TREE = new Set(['user', 'assistant', 'system', 'attachment', 'progress']);
const METADATA = new Set([
  'summary',
  'custom-title',
  'ai-title',
  'last-prompt',
  'file-history-snapshot',
  'queue-operation',
  'permission-mode',
  'mode',
]);

/** True where a line of the head is one of Claude Code's: one of its tree, or metadata that names a session. */
export function recognises(head: string): boolean {
  const lines = head
    .replace(/^\ufeff/, '')
    .split('\n')
    .slice(0, 50);
  return lines.some((text, index) => {
    // A line that the head cuts off: its beginning tells, since links and ids stand there.
    if (index === lines.length - 1 && text.length > 1000)
      return /^\{"(?:parentUuid|type|uuid)":/.test(text) && /"sessionId"|"parentUuid"/.test(text);
    const line = parseObject(text);
    const type = string(line?.['type']);
    if (line === undefined || type === undefined) return false;
    if (TREE.has(type)) return 'message' in line || ('uuid' in line && 'parentUuid' in line);
    return (
      METADATA.has(type) && ('sessionId' in line || 'leafUuid' in line || 'messageId' in line || 'summary' in line)
    );
  });
}
