import { INTERRUPTED, type Message } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { type JsonObject, list, object, string, words } from '../shape.ts';

/** What VS Code's chat revives by: `LanguageModelToolResult`, `…TextPart`, `…DataPart` (`MarshalledId`, 1.117). */
export const TOOL_RESULT = 20;
const [TEXT_PART, DATA_PART] = [21, 24];

const COMPLETE = 1;

/**
 * A prompt and its answers as *Chat: Import Chat…* takes them: what the chat shows in `response`, what the model gets
 * in `result.metadata`. A call without its result would be left out of what the model gets, so it gets one.
 */
export function exportedRequest(messages: readonly Message[], id: string, model: string | undefined): JsonObject {
  const [first] = messages;
  const asks = first !== undefined && first.role !== 'assistant' && first.role !== 'tool';
  const asked = asks ? partsOf(first) : [];
  const text = asked.flatMap((part) => (part.type === 'text' ? [string(part['text']) ?? ''] : [])).join('\n\n');
  const { response, toolCallRounds, toolCallResults } = answersOf(asks ? messages.slice(1) : messages);
  const at = first?.timestamp === undefined ? Number.NaN : Date.parse(first.timestamp);
  const completedAt = Date.parse(messages.at(-1)?.timestamp ?? '');
  const usedModel = model ?? messages.find(({ role }) => role === 'assistant')?.model;
  return {
    requestId: id,
    ...(Number.isNaN(at) ? {} : { timestamp: at }),
    message: { text, parts: [promptPart(text)] },
    variableData: { variables: asked.flatMap(attached) },
    response,
    responseId: `response_${id}`,
    ...(usedModel === undefined ? {} : { modelId: usedModel }),
    result: { metadata: { toolCallRounds, toolCallResults } },
    modelState: { value: COMPLETE, completedAt: Number.isNaN(completedAt) ? 1 : completedAt },
  };
}

function partsOf(message: Message): readonly Part[] {
  return typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
}

function promptPart(text: string): JsonObject {
  const lines = text.split('\n');
  return {
    kind: 'text',
    text,
    range: { start: 0, endExclusive: text.length },
    editorRange: {
      startLineNumber: 1,
      startColumn: 1,
      endLineNumber: lines.length,
      endColumn: (lines.at(-1)?.length ?? 0) + 1,
    },
  };
}

function attached(part: Part, index: number): readonly JsonObject[] {
  if (part.type === 'image' && typeof part['data'] === 'string') {
    const value = { $base64: part['data'] };
    return [
      {
        kind: 'image',
        id: `image-${index}`,
        name: `image-${index}`,
        value,
        mimeType: part['media_type'],
        references: [],
      },
    ];
  }
  if (part.type !== 'file' || typeof part['path'] !== 'string') return [];
  const path = part['path'].replaceAll('\\', '/');
  const uri = { $mid: 1, scheme: 'file', path: path.startsWith('/') ? path : `/${path}` };
  return [{ kind: 'file', id: `file-${index}`, name: path.split('/').at(-1), value: uri }];
}

function answersOf(messages: readonly Message[]): {
  readonly response: readonly JsonObject[];
  readonly toolCallRounds: readonly JsonObject[];
  readonly toolCallResults: JsonObject;
} {
  const response: JsonObject[] = [];
  const rounds: JsonObject[] = [];
  const results = new Map<string, JsonObject>();
  for (const message of messages) {
    const parts = partsOf(message);
    if (message.role === 'tool') {
      for (const [id, content] of resultsOf(parts)) results.set(id, toolResult(content));
      continue;
    }
    const said = parts.flatMap((part) => (part.type === 'text' ? [string(part['text']) ?? ''] : [])).join('\n\n');
    const calls = parts.filter((part) => part.type === 'tool_call');
    if (said !== '') response.push({ value: `${said}\n\n`, supportThemeIcons: false, supportHtml: false });
    response.push(...calls.map(shownCall));
    rounds.push({
      id: message.id,
      response: said,
      toolInputRetry: 0,
      toolCalls: calls.map((call) => ({
        id: call['id'],
        name: call['name'],
        arguments: typeof call['input'] === 'string' ? call['input'] : JSON.stringify(call['input'] ?? {}),
      })),
    });
    for (const { id } of calls as readonly { readonly id: string }[]) {
      if (!results.has(id)) results.set(id, toolResult([textPart(INTERRUPTED)]));
    }
  }
  return { response, toolCallRounds: rounds, toolCallResults: Object.fromEntries(results) };
}

export function textPart(value: string): JsonObject {
  return { $mid: TEXT_PART, value };
}

export function toolResult(content: readonly JsonObject[]): JsonObject {
  return { $mid: TOOL_RESULT, content };
}

/** Ids of the calls of `toolCallRounds`. */
export function calledIds(rounds: unknown): readonly string[] {
  return list(rounds).flatMap((round) =>
    list(object(round)?.['toolCalls']).flatMap((call) => words(object(call)?.['id']) ?? []),
  );
}

/** By the call's id; pictures of a result are parts of their own in the neutral history. */
function resultsOf(parts: readonly Part[]): ReadonlyMap<string, JsonObject[]> {
  const results = new Map<string, JsonObject[]>();
  for (const part of parts) {
    const id = string(part['call_id']);
    if (id === undefined) continue;
    const content = results.get(id) ?? [];
    results.set(id, content);
    if (part.type === 'tool_result') content.push(textPart(string(part['output']) ?? ''));
    else if (part.type === 'image' && typeof part['data'] === 'string')
      content.push({ $mid: DATA_PART, mimeType: part['media_type'], data: part['data'] });
  }
  return results;
}

function shownCall(call: Part): JsonObject {
  const name = string(call['name']) ?? '';
  return {
    kind: 'toolInvocationSerialized',
    toolId: name,
    toolCallId: call['id'],
    invocationMessage: name,
    pastTenseMessage: name,
    isConfirmed: true,
    isComplete: true,
  };
}
