import type { Part } from '../agent.ts';
import { assistantParts, userContent } from '../claudeCode/content.ts';
import { keptPart } from '../keptPart.ts';
import { type JsonObject, list, object, string } from '../shape.ts';

/** Content as OpenAI, Anthropic, LangChain and agentscope have it: blocks as parts, a text as one part, nothing as none. */
export function contentParts(content: unknown): readonly Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return list(content).flatMap((value): readonly Part[] => {
    if (typeof value === 'string') return [{ type: 'text', text: value }];
    const block = object(value);
    return block === undefined ? [] : blockParts(block);
  });
}

/** Text of parts, for a format whose results are texts. */
export function partsText(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.type === 'text' ? (string(part['text']) ?? []) : [])).join('\n');
}

function blockParts(block: JsonObject): readonly Part[] {
  switch (block['type']) {
    case 'text':
    case 'thinking':
    case 'redacted_thinking':
    case 'tool_use':
    case 'image':
      return assistantParts({ content: [block] });
    case 'tool_result':
      return resultParts(block);
    case 'image_url':
    case 'input_image': {
      const url = string(block['image_url']) ?? string(object(block['image_url'])?.['url']);
      return [dataImage(url) ?? keptPart(block)];
    }
    default: {
      const text = string(block['text']) ?? string(block['refusal']);
      return [text === undefined ? keptPart(block) : { type: 'text', text }];
    }
  }
}

/** agentscope has the call's id in `id`, and the result in `output`. */
function resultParts(block: JsonObject): readonly Part[] {
  const anthropic = {
    ...block,
    tool_use_id: block['tool_use_id'] ?? block['id'],
    content: block['content'] ?? block['output'],
  };
  const { content } = userContent({ message: { content: [anthropic] } });
  return typeof content === 'string' ? [] : content;
}

/** The image of a `data:` URL; undefined for any other, which is not fetched. */
export function dataImage(url: string | undefined): Part | undefined {
  const inline = url === undefined ? null : /^data:([^;,]+);base64,/.exec(url.slice(0, 200));
  if (url === undefined || inline === null) return undefined;
  return { type: 'image', media_type: inline[1] as string, data: url.slice(inline[0].length) };
}
