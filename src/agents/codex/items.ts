import type { Role } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { keptPart } from '../keptPart.ts';
import { argumentsIn, type JsonObject, jsonText, list, number, object, optional, string } from '../shape.ts';

/** Texts of role `user` that Codex writes itself, repeated on every resume in some versions (FORMATS 2.3). */
const CONTEXT =
  /^\s*(?:<environment_context>|<user_instructions>|# AGENTS\.md instructions|<skill|Warning: apply_patch was requested via)/;
const INTERRUPTION = /^\s*<turn_aborted>/;

/** A response item in the neutral shape. */
export type Item =
  | {
      readonly kind: 'message';
      readonly role: Role;
      readonly parts: readonly Part[];
      readonly text: string;
      readonly isUserText: boolean;
      readonly typed: boolean;
    }
  | { readonly kind: 'reasoning'; readonly part: Part }
  | {
      readonly kind: 'call';
      readonly part: Part;
      readonly id: string;
      readonly name: string;
      readonly input: unknown;
      readonly counts: boolean;
    }
  | {
      readonly kind: 'output';
      readonly id: string;
      readonly parts: readonly Part[];
      readonly text: string;
      readonly exitCode?: number;
    };

/** Undefined for items that are no part of the conversation (`ghost_snapshot`, unknown ones). */
export function readItem(payload: JsonObject): Item | undefined {
  const type = string(payload['type']);
  switch (type) {
    case 'message':
      return readMessage(payload);
    case 'reasoning':
      return { kind: 'reasoning', part: reasoningPart(payload) };
    case 'function_call': {
      const text = string(payload['arguments']);
      return call(
        payload,
        string(payload['name']) ?? '',
        text === undefined ? payload['arguments'] : argumentsIn(text),
        true,
      );
    }
    case 'custom_tool_call':
      return call(payload, string(payload['name']) ?? '', payload['input'], true);
    case 'local_shell_call':
      return call(payload, 'local_shell', payload['action'], true);
    case 'web_search_call':
    case 'tool_search_call':
    case 'image_generation_call':
      return call(payload, type.slice(0, -'_call'.length), payload['action'] ?? payload['arguments'] ?? {}, false);
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'local_shell_call_output':
    case 'tool_search_output':
      return readOutput(payload);
    default:
      // Some writers leave the type of a message out.
      return type === undefined && string(payload['role']) !== undefined && Array.isArray(payload['content'])
        ? readMessage(payload)
        : undefined;
  }
}

function call(payload: JsonObject, name: string, input: unknown, counts: boolean): Item {
  const id = string(payload['call_id']) ?? string(payload['id']) ?? '';
  return { kind: 'call', part: { type: 'tool_call', id, name, input }, id, name, input, counts };
}

function readMessage(payload: JsonObject): Item {
  const parts = contentParts(payload['content']);
  const text = parts.map((part) => (part.type === 'text' ? string(part['text']) : '')).join('');
  const typed = payload['type'] === 'message';
  const role = string(payload['role']);
  if (role === 'assistant') return { kind: 'message', role, parts, text, isUserText: false, typed };
  const user = role === 'user' && !CONTEXT.test(text);
  const isPrompt = user && !INTERRUPTION.test(text);
  return { kind: 'message', role: isPrompt ? 'user' : 'system', parts, text, isUserText: user, typed };
}

function contentParts(content: unknown): readonly Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return list(content).flatMap((value): Part[] => {
    const part = object(value);
    if (part === undefined) return [];
    if (string(part['text']) !== undefined) return [{ type: 'text', text: part['text'] as string }];
    return [imagePart(part) ?? keptPart(part)];
  });
}

function imagePart(part: JsonObject): Part | undefined {
  const url = string(part['image_url']);
  const inline = url === undefined ? null : /^data:([^;,]+);base64,/.exec(url.slice(0, 200));
  if (url === undefined || inline === null) return undefined;
  return { type: 'image', media_type: inline[1] as string, data: url.slice(inline[0].length) };
}

function reasoningPart(payload: JsonObject): Part {
  const texts = [...list(payload['summary']), ...list(payload['content'])].flatMap(
    (value) => string(object(value)?.['text']) ?? [],
  );
  return {
    type: 'reasoning',
    text: texts.join('\n\n'),
    ...optional('encrypted_content', string(payload['encrypted_content'])),
  };
}

function readOutput(payload: JsonObject): Item {
  const id = string(payload['call_id']) ?? '';
  const { text, exitCode, images } = outputText(payload['output']);
  const failed = exitCode !== undefined && exitCode !== 0 ? { is_error: true } : {};
  const parts: readonly Part[] = [
    { type: 'tool_result', call_id: id, output: text, ...failed },
    ...images.map((image) => ({ ...image, call_id: id })),
  ];
  return { kind: 'output', id, parts, text, ...optional('exitCode', exitCode) };
}

function outputText(output: unknown): { text: string; exitCode: number | undefined; images: readonly Part[] } {
  if (Array.isArray(output)) {
    const parts = contentParts(output);
    const text = parts.map((part) => (part.type === 'text' ? string(part['text']) : '')).join('');
    return { text, exitCode: exitCodeOf(text), images: parts.filter((part) => part.type === 'image') };
  }
  const shown = string(output) ?? string(object(output)?.['output']) ?? (output === undefined ? '' : jsonText(output));
  const wrapped = object(output) ?? wrapper(shown);
  const exitCode = number(object(wrapped?.['metadata'])?.['exit_code']) ?? exitCodeOf(shown);
  return { text: shown, exitCode, images: [] };
}

/** Versions before 0.6x put the output into a JSON text `{"output":…,"metadata":{"exit_code":…}}`. */
function wrapper(text: string): JsonObject | undefined {
  const json = /^(?:Wall time: [^\n]*\nOutput:\n)?(\{"output":[\s\S]*\})\s*$/.exec(text);
  return json === null ? undefined : object(argumentsIn(json[1] as string));
}

function exitCodeOf(text: string): number | undefined {
  const match =
    /^(?:Chunk ID[^\n]*\n)?(?:Wall time[^\n]*\n)?(?:Output:\n)?(?:Exit code: |Process exited with code )(-?\d+)/.exec(
      text,
    );
  return match === null ? undefined : Number(match[1]);
}

/** What a command printed, without the frame around it; undefined where it was cut, or the command still runs. */
export function printedText(output: string): string | undefined {
  const inner = string(wrapper(output)?.['output']) ?? afterFrame(output);
  if (inner === undefined || /…\s?\d+ (?:tokens|chars|lines|bytes) truncated\s?…|\[\.\.\. omitted \d+/.test(inner))
    return undefined;
  return inner;
}

function afterFrame(output: string): string | undefined {
  if (!/^(?:Chunk ID|Wall time|Exit code)/.test(output)) return undefined;
  const head = output.indexOf('\nOutput:\n');
  if (head === -1) return undefined;
  const frame = output.slice(0, head);
  if (/Total output lines|Process running/.test(frame)) return undefined;
  return output.slice(head + '\nOutput:\n'.length);
}
