import { join } from 'node:path';
import { type Message, toHelloAgents } from '../../core/index.ts';
import type { AgentHome, NativeForkOptions, NativeWriteOptions, NativeWritten } from '../agent.ts';
import { refuseInvalid } from '../checkWritten.ts';
import { readDocument } from '../document.ts';
import { withFile } from '../files.ts';
import { object, optional, parseObject, string } from '../shape.ts';
import { refuseTaken, writeTranscript } from '../writeTranscript.ts';
import { transcriptOf } from './find.ts';
import { isId, sessionsFolder } from './places.ts';
import { LISTS } from './reader.ts';
import { validate } from './validate.ts';

/** A copy under a new id, field by field; of the messages those that are wanted, as they stand there. */
export async function fork(where: AgentHome, options: NativeForkOptions): Promise<NativeWritten> {
  const wanted = options.messages ?? Number.POSITIVE_INFINITY;
  const fields = new Map<string, string>();
  const messages: string[] = [];
  const read = await withFile(options.raw, async (handle) => {
    for await (const batch of readDocument(handle, { lists: LISTS })) {
      for (const { key, text } of batch) {
        if (!LISTS.includes(key)) fields.set(key, text);
        else if (messages.length < wanted) messages.push(text);
      }
    }
    return true;
  });
  if (read === undefined) throw Object.assign(new Error('the transcript cannot be read'), { code: 'ENOENT' });
  // Only what was missing is made up, as HelloAgents says it where it does not know.
  const made = emptySession(options, []);
  const history = messages.map((text) => completed(text, made.saved_at));
  for (const [field, value] of Object.entries(made)) {
    const isNew = !fields.has(field) || field === 'session_id' || field === 'saved_at';
    if (isNew && field !== 'history') fields.set(field, JSON.stringify(value));
  }
  return give(where, options, fields, history);
}

/** A session of texts: HelloAgents keeps no calls in its history. */
export async function write(where: AgentHome, options: NativeWriteOptions): Promise<NativeWritten> {
  const { history, ...head } = emptySession(options, options.history);
  const fields = new Map(Object.entries(head).map(([field, value]) => [field, JSON.stringify(value)]));
  return give(
    where,
    options,
    fields,
    history.map((message) => JSON.stringify(message)),
  );
}

function emptySession(
  options: Pick<NativeWriteOptions, 'newId' | 'now' | 'title' | 'model' | 'provider'>,
  history: readonly Message[],
) {
  const now = new Date(options.now).toISOString();
  return toHelloAgents({
    body: {
      session_id: options.newId,
      created_at: now,
      saved_at: now,
      agent_config: {
        ...optional('name', options.title),
        ...optional('llm_model', options.model),
        ...optional('llm_provider', options.provider),
      },
    },
    history,
  });
}

/** A message with every field that the loader asks for; the seed's form has no times. */
function completed(text: string, now: string): string {
  const message = parseObject(text);
  if (
    message === undefined ||
    (string(message['timestamp']) !== undefined && object(message['metadata']) !== undefined)
  ) {
    return text;
  }
  return JSON.stringify({ ...message, timestamp: message['timestamp'] ?? now, metadata: message['metadata'] ?? {} });
}

async function give(
  where: AgentHome,
  { folder, newId }: Pick<NativeForkOptions, 'folder' | 'newId'>,
  fields: ReadonlyMap<string, string>,
  history: readonly string[],
): Promise<NativeWritten> {
  if (!isId(newId)) throw new Error(`not an id of HelloAgents: ${JSON.stringify(newId.slice(0, 80))}`);
  refuseTaken(await transcriptOf(where, newId, folder));
  const transcript = join(sessionsFolder(folder), `${newId}.json`);
  await writeTranscript(transcript, lines(fields, history), async (temporary) =>
    refuseInvalid(await validate(temporary)),
  );
  return { nativeId: newId, transcript };
}

async function* lines(fields: ReadonlyMap<string, string>, history: readonly string[]): AsyncGenerator<string> {
  yield '{';
  for (const [field, text] of fields) yield `${JSON.stringify(field)}: ${text},`;
  yield '"history": [';
  for (const [index, text] of history.entries()) yield index === history.length - 1 ? text : `${text},`;
  yield ']}';
}
