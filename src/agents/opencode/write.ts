import type { Message } from '../../core/index.ts';
import type { AgentHome, NativeWriteOptions, NativeWritten, Part } from '../agent.ts';
import { refuseInvalid } from '../checkWritten.ts';
import { type JsonObject, object, optional, string, words } from '../shape.ts';
import { copyPart, sessionOf, tokensOf } from './copy.ts';
import { currentConfig } from './currentConfig.ts';
import { checkedSessionId } from './ids.ts';
import { createClock, type Making, type NewMessage, writeNewSession } from './newSession.ts';

/**
 * Writes messages as a session. opencode goes on with the model of the last prompt: that is the one that was asked for, else
 * the one it would begin with now.
 */
export async function write(where: AgentHome, options: NativeWriteOptions): Promise<NativeWritten> {
  checkedSessionId(options.newId);
  const config = options.model === undefined ? await currentConfig(where, options.folder) : undefined;
  const model = {
    providerID: words(options.provider) ?? config?.llm_provider ?? 'unknown',
    modelID: words(options.model) ?? config?.llm_model ?? 'unknown',
  };
  const drafts = draftsOf(options.history);
  if (drafts.length === 0) refuseInvalid([{ code: 'empty' }]);
  return writeNewSession(where, options, async (making) => ({
    info: sessionOf({}, making, words(options.title)),
    messages: newMessages(drafts, model, making),
  }));
}

/** A message before it has its ids; a call and its result are one part. */
interface Draft {
  readonly role: 'user' | 'assistant';
  readonly created: number | undefined;
  readonly parts: readonly JsonObject[];
}

function* newMessages(drafts: readonly Draft[], model: JsonObject, making: Making): Generator<NewMessage> {
  const clock = createClock(making.now);
  let parent: string | undefined;
  for (const draft of drafts) {
    const id = making.id('msg');
    const created = clock(draft.created);
    const common = { id, sessionID: making.sessionId, role: draft.role, agent: 'build' };
    const place = { making, messageId: id, created, isOpen: false, renamed: new Map<string, string>() };
    const parts = draft.parts.flatMap((part) => copyPart(part, place));
    if (draft.role === 'user') {
      parent = id;
      yield { info: { ...common, time: { created }, model }, parts };
      continue;
    }
    const info = {
      ...common,
      ...model,
      parentID: parent ?? id,
      mode: 'build',
      path: { cwd: making.folder, root: making.folder },
      cost: 0,
      tokens: tokensOf(undefined),
      time: { created, completed: created },
      finish: draft.parts.some(({ type }) => type === 'tool') ? 'tool-calls' : 'stop',
    };
    yield { info, parts };
  }
}

function draftsOf(history: readonly Message[]): readonly Draft[] {
  const results = resultsOf(history);
  const answered = new Set<string>();
  return history.flatMap((message) => {
    const { role, parts } = draftOf(message, results, answered);
    const created = Date.parse(message.timestamp ?? '');
    return parts.length === 0 ? [] : [{ role, created: Number.isNaN(created) ? undefined : created, parts }];
  });
}

function draftOf({ content, role }: Message, results: Results, answered: Set<string>): Pick<Draft, 'role' | 'parts'> {
  const parts: readonly Part[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  switch (role) {
    case 'system':
      return { role: 'user', parts: [] };
    case 'assistant':
      for (const part of parts) if (part.type === 'tool_call') answered.add(String(part['id']));
      return { role: 'assistant', parts: parts.flatMap((part) => answerPart(part, results)) };
    case 'user':
    case 'summary':
      return { role: 'user', parts: parts.flatMap(promptPart) };
    case 'tool': {
      // Results stand with their calls; what belongs to none is told as a text.
      const others = parts.filter((part) => part.type === 'tool_result' && !answered.has(String(part['call_id'])));
      return { role: 'user', parts: others.flatMap((part) => textPart(string(part['output']))) };
    }
  }
}

type Results = ReadonlyMap<string, { readonly part: Part; readonly images: JsonObject[] }>;

/** Results by the ids of their calls, with the images that stand behind them. */
function resultsOf(history: readonly Message[]): Results {
  const results = new Map<string, { readonly part: Part; readonly images: JsonObject[] }>();
  for (const { role, content } of history) {
    if (role !== 'tool' || typeof content === 'string') continue;
    let last: { readonly part: Part; readonly images: JsonObject[] } | undefined;
    for (const part of content as readonly Part[]) {
      if (part.type === 'image') last?.images.push(...promptPart(part));
      const id = string(part['call_id']);
      if (part.type !== 'tool_result' || id === undefined || results.has(id)) continue;
      last = { part, images: [] };
      results.set(id, last);
    }
  }
  return results;
}

function answerPart(part: Part, results: Results): readonly JsonObject[] {
  if (part.type === 'text') return textPart(string(part['text']));
  if (part.type !== 'tool_call') return [];
  const callID = string(part['id']) ?? '';
  const result = results.get(callID);
  const output = string(result?.part['output']) ?? '';
  const input = object(part['input']) ?? { input: part['input'] ?? '' };
  const state =
    result === undefined
      ? { status: 'running', input }
      : result.part['is_error'] === true
        ? { status: 'error', input, error: output }
        : { status: 'completed', input, output, ...optional('attachments', some(result.images)) };
  return [{ type: 'tool', callID, tool: string(part['name']) ?? '', state }];
}

function some(images: readonly JsonObject[]): readonly JsonObject[] | undefined {
  return images.length > 0 ? images : undefined;
}

function promptPart(part: Part): readonly JsonObject[] {
  if (part.type === 'text') return textPart(string(part['text']));
  if (part.type === 'file') return textPart(`@${string(part['path']) ?? ''}`);
  const data = part.type === 'image' ? string(part['data']) : undefined;
  const mime = string(part['media_type']) ?? 'image/png';
  return data === undefined ? [] : [{ type: 'file', mime, url: `data:${mime};base64,${data}` }];
}

function textPart(text: string | undefined): readonly JsonObject[] {
  return text === undefined || text === '' ? [] : [{ type: 'text', text }];
}
