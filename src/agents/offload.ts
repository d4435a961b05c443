import type { Message, SessionStore } from '../core/index.ts';
import type { Part } from './agent.ts';

/** Tool outputs over this many bytes lie in a file of their own. */
const MAX_OUTPUT_BYTES = 64 * 1024;

/** The message with its images and big tool outputs in the store's blobs; the same object where there is none. */
export async function offloadBlobs(message: Message, store: Pick<SessionStore, 'putBlob'>): Promise<Message> {
  if (typeof message.content === 'string') return message;
  let changed = false;
  const content: Part[] = [];
  for (const part of message.content) {
    const moved = await offloadPart(part, store);
    changed ||= moved !== part;
    content.push(moved);
  }
  return changed ? { ...message, content: content as Message['content'] } : message;
}

async function offloadPart(part: Part, store: Pick<SessionStore, 'putBlob'>): Promise<Part> {
  if (part.type === 'image' && typeof part['data'] === 'string') {
    return { ...part, data: await store.putBlob(Buffer.from(part['data'], 'base64')) };
  }
  const output = part.type === 'tool_result' ? part['output'] : undefined;
  // A UTF-16 unit is at most 3 bytes of UTF-8: most outputs need no count. A lone surrogate has no UTF-8: it stays.
  if (typeof output !== 'string' || output.length * 3 <= MAX_OUTPUT_BYTES || !output.isWellFormed()) return part;
  const bytes = Buffer.from(output, 'utf8');
  return bytes.length > MAX_OUTPUT_BYTES ? { ...part, output: await store.putBlob(bytes) } : part;
}
