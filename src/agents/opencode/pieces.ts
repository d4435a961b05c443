import type { Message } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { keptPart } from '../keptPart.ts';
import { isoTime, type JsonObject, object, objects, optional, string, words } from '../shape.ts';

/** What a part of opencode's says in a neutral message. */
export interface Piece {
  readonly id: string;
  /** The model was asked anew: what follows is another answer. */
  readonly isStep: boolean;
  readonly said: readonly Part[];
  /** What a finished call answered. */
  readonly answered: readonly Part[];
}

const NOTHING = { isStep: false, said: [], answered: [] };

/** Bookkeeping (snapshots, patches, retries, marks of a compaction) says nothing. */
const SILENT: ReadonlySet<unknown> = new Set(['step-finish', 'snapshot', 'patch', 'retry', 'agent', 'compaction']);

export function pieceOf(id: string, part: JsonObject): Piece {
  switch (part['type']) {
    case 'step-start':
      return { ...NOTHING, id, isStep: true };
    case 'text':
    case 'reasoning': {
      const text = string(part['text']) ?? '';
      // Written before the model has said anything.
      return { ...NOTHING, id, said: text === '' ? [] : [{ type: part['type'], text }] };
    }
    case 'file':
      return { ...NOTHING, id, said: [filePart(part)] };
    case 'subtask':
      return { ...NOTHING, id, said: [{ type: 'text', text: string(part['prompt']) ?? '' }] };
    case 'tool':
      return { ...NOTHING, id, ...callPiece(part) };
    default:
      return SILENT.has(part['type']) ? { ...NOTHING, id } : { ...NOTHING, id, said: [keptPart(part)] };
  }
}

function callPiece(part: JsonObject): Pick<Piece, 'said' | 'answered'> {
  const state = object(part['state']);
  const callId = string(part['callID']) ?? string(part['id']) ?? '';
  const call = {
    type: 'tool_call' as const,
    id: callId,
    name: string(part['tool']) ?? '',
    input: state?.['input'] ?? {},
  };
  const isError = state?.['status'] === 'error';
  if (!isError && !isDone(state)) return { said: [call], answered: [] };
  const output = isError ? string(state?.['error']) : string(state?.['output']);
  const result = {
    type: 'tool_result' as const,
    call_id: callId,
    output: output ?? '',
    ...(isError ? { is_error: true } : {}),
  };
  const attached = objects(state?.['attachments']);
  return { said: [call], answered: [result, ...attached.map(filePart)] };
}

/** Versions up to 0.x said `success`. */
export function isDone(state: JsonObject | undefined): boolean {
  return state?.['status'] === 'completed' || state?.['status'] === 'success';
}

function filePart(part: JsonObject): Part {
  const url = string(part['url']) ?? '';
  const [, type, data] = /^data:(image\/[\w.+-]+);base64,(.*)$/s.exec(url) ?? [];
  if (type !== undefined && data !== undefined) return { type: 'image', media_type: type, data };
  const named = string(object(part['source'])?.['path']) ?? string(part['filename']);
  const path = named ?? (url.startsWith('data:') ? 'file' : url);
  return { type: 'file', path, ...optional('media_type', string(part['mime'])) };
}

/** A message of opencode's, as neutral ones: for each step of it what was said, then what its calls answered. */
export interface Step {
  readonly messages: readonly Message[];
  /** How many pieces of the message belong to this step and those before it. */
  readonly pieces: number;
}

export function stepsOf(info: JsonObject, pieces: readonly Piece[]): readonly Step[] {
  const id = string(info['id']) ?? '';
  const isAssistant = info['role'] === 'assistant';
  const timestamp = optional('timestamp', isoTime(object(info['time'])?.['created']));
  const role = isAssistant ? (info['summary'] === true ? 'summary' : 'assistant') : 'user';
  const model = isAssistant ? optional('model', modelOf(info)) : {};
  const steps: Step[] = [];
  let said: Part[] = [];
  let answered: Part[] = [];
  let number = 0;
  const end = (count: number): void => {
    if (said.length === 0) return;
    number += 1;
    const name = number === 1 ? id : `${id}.${number}`;
    const [only] = said;
    const isText = !isAssistant && said.length === 1 && only?.type === 'text';
    const messages: Message[] = [
      { id: name, role, content: isText ? String(only['text']) : said, ...timestamp, ...model } as Message,
    ];
    if (answered.length > 0) {
      messages.push({ id: `${name}.results`, role: 'tool', content: answered, ...timestamp } as Message);
    }
    steps.push({ messages, pieces: count });
    said = [];
    answered = [];
  };
  for (const [index, piece] of pieces.entries()) {
    if (piece.isStep) end(index);
    said.push(...piece.said);
    answered.push(...piece.answered);
  }
  end(pieces.length);
  return steps;
}

/** The model of a message or a session, without its provider. */
export function modelOf(info: JsonObject): string | undefined {
  const chosen = object(info['model']);
  return words(info['modelID']) ?? words(chosen?.['modelID']) ?? words(chosen?.['id']);
}

export function providerOf(info: JsonObject): string | undefined {
  return words(info['providerID']) ?? words(object(info['model'])?.['providerID']);
}
