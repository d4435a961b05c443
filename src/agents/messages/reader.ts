import { createHash } from 'node:crypto';
import type { Message, Problem, Tool } from '../../core/index.ts';
import type { Part, ReaderOptions, RecordPlace, TranscriptReader } from '../agent.ts';
import { createMessageLog } from '../messageLog.ts';
import { parseLine, parseValue } from '../parseLine.ts';
import { type JsonObject, list, object, optional, string, time, words } from '../shape.ts';
import { createTouchLog } from '../touchLog.ts';
import { createUsageLog } from '../usage.ts';
import { CONTAINERS } from './containers.ts';
import { contentParts, partsText } from './content.ts';
import { readMessage } from './readMessage.ts';
import type { Said } from './said.ts';
import { readTools } from './tools.ts';
import { touchOf } from './touches.ts';

interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  readonly messageId: string;
}

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
  const history = createMessageLog([]);
  const touches = createTouchLog();
  const usage = createUsageLog();
  const ids = new Set<string>();
  /** All `m<n>` from the end of the history up to this one are taken. */
  let place = 0;
  /** Calls without a result by their ids, the oldest first. */
  const open = new Map<string, Call>();
  const models = new Set<string>();
  const tally = { prompts: 0, assistantMessages: 0, toolCalls: 0, reads: 0, fullReads: 0, edits: 0 };
  const facts = new Map<'id' | 'model' | 'title' | 'system' | 'created' | 'updated', string>();
  let tools: readonly Tool[] | undefined;
  /** The answer that goes on with the next item, where nothing else comes between. */
  let answering = false;

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
    count(said);
    const last = history.last();
    const before = last !== undefined && typeof last.content !== 'string' ? last.content : [];
    const [first] = said.parts;
    const goesOn =
      answering &&
      said.isItem === true &&
      said.role === 'assistant' &&
      (first?.type === 'tool_call' || before.every(({ type }) => type === 'reasoning'));
    if (last !== undefined && goesOn) {
      history.replaceLast({ ...last, content: [...before, ...ready(said.parts, last.id, before.length)] } as Message);
    } else append(said);
    answering = said.isItem === true && said.role === 'assistant';
  }

  function append(said: Said): void {
    const id = newId(said.id);
    if (said.usage !== undefined) usage.set(id, said.model ?? '', said.usage);
    const parts = ready(said.parts, id, 0, said.timestamp);
    const [only] = parts;
    const isText = parts.length === 1 && only?.type === 'text' && said.role !== 'assistant';
    history.append({
      id,
      role: said.role,
      content: parts.length === 0 ? '' : isText ? only['text'] : parts,
      ...optional('timestamp', said.timestamp),
      ...optional('model', said.role === 'assistant' ? said.model : undefined),
    } as Message);
  }

  /** A native id that is there already would replace that message. */
  function newId(native: string | undefined): string {
    let id = native ?? '';
    if (id === '' || ids.has(id)) {
      place = Math.max(place, history.length);
      while (ids.has(`m${place}`)) place += 1;
      id = `m${place}`;
    }
    ids.add(id);
    return id;
  }

  /** The parts with the ids that some formats leave out: of calls by place, of results by name and order. */
  function ready(parts: readonly Part[], messageId: string, from: number, at?: string): readonly Part[] {
    return parts.map((part, index) => {
      if (part.type === 'tool_call') {
        const id = string(part['id']) || `${messageId}.${from + index}`;
        open.set(id, { id, name: string(part['name']) ?? '', input: part['input'], messageId });
        return { ...part, id };
      }
      return part.type === 'tool_result' ? resulted(part, at) : part;
    });
  }

  function resulted(part: Part, at: string | undefined): Part {
    const given = string(part['call_id']) ?? '';
    const call = given === '' ? oldestCall(part['name']) : open.get(given);
    if (call === undefined) return part;
    open.delete(call.id);
    const touch = part['is_error'] === true ? undefined : touchOf(call, at);
    if (touch !== undefined) {
      touches.add(touch);
      if (touch.op !== 'read') tally.edits += 1;
      else {
        tally.reads += 1;
        if (touch.full) tally.fullReads += 1;
      }
    }
    return { ...part, call_id: call.id };
  }

  function oldestCall(name: unknown): Call | undefined {
    for (const call of open.values()) if (name === undefined || call.name === name) return call;
    return undefined;
  }

  function count(said: Said): void {
    if (said.role === 'user') {
      tally.prompts += 1;
      const text = words(partsText(said.parts));
      if (text !== undefined && !facts.has('title')) facts.set('title', text.trim());
    }
    const calls = said.parts.filter(({ type }) => type === 'tool_call').length;
    tally.toolCalls += calls;
    const isPart = said.isItem === true && !said.parts.some(({ type }) => type === 'text');
    if (said.role === 'assistant' && !isPart) tally.assistantMessages += 1;
  }

  return {
    push,
    takeEvents: () => history.takeEvents(),
    takeTouches: () => touches.take(),
    messages: () => history.messages(),
    facts() {
      const { tokensIn, tokensOut } = usage.totals();
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
          total_steps: tally.assistantMessages,
          by_model: usage.byModel(),
          turns: tally.prompts,
          ...optional('created_at', created),
        },
        ...optional('createdAt', created),
        ...optional('updatedAt', facts.get('updated')),
        ...optional('title', facts.get('title')),
        ...optional('tools', tools),
      };
    },
    counts: () => ({ ...tally, models: [...models].sort(), versions: [], ...usage.totals() }),
    problems: () => problems,
  };
}
