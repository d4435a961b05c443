import type { Message } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { keptPart } from '../keptPart.ts';
import { type JsonObject, jsonText, list, object, objects, optional, string, time } from '../shape.ts';

/** Texts of the user's side that Gemini writes itself, and does not send again on a resume. */
const CONTEXT = /^\s*<(?:session_context|hook_context)>/;

/** Before a text of the user that Gemini would take for a command of its own (see `isPassedOver`). */
export const WROTE = 'The user wrote:\n';

/** Texts of the user's side that Gemini does not send again on a resume, without a word. */
export function isPassedOver(text: string): boolean {
  return /^\s*[/?]/.test(text) || CONTEXT.test(text);
}

/** A call, and its outcome as far as the record tells it. */
export interface ToldCall {
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
  /** The whole entry of `toolCalls`; absent for a call that is only a part of the content. */
  readonly entry?: JsonObject;
}

export interface ToldResult {
  readonly callId: string;
  readonly output: string;
  readonly isError: boolean;
  /** Where a result is told a second time, or its call is not known, the record has no part for it. */
  readonly part: Part;
  readonly images: readonly Part[];
}

/** One record in the neutral shape. */
export interface Told {
  readonly speaker: 'user' | 'gemini';
  /** Reasoning, texts, images and calls. */
  readonly parts: readonly Part[];
  readonly calls: readonly ToldCall[];
  readonly results: readonly ToldResult[];
  readonly text: string;
  /** What the user typed, where Gemini sends something else (`/init`). */
  readonly shown: string;
  /** Written by the agent, not by the user. */
  readonly context: boolean;
  readonly timestamp: string | undefined;
  readonly model: string | undefined;
}

/** Undefined for what is no part of the conversation: notices, warnings and errors that the agent showed. */
export function tell(record: JsonObject, id: string): Told | undefined {
  const type = string(record['type']) ?? string(record['role']);
  const speaker = type === 'user' ? 'user' : type === 'gemini' || type === 'model' ? 'gemini' : undefined;
  if (speaker === undefined) return undefined;
  const parts: Part[] = list(record['thoughts']).flatMap(reasoningPart);
  const calls: ToldCall[] = [];
  const results: ToldResult[] = [];
  for (const value of partsOf(record['content'] ?? record['parts'])) {
    const call = object(value['functionCall']);
    const response = object(value['functionResponse']);
    if (call !== undefined) calls.push(callOf(call, `${id}-${calls.length}`));
    else if (response !== undefined) results.push(resultOf(response));
    else parts.push(...contentPart(value));
  }
  const inContent = new Set(calls.map((call) => call.id));
  for (const entry of objects(record['toolCalls'])) {
    const call = { ...callOf(entry, `${id}-${calls.length}`), entry };
    if (!inContent.has(call.id)) calls.push(call);
    results.push(...entryResult(entry, call.id));
  }
  const [first] = parts;
  if (speaker === 'user' && parts.length > 1 && first?.type === 'text' && first['text'] === WROTE) parts.shift();
  const text = textOf(parts);
  const shown = textOf(partsOf(record['displayContent']).flatMap(contentPart));
  return {
    speaker,
    parts: [
      ...parts,
      ...calls.map(({ id: call, name, input }): Part => ({ type: 'tool_call', id: call, name, input })),
    ],
    calls,
    results,
    text,
    shown: shown.trim() === '' ? text : shown,
    context: speaker === 'user' && CONTEXT.test(text),
    timestamp: time(record['timestamp']) ?? timeOf(record['ts']),
    model: string(record['model']),
  };
}

/** Words that the user typed. */
export function isPrompt(told: Told): boolean {
  return told.speaker === 'user' && told.text !== '' && !told.context;
}

/** The id that Gemini gives the results of a message when it tells a conversation anew. */
export function responseId(id: string): string {
  return `${id}_response`;
}

/** At most two messages: what was said, and the results of its calls that nobody told before. */
export function messagesOf(told: Told, id: string, results: readonly ToldResult[]): readonly Message[] {
  const common = optional('timestamp', told.timestamp);
  const outcome = results.flatMap((result) => [result.part, ...result.images]);
  const [only] = told.parts;
  const plain = told.parts.length === 1 && only?.type === 'text' ? told.text : told.parts;
  if (told.speaker === 'user') {
    if (outcome.length > 0) return [{ id, role: 'tool', content: [...outcome, ...told.parts], ...common } as Message];
    if (told.parts.length === 0) return [];
    return [{ id, role: told.context ? 'system' : 'user', content: plain, ...common } as Message];
  }
  const said: Message[] = [];
  const model = optional('model', told.model);
  if (told.parts.length > 0) said.push({ id, role: 'assistant', content: told.parts, ...common, ...model } as Message);
  if (outcome.length > 0) said.push({ id: responseId(id), role: 'tool', content: outcome, ...common } as Message);
  return said;
}

function partsOf(content: unknown): readonly JsonObject[] {
  if (typeof content === 'string') return content === '' ? [] : [{ text: content }];
  const values = Array.isArray(content) ? content : [content];
  return objects(values.map((value) => (typeof value === 'string' ? { text: value } : value)));
}

function reasoningPart(value: unknown): readonly Part[] {
  const thought = object(value);
  const subject = string(thought?.['subject']) ?? '';
  const words = [subject === '' ? '' : `**${subject}**`, string(thought?.['description']) ?? ''].filter(Boolean);
  return words.length === 0 ? [] : [{ type: 'reasoning', text: words.join('\n') }];
}

function contentPart(value: JsonObject): readonly Part[] {
  const text = string(value['text']);
  if (text !== undefined) {
    if (text === '') return [];
    return [value['thought'] === true ? { type: 'reasoning', text } : { type: 'text', text }];
  }
  const inline = object(value['inlineData']);
  const media = string(inline?.['mimeType']);
  const data = string(inline?.['data']);
  if (media?.startsWith('image/') === true && data !== undefined) return [{ type: 'image', media_type: media, data }];
  const [kind] = Object.keys(value);
  return kind === undefined ? [] : [keptPart({ ...value, type: kind })];
}

function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? string(part['text']) : '')).join('');
}

function callOf(call: JsonObject, otherwise: string): ToldCall {
  const id = string(call['id']) ?? otherwise;
  return { id, name: string(call['name']) ?? '', input: object(call['args']) ?? {} };
}

/** Of an entry of `toolCalls`; none while the call runs. */
function entryResult(entry: JsonObject, callId: string): readonly ToldResult[] {
  const failed = entry['status'] === 'error' || entry['status'] === 'cancelled';
  const result = entry['result'] ?? string(entry['resultDisplay']);
  if (result === undefined || result === null) return [];
  const responses = objects(partsOf(result).map((value) => value['functionResponse']));
  const texts = [
    ...responses.map((response) => responseText(response)),
    ...(responses.length > 0 ? [] : partsOf(result).flatMap((value) => string(value['text']) ?? [])),
  ];
  const images = partsOf(result)
    .flatMap(contentPart)
    .filter((part) => part.type === 'image');
  return [madeResult(callId, texts.join('\n'), failed, images)];
}

function resultOf(response: JsonObject): ToldResult {
  const body = object(response['response']);
  const failed = string(body?.['output']) === undefined && string(body?.['error']) !== undefined;
  const images = partsOf(response['parts'])
    .flatMap(contentPart)
    .filter((part) => part.type === 'image');
  return madeResult(string(response['id']) ?? '', responseText(response), failed, images);
}

function madeResult(callId: string, output: string, isError: boolean, images: readonly Part[]): ToldResult {
  const part: Part = { type: 'tool_result', call_id: callId, output, ...(isError ? { is_error: true } : {}) };
  return { callId, output, isError, part, images: images.map((image) => ({ ...image, call_id: callId })) };
}

function responseText(response: JsonObject): string {
  const body = response['response'];
  const output = string(object(body)?.['output']) ?? string(object(body)?.['error']) ?? string(body);
  return output ?? (body === undefined ? '' : jsonText(body));
}

/** Seconds since the epoch, as an early format has them. */
function timeOf(seconds: unknown): string | undefined {
  if (typeof seconds !== 'number' || !(Math.abs(seconds) < 8.64e12)) return undefined;
  return new Date(seconds * 1000).toISOString();
}
