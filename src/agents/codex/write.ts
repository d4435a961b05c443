import { basename } from 'node:path';
import type { Message } from '../../core/index.ts';
import type { AgentHome, NativeWriteOptions, NativeWritten, Part } from '../agent.ts';
import { refuseInvalid } from '../checkWritten.ts';
import { realPath } from '../files.ts';
import { imageCall, resultImages } from '../resultImages.ts';
import { type JsonObject, optional, string, time } from '../shape.ts';
import { isUuid } from '../uuid.ts';
import { refuseTaken, writeTranscript } from '../writeTranscript.ts';
import { rolloutPlace, transcriptOf } from './places.ts';
import { validate } from './validate.ts';

/**
 * Writes a history as a rollout: the items that the model gets, and the events by which Codex lists the thread and shows
 * its turns (AGENT-CLIS 2). A tool whose input is a text is one of Codex's own kind (`custom_tool_call`).
 */
export async function write(where: AgentHome, options: NativeWriteOptions): Promise<NativeWritten> {
  const { newId, now } = options;
  if (!isUuid(newId)) throw new Error('a new session id must be a UUID');
  refuseTaken(await transcriptOf(where, newId));
  const folder = await realPath(options.folder);
  const transcript = rolloutPlace(where, newId, now);
  await writeTranscript(transcript, linesOf(options, folder), async (file) =>
    refuseInvalid(await validate(file, basename(transcript))),
  );
  return { nativeId: newId, transcript };
}

async function* linesOf(
  { history, newId, now, title, provider }: NativeWriteOptions,
  folder: string,
): AsyncGenerator<string> {
  const created = new Date(now).toISOString();
  let timestamp = history.flatMap((message) => time(message.timestamp) ?? []).at(0) ?? created;
  const line = (type: string, payload: JsonObject): string => JSON.stringify({ timestamp, type, payload });
  yield line('session_meta', {
    id: newId,
    timestamp: created,
    cwd: folder,
    originator: 'codex_cli_rs',
    cli_version: '0.0.0',
    source: 'cli',
    ...optional('model_provider', provider),
  });
  const tools = new Map<string, 'function_call' | 'custom_tool_call'>();
  let turn = 0;
  let said: string | null = null;
  const turnEvent = (type: string, extra: JsonObject): string =>
    line('event_msg', { type, turn_id: `${newId}-${turn}`, ...extra });
  for (const message of history) {
    if (message.role === 'system' || message.role === 'summary') continue;
    timestamp = time(message.timestamp) ?? timestamp;
    if (message.role === 'user') {
      // A turn that is left open is taken for an aborted one.
      if (turn > 0) yield turnEvent('task_complete', { last_agent_message: said });
      turn += 1;
      said = null;
      yield turnEvent('task_started', { model_context_window: null });
      yield line('event_msg', { type: 'user_message', message: textOf(message), images: [] });
    } else if (message.role === 'assistant') {
      const text = textOf(message);
      said = text === '' ? said : text;
      if (text !== '') yield line('event_msg', { type: 'agent_message', message: text });
    }
    for (const item of items(message, tools)) yield line('response_item', item);
  }
  if (title !== undefined) {
    const payload = { type: 'thread_name_updated', thread_id: newId, thread_name: title.toWellFormed() };
    yield line('event_msg', payload);
  }
  if (turn > 0) yield turnEvent('task_complete', { last_agent_message: said });
}

function partsOf({ content }: Message): readonly Part[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

function textOf(message: Message): string {
  return partsOf(message)
    .flatMap((part) => (part.type === 'text' ? (string(part['text']) ?? []) : []))
    .join('\n\n');
}

function* items(message: Message, tools: Map<string, 'function_call' | 'custom_tool_call'>): Generator<JsonObject> {
  const parts = partsOf(message);
  const [kind, role] = message.role === 'assistant' ? ['output_text', 'assistant'] : ['input_text', 'user'];
  const content = parts.flatMap((part): JsonObject[] => {
    if (part.type === 'text') return [{ type: kind, text: part['text'] }];
    return part.type === 'image' && imageCall(part) === undefined ? [imageItem(part)] : [];
  });
  const shown = resultImages(parts);
  if (content.length > 0) yield { type: 'message', role, content };
  for (const part of parts) {
    if (part.type === 'tool_call') {
      const [id, input] = [string(part['id']) ?? '', part['input']];
      const type = typeof input === 'string' ? 'custom_tool_call' : 'function_call';
      tools.set(id, type);
      const said = typeof input === 'string' ? { input } : { arguments: JSON.stringify(input ?? {}) };
      yield { type, name: part['name'], ...said, call_id: id };
    } else if (part.type === 'tool_result') {
      const id = string(part['call_id']) ?? '';
      const images = (shown.get(id) ?? []).map(imageItem);
      const text = string(part['output']) ?? '';
      const output = images.length === 0 ? text : [{ type: 'input_text', text }, ...images];
      yield { type: `${tools.get(id) ?? 'function_call'}_output`, call_id: id, output };
    }
  }
}

function imageItem(part: Part): JsonObject {
  const { media_type, data } = part as { readonly media_type?: unknown; readonly data?: unknown };
  return { type: 'input_image', image_url: `data:${string(media_type)};base64,${string(data)}` };
}
