import * as z from 'zod/mini';

/**
 * Content too big for the snapshot's lines (an image, a tool output over 64 KiB) lies in
 * `.sessions/blobs/<sha256>`; the part keeps this reference. `bytes` is the size of the blob's content.
 */
export const blobRef = z.looseObject({ blob: z.string().check(z.regex(/^[0-9a-f]{64}$/)), bytes: z.number() });
export type BlobRef = z.infer<typeof blobRef>;

export const textPart = z.looseObject({ type: z.literal('text'), text: z.string() });
export const reasoningPart = z.looseObject({ type: z.literal('reasoning'), text: z.string() });
export const toolCallPart = z.looseObject({
  type: z.literal('tool_call'),
  id: z.string(),
  name: z.string(),
  input: z.unknown(),
});
export const toolResultPart = z.looseObject({
  type: z.literal('tool_result'),
  call_id: z.string(),
  output: z.union([z.string(), blobRef]),
  is_error: z.optional(z.boolean()),
});
/** `data` is base64, or a reference to the decoded bytes. */
export const imagePart = z.looseObject({
  type: z.literal('image'),
  media_type: z.string(),
  data: z.union([z.string(), blobRef]),
});
export const filePart = z.looseObject({ type: z.literal('file'), path: z.string() });
/** A part of a kind that this version does not know is kept as it is. */
export const unknownPart = z.looseObject({ type: z.string() });

export const part = z.union([textPart, reasoningPart, toolCallPart, toolResultPart, imagePart, filePart, unknownPart]);
export type TextPart = z.infer<typeof textPart>;
export type ReasoningPart = z.infer<typeof reasoningPart>;
export type ToolCallPart = z.infer<typeof toolCallPart>;
export type ToolResultPart = z.infer<typeof toolResultPart>;
export type ImagePart = z.infer<typeof imagePart>;
export type FilePart = z.infer<typeof filePart>;
export type KnownPart = TextPart | ReasoningPart | ToolCallPart | ToolResultPart | ImagePart | FilePart;

export const role = z.enum(['user', 'assistant', 'tool', 'system', 'summary']);
export type Role = z.infer<typeof role>;

/**
 * One line of a session's history. `id` is unique within the session and stable between two reads of the same
 * transcript. `timestamp` is ISO 8601. `raw` is the byte range [from, to) in the mirrored transcript
 * (`.sessions/raw/<session_id>.jsonl`) of the last line that this message was made from.
 */
export const message = z.looseObject({
  id: z.string(),
  role,
  content: z.union([z.string(), z.array(part)]),
  timestamp: z.optional(z.string()),
  model: z.optional(z.string()),
  raw: z.optional(z.looseObject({ from: z.number(), to: z.number() })),
});
export type Message = z.infer<typeof message>;
