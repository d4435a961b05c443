import type { SessionStore } from '../store/sessionStore.ts';
import type { Message } from './message.ts';

type Parts = Exclude<Message['content'], string>;
type Part = Parts[number];

/** A message with its blobs' content in place; a blob that is missing stays a reference. */
export async function inlineBlobs(message: Message, store: SessionStore): Promise<Message> {
  if (typeof message.content === 'string' || !message.content.some((part) => blobIn(part) !== undefined))
    return message;
  const content: Part[] = [];
  for (const part of message.content) content.push(await inlinePart(part, store));
  return { ...message, content };
}

async function inlinePart(part: Part, store: SessionStore): Promise<Part> {
  const found = blobIn(part);
  const bytes = found === undefined ? undefined : await store.getBlob(found.blob);
  if (found === undefined || bytes === undefined) return part;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { ...part, [found.field]: buffer.toString(found.field === 'data' ? 'base64' : 'utf8') };
}

/** The field of a part that only names its content. */
function blobIn(part: Part): { readonly field: 'output' | 'data'; readonly blob: string } | undefined {
  const field = part.type === 'tool_result' ? 'output' : part.type === 'image' ? 'data' : undefined;
  const value = field === undefined ? undefined : (part as Readonly<Record<string, unknown>>)[field];
  if (field === undefined || typeof value !== 'object' || value === null) return undefined;
  return 'blob' in value && typeof value.blob === 'string' ? { field, blob: value.blob } : undefined;
}
