import type { Message } from '../../core/index.ts';
import type { TranscriptCounts, TranscriptReader } from '../agent.ts';
import { createMessageLog } from '../messageLog.ts';
import { optional } from '../shape.ts';
import { createTouchLog, type TouchLog } from '../touchLog.ts';
import { createUsageLog, type UsageLog } from '../usage.ts';
import type { RecordFacts, Said, SaidCall } from './said.ts';
import { touchesOf } from './touches.ts';

/** Messages, calls with what they did to files, and tokens of a transcript while it is read. */
export interface Conversation extends Pick<TranscriptReader, 'takeEvents' | 'messages'> {
  readonly touches: TouchLog;
  readonly usage: UsageLog;
  /** Messages of one record: the first gets `id`, the others `id.1`, `id.2` … */
  add(id: string, said: readonly Said[], facts: RecordFacts, cwd: string | undefined): void;
  /** Files that the last message brought with it, whole. */
  attach(files: readonly { readonly path: string; readonly text: string }[], at: string | undefined): void;
  /** What the last message says is told anew, longer. */
  replaceLast(said: Said, facts: RecordFacts): void;
  readonly model: string | undefined;
  readonly provider: string | undefined;
  readonly cost: number | undefined;
  readonly firstPrompt: string | undefined;
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly turns: number;
  counts(): Omit<TranscriptCounts, 'versions'>;
}

export function createConversation(): Conversation {
  const history = createMessageLog([]);
  const touches = createTouchLog();
  const usage = createUsageLog();
  const calls = new Map<string, SaidCall & { readonly messageId: string }>();
  const models = new Set<string>();
  const tally = { prompts: 0, assistantMessages: 0, toolCalls: 0, reads: 0, fullReads: 0, edits: 0 };
  let model: string | undefined;
  let provider: string | undefined;
  let cost: number | undefined;
  let firstPrompt: string | undefined;
  let first: string | undefined;
  let last: string | undefined;

  function takeFacts(facts: RecordFacts, id: string): void {
    model = facts.model ?? model;
    provider = facts.provider ?? provider;
    if (facts.model !== undefined) models.add(facts.model);
    if (facts.usage !== undefined) usage.set(id, facts.model ?? model ?? 'unknown', facts.usage);
    if (facts.cost !== undefined) cost = (cost ?? 0) + facts.cost;
    first ??= facts.at;
    last = facts.at ?? last;
  }

  function messageOf(id: string, said: Said, facts: RecordFacts): Message {
    const by = said.role === 'assistant' ? optional('model', facts.model) : {};
    return { id, role: said.role, content: said.content, ...optional('timestamp', facts.at), ...by } as Message;
  }

  return {
    touches,
    usage,
    add(recordId, said, facts, cwd) {
      takeFacts(facts, recordId);
      for (const [index, one] of said.entries()) {
        const id = index === 0 ? recordId : `${recordId}.${index}`;
        history.append(messageOf(id, one, facts));
        if (one.prompt !== undefined) {
          tally.prompts += 1;
          firstPrompt ??= one.prompt.trim() === '' ? undefined : one.prompt;
        }
        if (one.role === 'assistant') tally.assistantMessages += 1;
        for (const call of one.calls ?? []) {
          tally.toolCalls += 1;
          calls.set(call.id, { ...call, messageId: id });
        }
        for (const result of one.results ?? []) {
          const call = calls.get(result.callId);
          if (call === undefined) continue;
          calls.delete(result.callId);
          const done = touchesOf(call, result, { messageId: call.messageId, cwd, at: facts.at }, touches);
          tally.reads += done.reads;
          tally.fullReads += done.fullReads;
          tally.edits += done.edits;
        }
      }
    },
    attach(files, at) {
      const messageId = history.last()?.id;
      if (messageId === undefined) return;
      for (const { path, text } of files)
        touches.add({ path, op: 'read', full: true, text, messageId, ...optional('at', at) });
    },
    replaceLast(said, facts) {
      const before = history.last();
      takeFacts(facts, before?.id ?? '');
      if (before !== undefined) history.replaceLast(messageOf(before.id, said, facts));
    },
    get model() {
      return model;
    },
    get provider() {
      return provider;
    },
    get cost() {
      return cost;
    },
    get firstPrompt() {
      return firstPrompt;
    },
    get first() {
      return first;
    },
    get last() {
      return last;
    },
    get turns() {
      return tally.prompts;
    },
    takeEvents: () => history.takeEvents(),
    messages: () => history.messages(),
    counts: () => ({ ...tally, models: [...models].sort(), ...usage.totals() }),
  };
}
