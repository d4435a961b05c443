import type { Message } from '../../../src/core/index.ts';

/**
 * What was said, called and answered, one line each, in its order; not how it was divided into messages, nor what only
 * one agent knows of it (ids of messages, signatures, times).
 */
export function conversation(messages: readonly Message[]): string {
  return messages.flatMap(lines).join('\n');
}

/** The same as a list of texts that can be looked for: of calls the name and the values, of results the output. */
export function textsOf(messages: readonly Message[]): readonly string[] {
  return messages.flatMap(lines);
}

function lines({ role, content }: Message): readonly string[] {
  const who = role === 'assistant' ? 'assistant' : role;
  if (typeof content === 'string') return content.trim() === '' ? [] : [`${who}: ${content.trim()}`];
  return content.flatMap((part) => {
    switch (part.type) {
      case 'text':
        return String(part['text']).trim() === '' ? [] : [`${who}: ${String(part['text']).trim()}`];
      case 'tool_call':
        return [`call ${part['id']}: ${part['name']} ${JSON.stringify(part['input'])}`];
      case 'tool_result':
        return [`result ${part['call_id']}: ${typeof part['output'] === 'string' ? part['output'].trim() : 'blob'}`];
      case 'image':
        return [`${who}: image ${part['media_type']}`];
      default:
        // Reasoning is the vendor's own, and goes along only with the raw bytes.
        return [];
    }
  });
}
