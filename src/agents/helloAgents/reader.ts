import { type FileTouch, messageText, type Problem, parseMessage } from '../../core/index.ts';
import type { ReaderOptions, RecordPlace, TranscriptReader } from '../agent.ts';
import { createMessageLog } from '../messageLog.ts';
import { parseValue } from '../parseLine.ts';
import { resolvePath } from '../paths.ts';
import { duration } from '../runMetadata.ts';
import { count, type JsonObject, number, object, optional, string, time, words } from '../shape.ts';
import { projectOf } from './places.ts';

/** The fields that hold the messages: of a session, and of its first form. */
export const LISTS: readonly string[] = ['history', 'conversation_history'];

const TEXTS: ReadonlySet<string> = new Set(['session_id', 'created_at', 'saved_at', 'llm_model', 'tool_schema_hash']);
const OWN_SETTINGS: ReadonlySet<string> = new Set(
  'name agent_type llm_provider llm_model max_steps system_prompt_sha256'.split(' '),
);
const OBJECTS: ReadonlySet<string> = new Set(['agent_config', 'read_cache', 'metadata']);

/**
 * Reads a session of HelloAgents (FORMATS 7). Its messages are ours already (only prompts and final answers are in it),
 * and its read-cache is ours too: each entry becomes a touch with the time and size that were recorded.
 */
export function helloAgentsReader(options: ReaderOptions): TranscriptReader {
  const problems: Problem[] = [];
  const history = createMessageLog([]);
  const texts = new Map<string, string>();
  const objects = new Map<string, JsonObject>();
  const cwd = projectOf(options.transcript);
  let touches: readonly FileTouch[] = [];
  let reads = 0;
  let prompts = 0;
  let answers = 0;
  let title: string | undefined;

  function push(text: string, at: RecordPlace): void {
    const key = at.key ?? '';
    if (LISTS.includes(key)) message(text, at);
    else if (TEXTS.has(key)) {
      const value = words(parseValue(text, at.number, problems));
      if (value !== undefined) texts.set(key, value);
    } else if (OBJECTS.has(key)) {
      const value = object(parseValue(text, at.number, problems));
      if (value === undefined) return;
      objects.set(key, value);
      if (key === 'read_cache') readCache(value);
    }
  }

  function message(text: string, at: RecordPlace): void {
    const { message: found, problem } = parseMessage(Buffer.from(text), history.length);
    if (problem !== undefined) problems.push({ ...problem, line: at.number });
    // Ids are places: one that a file claims may be there twice. Bytes that a file claims are not ours.
    const { raw: _, ...said } = found;
    history.append({ ...said, id: `m${history.length + 1}` });
    if (found.role === 'assistant') answers += 1;
    if (found.role !== 'user') return;
    prompts += 1;
    title ??= words(messageText(found))?.trim();
  }

  function readCache(value: JsonObject): void {
    const seen = Object.entries(value).flatMap(([named, entry]): readonly FileTouch[] => {
      const [mtimeMs, size] = ['file_mtime_ms', 'file_size_bytes'].map((field) => number(object(entry)?.[field]));
      if (mtimeMs === undefined || size === undefined || named === '' || named.includes('\0')) return [];
      const path = resolvePath(cwd, named) ?? named;
      return [{ path, op: 'read', full: true, mtimeMs, size, messageId: '' }];
    });
    reads = seen.length;
    touches = seen;
  }

  /** What HelloAgents says where it does not know. */
  function known(value: unknown): string | undefined {
    const text = words(value);
    return text === 'unknown' ? undefined : text;
  }

  const model = (): string | undefined => known(objects.get('agent_config')?.['llm_model']) ?? texts.get('llm_model');
  const tokens = (): number => count(objects.get('metadata')?.['total_tokens']);

  return {
    push,
    takeEvents: () => history.takeEvents(),
    takeTouches() {
      const taken = touches;
      touches = [];
      return taken;
    },
    messages: () => history.messages(),
    facts() {
      const config = objects.get('agent_config');
      const metadata = objects.get('metadata');
      const created = time(texts.get('created_at'));
      const updated = time(texts.get('saved_at'));
      return {
        source: {
          agent: 'helloagents',
          transcript: options.transcript,
          ...optional('native_id', texts.get('session_id')),
          // Of names and shortened descriptions: no hash of ours can be compared with it.
          ...optional('tool_schema_hash', texts.get('tool_schema_hash')),
        },
        config: {
          ...settings(config ?? {}),
          ...optional('name', string(config?.['name'])),
          agent_type: known(config?.['agent_type']) ?? 'helloagents',
          ...optional('llm_provider', known(config?.['llm_provider'])),
          ...optional('llm_model', model()),
          ...optional('max_steps', number(config?.['max_steps'])),
        },
        metadata: {
          total_tokens: tokens(),
          total_steps: count(metadata?.['total_steps']) || answers,
          turns: prompts,
          ...optional('created_at', created),
          ...optional('duration_seconds', number(metadata?.['duration_seconds']) ?? duration(created, updated)),
        },
        ...optional('cwd', cwd),
        ...optional('createdAt', created),
        ...optional('updatedAt', updated),
        ...optional('title', title),
      };
    },
    counts: () => ({
      prompts,
      assistantMessages: answers,
      toolCalls: 0,
      reads,
      fullReads: reads,
      edits: 0,
      models: model() === undefined ? [] : [model() as string],
      versions: [],
      // Only the sum is recorded.
      tokensIn: tokens(),
      tokensOut: 0,
    }),
    problems: () => problems,
  };
}

/** Settings of an agent that somebody added; only plain values are settings. */
function settings(config: JsonObject): JsonObject {
  const plain = Object.entries(config).filter(
    ([field, value]) => !OWN_SETTINGS.has(field) && /^(?:string|number|boolean)$/.test(typeof value),
  );
  return Object.fromEntries(plain);
}
