import { createHash } from 'node:crypto';
import type { Problem, Tool } from '../../core/index.ts';
import type { ReaderOptions, RecordPlace, TranscriptReader } from '../agent.ts';
import { parseLine, parseValue } from '../parseLine.ts';
import { type JsonObject, list, object, optional, string, time, words } from '../shape.ts';
import { CONTAINERS } from './containers.ts';
import { contentParts, partsText } from './content.ts';
import { createConversation } from './conversation.ts';
import { readMessage } from './readMessage.ts';
import type { Said } from './said.ts';
import { readTools } from './tools.ts';

const LISTS: ReadonlySet<string> = new Set(['', ...CONTAINERS]);
/** Instructions that stand beside the messages (Anthropic, OpenAI's Responses, Gemini). */
const INSTRUCTIONS: ReadonlySet<string> = new Set([
  'system',
  'instructions',
  'systemInstruction',
  'system_instruction',
]);

/** Reads plain messages of any of the formats of FORMATS 7; a message has its native id, else `m<n>` by its place. */
export function messagesReader(options: ReaderOptions): TranscriptReader {
  const problems: Problem[] = [];
  const talk = createConversation();
  const models = new Set<string>();
  const facts = new Map<'id' | 'model' | 'title' | 'system' | 'created' | 'updated', string>();
  let tools: readonly Tool[] | undefined;

  function push(text: string, at: RecordPlace): void {
    const key = at.key ?? '';
    if (LISTS.has(key)) element(text, at);
    else if (INSTRUCTIONS.has(key)) instructions(parseValue(text, at.number, problems));
    else if (key === 'model' || key === 'session_id' || key === 'created_at') named(key, text, at);
    else if (key === 'tools') tools = readTools(parseValue(text, at.number, problems));
    // A state: LangGraph's values, a module of agentscope. Other fields are left unread, however big they are.
    else if (text.startsWith('{') && /"(?:messages|memory)"/.test(text)) state(text, at);
  }

  function element(text: string, at: RecordPlace): void {
    // `input` may be one text.
    if (at.key === 'input' && text.startsWith('"')) {
      const prompt = string(parseValue(text, at.number, problems));
      if (prompt !== undefined) say({ role: 'user', parts: [{ type: 'text', text: prompt }] });
      return;
    }
    const record = parseLine(text, at.number, problems);
    if (record !== undefined) message(record, at);
  }

  function message(record: JsonObject, at: RecordPlace): void {
    const said = readMessage(record);
    if (said === undefined) problems.push({ code: 'bad-shape', line: at.number, detail: 'no message' });
    for (const one of said ?? []) say(one);
  }

  function named(key: 'model' | 'session_id' | 'created_at', text: string, at: RecordPlace): void {
    const value = words(parseValue(text, at.number, problems));
    if (value === undefined) return;
    if (key === 'session_id') facts.set('id', value);
    else if (key === 'created_at') seenAt(time(value));
    else model(value);
  }

  function seenAt(timestamp: string | undefined): void {
    if (timestamp === undefined) return;
    if (!facts.has('created')) facts.set('created', timestamp);
    facts.set('updated', timestamp);
  }

  function model(name: string): void {
    models.add(name);
    facts.set('model', name);
  }

  function instructions(value: unknown): void {
    const text = string(value) ?? partsText(contentParts(object(value)?.['parts'] ?? value));
    if (text !== '') facts.set('system', createHash('sha256').update(text).digest('hex'));
  }

  function state(text: string, at: RecordPlace): void {
    const value = object(parseValue(text, at.number, problems));
    const memory = list(object(value?.['memory'])?.['content']);
    for (const one of [...list(value?.['messages']), ...memory]) {
      // agentscope puts marks beside a message.
      const record = object(Array.isArray(one) ? one[0] : one);
      if (record !== undefined) message(record, at);
    }
  }

  function say(said: Said): void {
    if (said.model !== undefined) model(said.model);
    seenAt(said.timestamp);
    const text = said.role === 'user' ? words(partsText(said.parts)) : undefined;
    if (text !== undefined && !facts.has('title')) facts.set('title', text.trim());
    talk.say(said);
  }

  return {
    push,
    takeEvents: talk.takeEvents,
    takeTouches: () => talk.touches.take(),
    messages: talk.messages,
    facts() {
      const { tokensIn, tokensOut } = talk.usage.totals();
      const created = facts.get('created');
      return {
        source: {
          agent: 'messages',
          transcript: options.transcript,
          ...optional('native_id', facts.get('id')),
        },
        config: {
          agent_type: 'messages',
          ...optional('llm_model', facts.get('model')),
          ...optional('system_prompt_sha256', facts.get('system')),
        },
        metadata: {
          total_tokens: tokensIn + tokensOut,
          total_steps: talk.counts().assistantMessages,
          by_model: talk.usage.byModel(),
          turns: talk.counts().prompts,
          ...optional('created_at', created),
        },
        ...optional('createdAt', created),
        ...optional('updatedAt', facts.get('updated')),
        ...optional('title', facts.get('title')),
        ...optional('tools', tools),
      };
    },
    counts: () => ({ ...talk.counts(), models: [...models].sort(), versions: [], ...talk.usage.totals() }),
    problems: () => problems,
  };
}
