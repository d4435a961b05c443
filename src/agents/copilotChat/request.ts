import type { Message, Usage } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { count, isoTime, type JsonObject, list, number, object, optional, string, words } from '../shape.ts';
import { attachedParts, markdownOf, pathOf, type ToolCall } from './parts.ts';
import { stepsOf } from './steps.ts';

/** One prompt and all that was answered. */
export interface ChatRequest {
  readonly messages: readonly Message[];
  /** As typed; undefined for a request that says nothing. */
  readonly prompt: string | undefined;
  readonly answers: number;
  readonly calls: readonly (ToolCall & { readonly messageId: string })[];
  /** Files that the chat shows as edited. */
  readonly editedFiles: readonly string[];
  readonly model: string | undefined;
  readonly mode: string | undefined;
  readonly usage: Usage | undefined;
  readonly startedAt: string | undefined;
  readonly endedAt: string | undefined;
}

/** The id that VS Code gave a request; undefined for one that could be taken for another of ours. */
export function requestId(request: JsonObject): string | undefined {
  const id = words(request['requestId']);
  return id !== undefined && /^[A-Za-z][\w-]{2,100}$/.test(id) && !/^r\d+$/.test(id) ? id : undefined;
}

/** `id` becomes that of the prompt; what follows it gets `id.1`, `id.2` … */
export function readRequest(request: JsonObject, id: string): ChatRequest {
  const startedAt = isoTime(request['timestamp']);
  const endedAt = endOf(request, startedAt);
  const model = words(request['modelId']);
  const messages: Message[] = [];
  const calls: (ToolCall & { messageId: string })[] = [];
  let answers = 0;
  let answered = 1;
  const append = (role: Message['role'], content: string | readonly Part[], at: string | undefined): string => {
    const messageId = messages.length === 0 && role === 'user' ? id : `${id}.${answered}`;
    if (messageId !== id) answered += 1;
    const by = role === 'assistant' ? optional('model', model) : {};
    messages.push({ id: messageId, role, content, ...optional('timestamp', at), ...by } as Message);
    return messageId;
  };

  const prompt = isUndone(request) ? undefined : promptText(request);
  if (!isUndone(request)) {
    const attached = attachedParts(request);
    if (prompt !== undefined || attached.length > 0)
      append('user', attached.length === 0 ? (prompt ?? '') : [...textParts(prompt), ...attached], startedAt);
    for (const step of stepsOf(request)) {
      if (step.said.length > 0) {
        const messageId = append('assistant', step.said, endedAt ?? startedAt);
        answers += 1;
        calls.push(...step.calls.map((call) => ({ ...call, messageId })));
      }
      if (step.results.length > 0) append('tool', step.results, endedAt ?? startedAt);
    }
    const failure = failureText(request);
    if (failure !== undefined) append('system', failure, endedAt ?? startedAt);
  }
  return {
    messages,
    prompt,
    answers,
    calls,
    editedFiles: isUndone(request) ? [] : editedFiles(request),
    model,
    mode: words(object(request['modeInfo'])?.['modeId']) ?? words(object(request['modeInfo'])?.['kind']),
    usage: usageOf(request),
    startedAt,
    endedAt,
  };
}

/** Taken back by the user, and kept until something else is asked. */
function isUndone(request: JsonObject): boolean {
  return request['isHidden'] === true || object(request['shouldBeRemovedOnSend']) !== undefined;
}

function promptText(request: JsonObject): string | undefined {
  const message = request['message'];
  const parts = list(object(message)?.['parts']).flatMap((part) => string(object(part)?.['text']) ?? []);
  const text = words(message) ?? words(object(message)?.['text']) ?? words(parts.join(''));
  const command = words(object(request['slashCommand'])?.['name']);
  return text ?? (command === undefined ? undefined : `/${command}`);
}

function textParts(text: string | undefined): readonly Part[] {
  return text === undefined ? [] : [{ type: 'text', text }];
}

const CANCELED = 2;

function failureText(request: JsonObject): string | undefined {
  const result = object(request['result']);
  const details = object(result?.['errorDetails']) ?? object(request['responseErrorDetails']);
  const message = words(details?.['message']) ?? markdownOf(details?.['message']);
  if (message !== undefined) return message;
  const canceled = request['isCanceled'] === true || object(request['modelState'])?.['value'] === CANCELED;
  return canceled ? '[canceled]' : undefined;
}

function editedFiles(request: JsonObject): readonly string[] {
  return list(request['response']).flatMap((value) => {
    const part = object(value);
    const isEdit = part?.['kind'] === 'textEditGroup' || part?.['kind'] === 'notebookEditGroup';
    return (isEdit ? pathOf(part['uri']) : undefined) ?? [];
  });
}

/** Newest first: of the request, of its result. `input` is all of it, since what came from a cache is not told. */
function usageOf(request: JsonObject): Usage | undefined {
  const result = object(request['result']);
  for (const source of [
    request,
    object(request['usage']),
    object(result?.['usage']),
    result,
    object(result?.['metadata']),
  ]) {
    const input = number(source?.['promptTokens']);
    const output = number(source?.['completionTokens']) ?? number(source?.['outputTokens']);
    if (input !== undefined || output !== undefined) return { input: count(input), output: count(output) };
  }
  return undefined;
}

function endOf(request: JsonObject, startedAt: string | undefined): string | undefined {
  const completed = isoTime(object(request['modelState'])?.['completedAt']);
  const elapsed = number(object(object(request['result'])?.['timings'])?.['totalElapsed']);
  if (completed !== undefined || startedAt === undefined || elapsed === undefined) return completed;
  return isoTime(Date.parse(startedAt) + elapsed);
}
