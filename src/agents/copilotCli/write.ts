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
  const interrupted = (): readonly JsonObject[] => {
    const lines = [...open].map((callId) => {
      written.messages += 1;
      const failed = { toolCallId: callId, success: false, error: { message: 'interrupted' } };
      return chained({ type: 'tool.execution_complete', data: failed }, derivedUuid(newId, `call ${callId}`));
    });
    open.clear();
    return lines;
  };
  for (const [index, message] of options.history.entries()) {
    timestamp = message.timestamp ?? timestamp;
    if (message.role !== 'tool') yield* interrupted();
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
  yield* interrupted();
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
    case 'tool': {
      const results: Made[] = [];
      const others: Part[] = [];
      for (const part of parts) {
        const callId = string(part['call_id']) ?? '';
        const output = string(part['output']) ?? '';
        if (part.type === 'tool_result' && open.delete(callId)) results.push(resultEvent(callId, part, output));
        // A result of no call would be dropped, and so would an image that is part of one.
        else others.push(part.type === 'tool_result' ? { type: 'text', text: output } : part);
      }
      return [...results, ...userEvents(others)];
    }
    case 'user':
    case 'summary':
      return userEvents(parts);
  }
}

function resultEvent(toolCallId: string, part: Part, output: string): Made {
  const failed = part['is_error'] === true;
  const outcome = failed ? { error: { message: output } } : { result: { content: output } };
  return { type: 'tool.execution_complete', data: { toolCallId, success: !failed, ...outcome } };
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
