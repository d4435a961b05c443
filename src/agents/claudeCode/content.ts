import type { Role } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { keptPart } from '../keptPart.ts';
import { type JsonObject, jsonText, list, object, optional, string } from '../shape.ts';

/** What a `user` or `assistant` line says, in the neutral shape. */
export interface LineContent {
  readonly role: Role;
  readonly content: string | readonly Part[];
  /** Ids of the calls whose results the line carries. */
  readonly results: readonly string[];
  /** The line is a text of the user's side that the agent counts as one: typed, a slash command, or an interruption. */
  readonly isUserText: boolean;
}

/** Texts that the agent's interface writes as if the user had: slash and shell commands, their output, interruptions. */
const INTERFACE_TEXT =
  /^\s*(?:<(?:command-name|command-message|command-args|local-command-stdout|local-command-stderr|local-command-caveat|bash-input|bash-stdout|bash-stderr|task-notification)>|\[Request interrupted by user|Caveat: The messages below)/;

export function isInterfaceText(text: string): boolean {
  return INTERFACE_TEXT.test(text);
}

/** The prompt as it was typed: without the reminders that the agent put around it. */
export function typedText(text: string): string {
  let typed = '';
  let from = 0;
  // An opening tag without its end is text; it is looked for once, since a text may hold a million of them.
  const unclosed = new Set<string>();
  for (const { 0: open, 1: tag = '', index } of text.matchAll(/<(system-reminder|ide_[a-z_]{1,40})>/g)) {
    if (index < from || unclosed.has(tag)) continue;
    const end = text.indexOf(`</${tag}>`, index + open.length);
    if (end === -1) unclosed.add(tag);
    else {
      typed += text.slice(from, index);
      from = end + tag.length + 3;
    }
  }
  return (typed + text.slice(from)).trim();
}

export function userContent(line: JsonObject): LineContent {
  const content = object(line['message'])?.['content'];
  const meta = line['isMeta'] === true;
  const summary = line['isCompactSummary'] === true;
  if (typeof content === 'string') {
    const role = summary ? 'summary' : meta || isInterfaceText(content) ? 'system' : 'user';
    return { role, content, results: [], isUserText: !meta && !summary };
  }
  const parts: Part[] = [];
  const results: string[] = [];
  let text: string | undefined;
  for (const value of list(content)) {
    const block = object(value);
    if (block === undefined) continue;
    if (block['type'] === 'tool_result') {
      const id = string(block['tool_use_id']) ?? '';
      results.push(id);
      parts.push(...resultParts(id, block));
    } else {
      text ??= string(block['text']);
      parts.push(blockPart(block));
    }
  }
  const isUserText = parts.some((part) => part.type === 'text' || (part.type === 'image' && !('call_id' in part)));
  let role: Role = 'user';
  if (summary) role = 'summary';
  else if (results.length > 0) role = 'tool';
  else if (meta || (text !== undefined && isInterfaceText(text))) role = 'system';
  return { role, content: parts, results, isUserText: isUserText && !meta && !summary };
}

export function assistantParts(message: JsonObject): readonly Part[] {
  const content = message['content'];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  const parts: Part[] = [];
  for (const value of list(content)) {
    const block = object(value);
    if (block !== undefined) parts.push(blockPart(block));
  }
  return parts;
}

/** A block of a kind that is not known here is kept as it is. */
function blockPart(block: JsonObject): Part {
  switch (block['type']) {
    case 'text':
      return { type: 'text', text: string(block['text']) ?? '' };
    case 'thinking':
      return {
        type: 'reasoning',
        text: string(block['thinking']) ?? '',
        ...optional('signature', string(block['signature'])),
      };
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', ...optional('redacted', string(block['data'])) };
    case 'tool_use':
      return {
        type: 'tool_call',
        id: string(block['id']) ?? '',
        name: string(block['name']) ?? '',
        input: block['input'] ?? {},
      };
    case 'image':
      return imagePart(block) ?? keptPart(block);
    default:
      return keptPart(block);
  }
}

function imagePart(block: JsonObject, extra: JsonObject = {}): Part | undefined {
  const source = object(block['source']);
  const data = string(source?.['data']);
  if (data === undefined) return undefined;
  return { type: 'image', media_type: string(source?.['media_type']) ?? 'application/octet-stream', data, ...extra };
}

/** Images of a result become parts of their own, after the text, with the id of the call. */
function resultParts(callId: string, block: JsonObject): Part[] {
  const texts: string[] = [];
  const images: Part[] = [];
  if (typeof block['content'] === 'string') texts.push(block['content']);
  for (const value of list(block['content'])) {
    const inner = object(value);
    if (inner === undefined) continue;
    const image = inner['type'] === 'image' ? imagePart(inner, { call_id: callId }) : undefined;
    if (image !== undefined) images.push(image);
    else texts.push(string(inner['text']) ?? jsonText(inner));
  }
  const failed = block['is_error'] === true ? { is_error: true } : {};
  return [{ type: 'tool_result', call_id: callId, output: texts.join('\n'), ...failed }, ...images];
}
