import type { Message } from '../../core/index.ts';
import type { Part, TranscriptCounts, TranscriptReader } from '../agent.ts';
import { createMessageLog } from '../messageLog.ts';
import { optional, string } from '../shape.ts';
import { createTouchLog, type TouchLog } from '../touchLog.ts';
import { createUsageLog, type UsageLog } from '../usage.ts';
import type { Said } from './said.ts';
import { touchOf } from './touches.ts';

interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  readonly messageId: string;
}

/** Messages, calls with what they did to files, and tokens of plain messages while they are read. */
export interface Conversation extends Pick<TranscriptReader, 'takeEvents' | 'messages'> {
  readonly touches: TouchLog;
  readonly usage: UsageLog;
  say(said: Said): void;
  counts(): Omit<TranscriptCounts, 'models' | 'versions' | 'tokensIn' | 'tokensOut'>;
}

export function createConversation(): Conversation {
  const history = createMessageLog([]);
  const touches = createTouchLog();
  const usage = createUsageLog();
  const ids = new Set<string>();
  /** All `m<n>` from the end of the history up to this one are taken. */
  let place = 0;
  /** Calls without a result by their ids, the oldest first. */
  const open = new Map<string, Call>();
  const tally = { prompts: 0, assistantMessages: 0, toolCalls: 0, reads: 0, fullReads: 0, edits: 0 };
  /** The answer that goes on with the next item, where nothing else comes between. */
  let answering = false;

  function say(said: Said): void {
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
    if (said.role === 'user') tally.prompts += 1;
    const calls = said.parts.filter(({ type }) => type === 'tool_call').length;
    tally.toolCalls += calls;
    const isPart = said.isItem === true && !said.parts.some(({ type }) => type === 'text');
    if (said.role === 'assistant' && !isPart) tally.assistantMessages += 1;
  }

  return {
    touches,
    usage,
    say,
    counts: () => ({ ...tally }),
    takeEvents: () => history.takeEvents(),
    messages: () => history.messages(),
  };
}
