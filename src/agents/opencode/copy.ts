import { INTERRUPTED } from '../../core/index.ts';
import { count, type JsonObject, number, object, objects, optional, string, words } from '../shape.ts';
import type { Making } from './newSession.ts';
import { isDone, modelOf, providerOf } from './pieces.ts';

/**
 * The head of a new session. What decides over the agent's doings on this machine (permissions, what to show publicly,
 * what to go back to) is not taken from a transcript.
 */
export function sessionOf(info: JsonObject, { sessionId, now }: Making, title: string | undefined): JsonObject {
  const isSame = info['id'] === sessionId;
  const created = isSame ? whole(object(info['time'])?.['created']) : undefined;
  const model = object(info['model']);
  return {
    id: sessionId,
    slug: words(info['slug']) ?? 'holdfast',
    projectID: words(info['projectID']) ?? 'global',
    title: title ?? 'Holdfast',
    version: words(info['version']) ?? '0.0.0',
    ...optional('agent', words(info['agent'])),
    ...(typeof model?.['id'] === 'string' && typeof model['providerID'] === 'string'
      ? { model: { id: model['id'], providerID: model['providerID'] } }
      : {}),
    time: { created: Math.min(created ?? now, now), updated: now },
  };
}

interface Own {
  readonly id: string;
  readonly created: number;
  readonly parentId: string;
}

/** A message with all that an import demands, which older versions did not write; `others` are asked for what it lacks. */
export function copyInfo(info: JsonObject, own: Own, making: Making, others: readonly JsonObject[]): JsonObject {
  const { sessionId, folder, now } = making;
  const ids = { id: own.id, sessionID: sessionId };
  const agent = words(info['agent']) ?? words(info['mode']) ?? 'build';
  const model = {
    providerID: providerOf(info) ?? first(others, providerOf) ?? 'unknown',
    modelID: modelOf(info) ?? first(others, modelOf) ?? 'unknown',
  };
  if (info['role'] === 'user') {
    const system = optional('system', string(info['system']));
    const variant = optional('variant', string(object(info['model'])?.['variant']));
    return { ...ids, role: 'user', time: { created: own.created }, agent, model: { ...model, ...variant }, ...system };
  }
  const completed = whole(object(info['time'])?.['completed']) ?? own.created;
  return {
    ...ids,
    role: 'assistant',
    parentID: own.parentId,
    mode: words(info['mode']) ?? agent,
    agent,
    path: { cwd: folder, root: folder },
    ...(info['summary'] === true ? { summary: true } : {}),
    cost: number(info['cost']) ?? 0,
    tokens: tokensOf(info['tokens']),
    ...model,
    ...optional('variant', string(info['variant'])),
    time: { created: own.created, completed: Math.min(now, Math.max(own.created, completed)) },
    finish: words(info['finish']) ?? 'stop',
    ...optional('error', errorOf(object(info['error']))),
  };
}

function first(infos: readonly JsonObject[], field: (info: JsonObject) => string | undefined): string | undefined {
  for (const info of infos) {
    const value = field(info);
    if (value !== undefined) return value;
  }
  return undefined;
}

export function tokensOf(value: unknown): JsonObject {
  const tokens = object(value);
  const cache = object(tokens?.['cache']);
  return {
    input: count(tokens?.['input']),
    output: count(tokens?.['output']),
    reasoning: count(tokens?.['reasoning']),
    cache: { read: count(cache?.['read']), write: count(cache?.['write']) },
  };
}

/** Errors have a shape for each name; the one of an abortion decides whether the model is shown what was said before it. */
function errorOf(error: JsonObject | undefined): JsonObject | undefined {
  if (error === undefined) return undefined;
  const name = error['name'] === 'MessageAbortedError' ? 'MessageAbortedError' : 'UnknownError';
  return { name, data: { message: words(object(error['data'])?.['message']) ?? words(error['name']) ?? name } };
}

interface PartPlace {
  readonly making: Making;
  readonly messageId: string;
  /** ms since the epoch, for times that are missing. */
  readonly created: number;
  /** The answer of this call is cut off. */
  readonly isOpen: boolean;
  /** New ids of the messages before it. */
  readonly renamed: ReadonlyMap<string, string>;
}

/**
 * A part with all that an import demands. Left out is what names states of opencode's own copy of the folder (`snapshot`,
 * `patch`): that copy is on one machine only, and an undo that does not find a state deletes the files that it names.
 */
export function copyPart(part: JsonObject, place: PartPlace): readonly JsonObject[] {
  const { making, messageId, created, isOpen, renamed } = place;
  const ids = () => ({ id: making.id('prt'), sessionID: making.sessionId, messageID: messageId });
  const metadata = optional('metadata', object(part['metadata']));
  const type = part['type'];
  switch (type) {
    case 'text':
      return [
        {
          ...ids(),
          type,
          text: string(part['text']) ?? '',
          ...(part['synthetic'] === true ? { synthetic: true } : {}),
          ...(part['ignored'] === true ? { ignored: true } : {}),
          ...optional('time', part['time'] === undefined ? undefined : spanOf(part['time'], created)),
          ...metadata,
        },
      ];
    case 'reasoning':
      return [{ ...ids(), type, text: string(part['text']) ?? '', time: spanOf(part['time'], created), ...metadata }];
    case 'file':
      return [{ ...ids(), ...fileOf(part) }];
    case 'tool':
      return [
        {
          ...ids(),
          type,
          callID: string(part['callID']) ?? string(part['id']) ?? '',
          tool: string(part['tool']) ?? '',
          state: stateOf(object(part['state']) ?? {}, created, isOpen, ids),
          ...metadata,
        },
      ];
    case 'step-start':
      return [{ ...ids(), type }];
    case 'step-finish': {
      const reason = words(part['reason']) ?? 'stop';
      return [{ ...ids(), type, reason, cost: number(part['cost']) ?? 0, tokens: tokensOf(part['tokens']) }];
    }
    case 'agent':
      return [{ ...ids(), type, name: string(part['name']) ?? '' }];
    case 'subtask': {
      const text = (field: string): string => string(part[field]) ?? '';
      return [
        { ...ids(), type, prompt: text('prompt'), description: text('description'), agent: text('agent') || 'general' },
      ];
    }
    case 'compaction': {
      const tail = renamed.get(string(part['tail_start_id']) ?? '');
      return [{ ...ids(), type, auto: part['auto'] === true, ...optional('tail_start_id', tail) }];
    }
    default:
      return [];
  }
}

function fileOf(part: JsonObject): JsonObject {
  return {
    type: 'file',
    mime: words(part['mime']) ?? 'text/plain',
    ...optional('filename', string(part['filename'])),
    url: string(part['url']) ?? '',
  };
}

function stateOf(state: JsonObject, created: number, isOpen: boolean, ids: () => JsonObject): JsonObject {
  const asked = state['input'];
  const input = object(asked) ?? (asked === undefined || asked === null ? {} : { input: asked });
  const { start, end = start } = spanOf(state['time'], created);
  const metadata = object(state['metadata']) ?? {};
  if (isOpen || !(isDone(state) || state['status'] === 'error')) {
    return { status: 'error', input, error: INTERRUPTED, metadata: { interrupted: true }, time: { start, end: start } };
  }
  if (state['status'] === 'error') {
    return { status: 'error', input, error: string(state['error']) ?? '', metadata, time: { start, end } };
  }
  const compacted = optional('compacted', whole(object(state['time'])?.['compacted']));
  const attachments = objects(state['attachments']).map((one) => ({ ...ids(), ...fileOf(one) }));
  return {
    status: 'completed',
    input,
    output: string(state['output']) ?? '',
    title: string(state['title']) ?? '',
    metadata,
    time: { start, end, ...compacted },
    ...(attachments.length > 0 ? { attachments } : {}),
  };
}

function spanOf(value: unknown, created: number): { readonly start: number; readonly end?: number } {
  const time = object(value);
  const start = whole(time?.['start']) ?? created;
  return { start, ...optional('end', whole(time?.['end'])) };
}

/** A time as opencode takes one. */
function whole(value: unknown): number | undefined {
  const ms = number(value);
  return ms === undefined || ms < 0 || ms > 8.64e15 ? undefined : Math.floor(ms);
}
