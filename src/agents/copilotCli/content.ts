import type { Message } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { keptPart } from '../keptPart.ts';
import { type JsonObject, object, objects, optional, parseObject, string, words } from '../shape.ts';
import type { CopilotEvent } from './events.ts';

/** An event as a message, without its time; undefined for one that is none, or says nothing. */
export function messageOf(event: CopilotEvent, id: string, reasoning?: string): Message | undefined {
  const { type, data } = event;
  switch (type) {
    case 'user.message': {
      const text = string(data['content']) ?? '';
      const parts = objects(data['attachments']).map(attachmentPart);
      if (text === '' && parts.length === 0) {
        // Autopilot goes on with a text of its own.
        const own = words(data['transformedContent'])?.replace(/^<current_datetime>[^<]*<\/current_datetime>\s*/, '');
        return own === undefined ? undefined : { id, role: 'system', content: own };
      }
      const said: readonly Part[] = [...(text === '' ? [] : [{ type: 'text', text }]), ...parts];
      const typed = (words(data['source']) ?? 'user') === 'user';
      const content = parts.length === 0 ? text : said;
      return { id, role: typed ? 'user' : 'system', content } as Message;
    }
    case 'assistant.message': {
      const text = string(data['content']) ?? '';
      const thought = words(data['reasoningText']) ?? reasoning;
      const signed = optional('encrypted_content', words(data['reasoningOpaque']) ?? words(data['encryptedContent']));
      const parts: readonly Part[] = [
        ...(thought === undefined ? [] : [{ type: 'reasoning', text: thought, ...signed }]),
        ...(text === '' ? [] : [{ type: 'text', text }]),
        ...objects(data['toolRequests']).map((request, index) => callPart(request, `${id}-${index}`)),
      ];
      return parts.length === 0 ? undefined : ({ id, role: 'assistant', content: parts } as Message);
    }
    case 'tool.execution_complete': {
      const callId = string(data['toolCallId']) ?? '';
      const failed = data['success'] === false ? { is_error: true } : {};
      const result: Part = { type: 'tool_result', call_id: callId, output: outputOf(data), ...failed };
      const images = objects(object(data['result'])?.['contents']).flatMap(imageParts);
      return {
        id,
        role: 'tool',
        content: [result, ...images.map((image) => ({ ...image, call_id: callId }))],
      } as Message;
    }
    default:
      return undefined;
  }
}

/** What the model saw of a result. */
export function outputOf(data: JsonObject): string {
  const result = data['result'];
  const error = data['error'];
  return (
    string(object(result)?.['content']) ??
    string(result) ??
    string(object(error)?.['message']) ??
    string(error) ??
    string(object(result)?.['detailedContent']) ??
    ''
  );
}

function callPart(request: JsonObject, otherwise: string): Part {
  const input = request['arguments'];
  return {
    type: 'tool_call',
    id: string(request['toolCallId']) ?? otherwise,
    name: string(request['name']) ?? '',
    // Some versions keep the model's own text; where that is no object, it stays as it is.
    input: typeof input === 'string' ? (parseObject(input) ?? input) : (input ?? {}),
  };
}

function attachmentPart(attachment: JsonObject): Part {
  const [image] = imageParts(attachment);
  const path = string(attachment['path']) ?? string(attachment['filePath']);
  if (image !== undefined) return image;
  return path === undefined
    ? keptPart({ ...attachment, type: string(attachment['type']) ?? 'attachment' })
    : { type: 'file', path };
}

function imageParts(value: JsonObject): readonly Part[] {
  const data = string(value['data']);
  const media = string(value['mimeType']);
  if (data === undefined || media?.startsWith('image/') !== true) return [];
  return [{ type: 'image', media_type: media, data }];
}
