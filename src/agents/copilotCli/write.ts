import type { Message } from '../../core/index.ts';
import type { AgentHome, NativeWriteOptions, NativeWritten, Part } from '../agent.ts';
import { type JsonObject, optional, string } from '../shape.ts';
import { isUuid } from '../uuid.ts';
import { derivedUuid, startData, writeSession } from './writeSession.ts';

/** Writes messages as events. Reasoning is left out; a summary is told by the user, since one of the agent's own would hide what stands before it. */
export async function write(where: AgentHome, options: NativeWriteOptions): Promise<NativeWritten> {
  return writeSession(where, options, (folder, written) => writtenLines(options, folder, written));
}

interface Made {
  readonly type: string;
  readonly data: JsonObject;
}

function* writtenLines(
  options: NativeWriteOptions,
  folder: string,
  written: { messages: number },
): Generator<JsonObject> {
  const { newId, now } = options;
  let timestamp = new Date(now).toISOString();
  let parentId: string | null = null;
  const chained = ({ type, data }: Made, id: string): JsonObject => {
    const line = { type, data, id, timestamp, parentId };
    parentId = id;
    return line;
  };
  const data = startData(newId, folder, now, optional('selectedModel', options.model));
  yield chained({ type: 'session.start', data }, derivedUuid(newId, 'start'));
  const used = new Set<string>();
  const open = new Set<string>();
  for (const [index, message] of options.history.entries()) {
    timestamp = message.timestamp ?? timestamp;
    const made = eventsOf(message, open, derivedUuid(newId, `message ${index}`));
    for (const [part, event] of made.entries()) {
      written.messages += 1;
      const own = part === 0 && isUuid(message.id) && !used.has(message.id);
      const id = own ? message.id : derivedUuid(newId, `${index}.${part}`);
      used.add(id);
      yield chained(event, id);
    }
  }
  if (written.messages === 0) throw new Error('nothing to write: no message that the agent would take');
  for (const callId of open) {
    written.messages += 1;
    const interrupted = { toolCallId: callId, success: false, error: { message: 'interrupted' } };
    yield chained({ type: 'tool.execution_complete', data: interrupted }, derivedUuid(newId, `call ${callId}`));
  }
}

/** `open` are the calls that wait for their results. */
function eventsOf(message: Message, open: Set<string>, messageId: string): readonly Made[] {
  const parts: readonly Part[] =
    typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
  switch (message.role) {
    case 'system':
      return [];
    case 'assistant': {
      const toolRequests = parts.flatMap((part) => {
        if (part.type !== 'tool_call') return [];
        const toolCallId = string(part['id']) ?? '';
        open.add(toolCallId);
        return [{ toolCallId, name: string(part['name']) ?? '', arguments: part['input'] ?? {}, type: 'function' }];
      });
      const content = textOf(parts);
      if (content === '' && toolRequests.length === 0) return [];
      return [{ type: 'assistant.message', data: { messageId, content, toolRequests } }];
    }
    case 'tool':
      return parts.flatMap((part, index): readonly Made[] => {
        if (part.type !== 'tool_result') return part.type === 'image' ? [] : userEvents([part]);
        const callId = string(part['call_id']) ?? '';
        const output = string(part['output']) ?? '';
        // A result of no call would be dropped.
        if (!open.delete(callId)) return userEvents([{ type: 'text', text: output }]);
        return [{ type: 'tool.execution_complete', data: resultData(callId, part, output, imagesAfter(parts, index)) }];
      });
    case 'user':
    case 'summary':
      return userEvents(parts);
  }
}

function resultData(toolCallId: string, part: Part, output: string, images: readonly Part[]): JsonObject {
  if (part['is_error'] === true) return { toolCallId, success: false, error: { message: output } };
  const contents = images.map((image) => ({ type: 'image', data: image['data'], mimeType: image['media_type'] }));
  return { toolCallId, success: true, result: { content: output, ...(images.length > 0 ? { contents } : {}) } };
}

/** Images of a result come as parts behind it. */
function imagesAfter(parts: readonly Part[], index: number): readonly Part[] {
  const rest = parts.slice(index + 1);
  const end = rest.findIndex((part) => part.type !== 'image');
  return (end === -1 ? rest : rest.slice(0, end)).filter((part) => typeof part['data'] === 'string');
}

function userEvents(parts: readonly Part[]): readonly Made[] {
  const content = textOf(parts);
  const attachments = parts.flatMap((part, index) => {
    const data = part.type === 'image' ? string(part['data']) : undefined;
    if (data === undefined) return [];
    return [{ type: 'blob', data, mimeType: part['media_type'], displayName: `image ${index + 1}` }];
  });
  if (content === '' && attachments.length === 0) return [];
  return [{ type: 'user.message', data: { content, ...(attachments.length > 0 ? { attachments } : {}) } }];
}

function textOf(parts: readonly Part[]): string {
  return parts
    .flatMap((part) => {
      if (part.type === 'text') return [string(part['text']) ?? ''];
      return part.type === 'file' ? [`@${string(part['path']) ?? ''}`] : [];
    })
    .join('\n');
}
