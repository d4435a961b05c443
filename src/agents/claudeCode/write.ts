import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Message } from '../../core/index.ts';
import type { AgentHome, NativeWriteOptions, NativeWritten, Part } from '../agent.ts';
import { refuseInvalid } from '../checkWritten.ts';
import { realPath } from '../files.ts';
import { imageCall, resultImages } from '../resultImages.ts';
import { isModelName } from '../resumeCommand.ts';
import { optional, string, time } from '../shape.ts';
import { isUuid } from '../uuid.ts';
import { refuseTaken, writeTranscript } from '../writeTranscript.ts';
import { madeUuid, resultBlock, titleLine } from './line.ts';
import { projectFolder, transcriptOf } from './places.ts';
import { validate } from './validate.ts';

/**
 * Writes a history as a session, one line a message (FORMATS 1.8). Each line keeps the time of its message: the agent
 * compares those of `Read` calls with the files, to know which it may edit.
 */
export async function write(where: AgentHome, options: NativeWriteOptions): Promise<NativeWritten> {
  const { newId, history } = options;
  if (!isUuid(newId)) throw new Error('a new session id must be a UUID');
  refuseTaken(await transcriptOf(where, newId));
  const folder = await realPath(options.folder);
  const transcript = join(await projectFolder(where, options.folder), `${newId}.jsonl`);
  await writeTranscript(transcript, linesOf(history, options, folder), async (file) =>
    refuseInvalid(await validate(file, basename(transcript))),
  );
  return { nativeId: newId, transcript };
}

async function* linesOf(
  history: readonly Message[],
  { newId, now, title, model }: NativeWriteOptions,
  folder: string,
): AsyncGenerator<string> {
  let parentUuid: string | null = null;
  let at = history.flatMap((message) => time(message.timestamp) ?? []).at(0) ?? new Date(now).toISOString();
  for (const [index, message] of history.entries()) {
    if (message.role === 'system' || message.role === 'summary') continue;
    const uuid = madeUuid(newId, `${index} ${message.id}`);
    const own = time(message.timestamp);
    // The newest line is where the agent goes on, so none is older than the one before.
    if (own !== undefined && Date.parse(own) > Date.parse(at)) at = own;
    const isAnswer = message.role === 'assistant';
    yield JSON.stringify({
      parentUuid,
      isSidechain: false,
      userType: 'external',
      entrypoint: 'cli',
      cwd: folder,
      sessionId: newId,
      type: isAnswer ? 'assistant' : 'user',
      message: isAnswer ? answer(message, uuid, model) : { role: 'user', content: blocks(message) },
      uuid,
      timestamp: new Date(at).toISOString(),
    });
    parentUuid = uuid;
  }
  if (title !== undefined) yield titleLine(title, newId);
}

/** An answer of the model API; it claims no tokens. */
function answer(message: Message, uuid: string, model: string | undefined): object {
  const content = blocks(message);
  const calls = typeof content !== 'string' && content.some((block) => 'id' in block);
  return {
    id: `msg_${createHash('sha256').update(uuid).digest('hex').slice(0, 24)}`,
    type: 'message',
    role: 'assistant',
    ...optional(
      'model',
      [model, message.model].find((one) => one !== undefined && isModelName(one)),
    ),
    content: typeof content === 'string' ? [{ type: 'text', text: content }] : content,
    stop_reason: calls ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 0, output_tokens: 0 },
  };
}

function blocks({ content }: Message): string | readonly object[] {
  if (typeof content === 'string') return content;
  const [only] = content;
  // A prompt is a plain text: what a list shows of a session is looked for there.
  if (content.length === 1 && only?.type === 'text') return string(only['text']) ?? '';
  const images = resultImages(content);
  return content.flatMap((part) => block(part, images));
}

function block(part: Part, all: ReadonlyMap<string, readonly Part[]>): readonly object[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part['text'] }];
    case 'tool_call':
      return [{ type: 'tool_use', id: part['id'], name: part['name'], input: part['input'] }];
    case 'tool_result': {
      const id = string(part['call_id']) ?? '';
      const text = string(part['output']) ?? '';
      const images = (all.get(id) ?? []).map(image);
      const content = images.length === 0 ? text : [...(text === '' ? [] : [{ type: 'text', text }]), ...images];
      return [resultBlock(id, content, part['is_error'] === true)];
    }
    case 'image':
      return imageCall(part) === undefined ? [image(part)] : [];
    default:
      return [];
  }
}

function image(part: Part): object {
  const { media_type, data } = part as { readonly media_type?: unknown; readonly data?: unknown };
  return { type: 'image', source: { type: 'base64', media_type, data } };
}
