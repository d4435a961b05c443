import type { Message, Problem } from '../../core/index.ts';
import type { Part, ReaderOptions, TranscriptReader } from '../agent.ts';
import { createMessageLog } from '../messageLog.ts';
import { parseLine } from '../parseLine.ts';
import { count, type JsonObject, list, object, optional, string, time, words } from '../shape.ts';
import { createTouchLog } from '../touchLog.ts';
import { createUsageLog } from '../usage.ts';
import { createFactLog } from './factLog.ts';
import { type Item, readItem } from './items.ts';
import { createTokenCounter } from './tokenCounter.ts';
import { type Call, touchesOf } from './touches.ts';

type At = Parameters<TranscriptReader['push']>[1];

/**
 * Reads a Codex rollout (FORMATS 2), from the bare items of 0.2x to the paginated threads of 0.16x. The response items
 * are the conversation; events only tell usage, rollbacks and file changes. It is kept across a compaction: the
 * summary becomes a message of its own.
 */
export function codexReader(options: ReaderOptions): TranscriptReader {
  const problems: Problem[] = [];
  const base = options.base;
  const history = createMessageLog(base?.messages ?? []);
  const touches = createTouchLog(base?.touches);
  const usage = createUsageLog();
  const tokens = createTokenCounter(usage);
  const log = createFactLog(options.transcript);
  const calls = new Map<string, Call>();
  const tally = { prompts: 0, turns: 0, assistantMessages: 0, toolCalls: 0, reads: 0, fullReads: 0, edits: 0 };
  let index = (base?.messages ?? []).reduce(
    (next, one) => Math.max(next, Number(/^m(\d+)$/.exec(one.id)?.[1] ?? -1) + 1),
    0,
  );
  /** A prompt that only an event told so far. */
  let announced: { readonly text: string; readonly at: At; readonly timestamp: string | undefined } | undefined;

  function push(text: string, at: At): void {
    const line = parseLine(text, at.number, problems);
    if (line === undefined) return;
    const timestamp = time(line['timestamp']);
    const payload = object(line['payload']);
    if (payload === undefined) bareLine(line, at);
    else {
      log.at(timestamp);
      framedLine(string(line['type']) ?? '', payload, timestamp, at);
    }
  }

  /** The oldest format: items without a frame, and a first line without a type. */
  function bareLine(line: JsonObject, at: At): void {
    if (line['record_type'] !== undefined) return;
    if (line['type'] === undefined && string(line['id']) !== undefined && line['role'] === undefined)
      log.sessionMeta(line);
    else responseItem(line, time(line['timestamp']), at);
  }

  function framedLine(type: string, payload: JsonObject, timestamp: string | undefined, at: At): void {
    switch (type) {
      case 'session_meta':
        sessionMeta(payload, at);
        return;
      case 'turn_context':
        log.turnContext(payload);
        return;
      case 'response_item':
        responseItem(payload, timestamp, at);
        return;
      case 'event_msg':
        event(payload, timestamp, at);
        return;
      case 'compacted':
        append('summary', string(payload['message']) ?? '', timestamp, at);
        return;
    }
  }

  function sessionMeta(payload: JsonObject, at: At): void {
    log.sessionMeta(payload);
    const parent = object(payload['history_base']);
    if (parent === undefined || base !== undefined) return;
    problems.push({ code: 'missing-reference', line: at.number, ...optional('detail', string(parent['thread_id'])) });
  }

  function responseItem(payload: JsonObject, timestamp: string | undefined, at: At): void {
    const item = readItem(payload);
    if (item === undefined) return;
    switch (item.kind) {
      case 'message':
        message(item, timestamp, at);
        return;
      case 'reasoning':
        answer(item.part, timestamp, at);
        return;
      case 'call': {
        if (item.counts) tally.toolCalls += 1;
        const messageId = answer(item.part, timestamp, at);
        calls.set(item.id, { name: item.name, input: item.input, cwd: log.cwd(), messageId });
        return;
      }
      case 'output':
        output(item, timestamp, at);
        return;
    }
  }

  function message(item: Item & { kind: 'message' }, timestamp: string | undefined, at: At): void {
    if (item.typed && item.isUserText) tally.prompts += 1;
    if (item.role === 'assistant') {
      if (item.typed) tally.assistantMessages += 1;
      for (const part of item.parts) answer(part, timestamp, at);
      return;
    }
    if (item.role === 'user') {
      announced = undefined;
      tally.turns += 1;
      log.prompt(item.text);
    } else log.environment(item.text);
    const [only] = item.parts;
    const content = item.parts.length === 1 && only?.type === 'text' ? item.text : item.parts;
    append(item.role, content, timestamp, at);
  }

  function append(
    role: Message['role'],
    content: string | readonly Part[],
    timestamp: string | undefined,
    at: At,
  ): string {
    const id = `m${index}`;
    index += 1;
    const model = role === 'assistant' ? optional('model', log.model()) : {};
    const raw = { from: at.from, to: at.to };
    history.append({ id, role, content, raw, ...optional('timestamp', timestamp), ...model } as Message);
    return id;
  }

  /** Reasoning, text and calls of one answer are one message; what comes after a text or a call begins a new one. */
  function answer(part: Part, timestamp: string | undefined, at: At): string {
    takeAnnounced();
    const last = history.last();
    const open = last?.role === 'assistant' && typeof last.content !== 'string' ? last.content : undefined;
    const continues =
      open !== undefined && (part.type === 'tool_call' || open.every((before) => before.type === 'reasoning'));
    if (last === undefined || open === undefined || !continues || base?.messages.at(-1) === last) {
      return append('assistant', [part], timestamp, at);
    }
    history.replaceLast({ ...last, content: [...open, part], raw: { from: at.from, to: at.to } });
    return last.id;
  }

  function output(item: Item & { kind: 'output' }, timestamp: string | undefined, at: At): void {
    append('tool', item.parts, timestamp, at);
    const call = calls.get(item.id);
    if (call === undefined) return;
    calls.delete(item.id);
    const done = touchesOf(call, { text: item.text, exitCode: item.exitCode, at: timestamp }, touches);
    tally.reads += done.reads;
    tally.fullReads += done.fullReads;
    tally.edits += done.edits;
  }

  function event(payload: JsonObject, timestamp: string | undefined, at: At): void {
    switch (payload['type']) {
      case 'user_message':
        announce(string(payload['message']) ?? '', timestamp, at);
        return;
      case 'token_count':
        tokens.add(object(object(payload['info'])?.['total_token_usage']), log.model());
        return;
      case 'thread_name_updated':
        log.name(words(payload['thread_name']) ?? words(payload['name']));
        return;
      case 'thread_settings_applied':
        log.turnContext({ ...object(payload['thread_settings']), model: undefined });
        return;
      case 'thread_rolled_back':
        rollBack(count(payload['num_turns']));
        return;
      case 'item_completed':
        itemCompleted(object(payload['item']) ?? {}, timestamp);
        return;
      case 'exec_command_end':
        commandDone(string(payload['call_id']) ?? '', payload);
        return;
      case 'patch_apply_end':
        if (payload['success'] !== false)
          filesChanged(string(payload['call_id']) ?? '', object(payload['changes']), timestamp);
        return;
    }
  }

  function announce(text: string, timestamp: string | undefined, at: At): void {
    const last = history.last();
    const shown = last?.role === 'user' && last !== base?.messages.at(-1);
    if (!shown && words(text) !== undefined) announced = { text, timestamp, at };
  }

  /** A writer that records prompts only as events. */
  function takeAnnounced(): void {
    if (announced === undefined) return;
    const { text, timestamp, at } = announced;
    announced = undefined;
    tally.turns += 1;
    log.prompt(text);
    append('user', text, timestamp, at);
  }

  function rollBack(turns: number): void {
    announced = undefined;
    let left = turns;
    const messages = history.messages();
    for (let at = messages.length - 1; at >= 0 && left > 0; at -= 1) {
      if (messages[at]?.role !== 'user') continue;
      left -= 1;
      if (left === 0) history.truncate(at);
    }
    // More turns than the file holds: nothing of it is left.
    if (left > 0 && turns > 0) history.truncate(0);
  }

  function itemCompleted(item: JsonObject, timestamp: string | undefined): void {
    const id = string(item['id']) ?? '';
    if (item['type'] === 'CommandExecution') commandDone(id, item);
    if (item['type'] === 'FileChange' && item['status'] === 'completed')
      filesChanged(id, object(item['changes']), timestamp);
  }

  function commandDone(id: string, detail: JsonObject): void {
    const call = calls.get(id);
    if (call !== undefined) call.commands = list(detail['parsed_cmd']).map((one) => object(one) ?? {});
  }

  function filesChanged(id: string, changes: JsonObject | undefined, timestamp: string | undefined): void {
    if (changes === undefined) return;
    const call = calls.get(id);
    if (call !== undefined) call.changes = changes;
    else {
      // A change inside a script tool has an id of its own and no output; it is no call that counts.
      const inner: Call = { name: '', input: undefined, cwd: log.cwd(), messageId: history.last()?.id ?? '', changes };
      touchesOf(inner, { text: '', exitCode: 0, at: timestamp }, touches);
    }
  }

  return {
    push,
    takeEvents: () => history.takeEvents(),
    takeTouches: () => touches.take(),
    messages: () => history.messages(),
    facts: () => log.facts(usage, tally),
    counts: () => ({
      prompts: tally.prompts,
      assistantMessages: tally.assistantMessages,
      toolCalls: tally.toolCalls,
      reads: tally.reads,
      fullReads: tally.fullReads,
      edits: tally.edits,
      models: log.models(),
      versions: log.versions(),
      ...usage.totals(),
    }),
    problems: () => problems,
  };
}
