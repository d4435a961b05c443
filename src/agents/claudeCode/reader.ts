import type { Message, Problem, SessionEvent } from '../../core/index.ts';
import type { ReaderOptions, TranscriptReader } from '../agent.ts';
import { parseLine } from '../parseLine.ts';
import { count, type JsonObject, list, object, optional, string, time, words } from '../shape.ts';
import { createTouchLog } from '../touchLog.ts';
import { createUsageLog } from '../usage.ts';
import { createBranch, type Entry, type Node } from './branch.ts';
import { assistantParts, type LineContent, typedText, userContent } from './content.ts';
import { createFactLog } from './factLog.ts';
import { attachmentTouch, type Call, touchKind, touchOf } from './touches.ts';

type At = Parameters<TranscriptReader['push']>[1];

/** Lines that hang in the tree; all others are metadata. */
const CHAIN = new Set(['user', 'assistant', 'system', 'attachment', 'progress']);

/**
 * Reads a Claude Code transcript: a tree of lines (FORMATS 1). The conversation is the branch of the newest leaf.
 * It is kept across a compaction: the summary becomes a message of its own, behind what it sums up.
 */
export function claudeCodeReader(options: ReaderOptions): TranscriptReader {
  const problems: Problem[] = [];
  const branch = createBranch();
  const nodes = new Map<string, Node>();
  /** By the id of the API message: one message comes in several lines. */
  const assistants = new Map<string, Entry>();
  const calls = new Map<string, Call & { readonly side: boolean }>();
  const callIds = new Set<string>();
  const models = new Set<string>();
  const usage = createUsageLog();
  const touches = createTouchLog(options.base?.touches);
  const log = createFactLog(options.transcript);
  const tally = { prompts: 0, turns: 0, reads: 0, fullReads: 0, edits: 0 };
  const base = options.base?.messages ?? [];
  const lastBase = base.at(-1)?.id ?? null;
  let baseTold = false;
  let previousMain: Node | undefined;
  let previousSide: Node | undefined;
  let unlinked = false;
  let order = 0;

  function push(text: string, at: At): void {
    const line = parseLine(text, at.number, problems);
    if (line === undefined) return;
    const type = string(line['type']);
    if (type === undefined) problems.push({ code: 'bad-shape', line: at.number, detail: 'type' });
    else if (CHAIN.has(type)) chainLine(type, line, at);
    else log.metadata(type, line);
  }

  function chainLine(type: string, line: JsonObject, at: At): void {
    log.common(line);
    const side = line['isSidechain'] === true;
    const message = object(line['message']);
    if (message === undefined && (type === 'user' || type === 'assistant')) {
      problems.push({ code: 'bad-shape', line: at.number, detail: 'message' });
      return;
    }
    const content = type === 'user' ? userContent(line) : undefined;
    if (content !== undefined) countPrompt(content, side);
    if (type === 'assistant' && message !== undefined) countAnswer(line, message, at);

    const id = string(line['uuid']) ?? `L${at.number}`;
    if (nodes.has(id)) problems.push({ code: 'duplicate-id', line: at.number, detail: id });
    else {
      let entry: Entry | undefined;
      if (content !== undefined) entry = userEntry(id, line, content, at);
      else if (type === 'assistant' && message !== undefined) entry = assistantEntry(id, line, message, at);
      const node: Node = { parent: parentOf(type, line, side, at), entry, side, at: time(line['timestamp']) ?? '' };
      nodes.set(id, node);
      if (side) previousSide = node;
      else previousMain = node;
      branch.add(node);
    }
    if (message !== undefined && type === 'assistant') noteCalls(line, message, id, side);
    if (content !== undefined && content.results.length > 0) takeResults(line, message);
    if (type === 'attachment' && !side) takeAttachment(line);
  }

  /**
   * The line before this one in the tree. Where a file does not tell, or names a line that it does not hold, the order
   * of the file decides, so that nothing of the conversation is cut off.
   */
  function parentOf(type: string, line: JsonObject, side: boolean, at: At): Node | undefined {
    const before = side ? previousSide : previousMain;
    const named = string(line['parentUuid']);
    if (named !== undefined) {
      const parent = nodes.get(named);
      if (parent === undefined && !(base.length > 0 && before === undefined)) {
        problems.push({ code: 'missing-reference', line: at.number, detail: named });
      }
      return parent ?? before;
    }
    if (line['subtype'] === 'compact_boundary') {
      return nodes.get(string(line['logicalParentUuid']) ?? '') ?? before;
    }
    // An answer always answers something: a file in which one has no parent has no links at all.
    if (type === 'assistant' && !side && before !== undefined) unlinked = true;
    if (line['parentUuid'] === undefined || (unlinked && !side)) return before;
    return undefined;
  }

  function countPrompt(content: LineContent, side: boolean): void {
    if (!content.isUserText) return;
    tally.prompts += 1;
    const text =
      typeof content.content === 'string'
        ? content.content
        : content.content.map((part) => (part.type === 'text' ? string(part['text']) : '')).join('\n');
    if (content.role !== 'user') log.command(text);
    else if (side) log.task(typedText(text));
    else {
      tally.turns += 1;
      log.prompt(typedText(text));
    }
  }

  function countAnswer(line: JsonObject, message: JsonObject, at: At): void {
    const model = words(message['model']);
    if (model !== undefined) models.add(model);
    if (model !== undefined && model !== '<synthetic>') log.model(model);
    const used = object(message['usage']) ?? {};
    usage.set(string(message['id']) ?? string(line['uuid']) ?? `L${at.number}`, model ?? 'unknown', {
      input: count(used['input_tokens']),
      output: count(used['output_tokens']),
      cache_read: count(used['cache_read_input_tokens']),
      cache_write: count(used['cache_creation_input_tokens']),
    });
  }

  function userEntry(id: string, line: JsonObject, content: LineContent, at: At): Entry {
    const message = {
      id,
      role: content.role,
      content: content.content,
      raw: { from: at.from, to: at.to },
      ...optional('timestamp', time(line['timestamp'])),
    } as Message;
    order += 1;
    return { message, order, calls: [], results: content.results, position: -1 };
  }

  function assistantEntry(id: string, line: JsonObject, message: JsonObject, at: At): Entry {
    const key = string(message['id']) ?? id;
    const parts = assistantParts(message);
    const raw = { from: at.from, to: at.to };
    const calls = parts.flatMap((part) => (part.type === 'tool_call' ? [string(part['id']) ?? ''] : []));
    const open = assistants.get(key);
    if (open !== undefined) {
      open.message = { ...open.message, content: [...open.message.content, ...parts] as Message['content'], raw };
      open.calls.push(...calls);
      branch.changed(open);
      return open;
    }
    order += 1;
    const made = {
      id,
      role: 'assistant',
      content: parts,
      raw,
      ...optional('timestamp', time(line['timestamp'])),
      ...optional('model', words(message['model'])),
    } as Message;
    const entry: Entry = { message: made, order, calls, results: [], position: -1 };
    assistants.set(key, entry);
    return entry;
  }

  function noteCalls(line: JsonObject, message: JsonObject, lineId: string, side: boolean): void {
    const id = assistants.get(string(message['id']) ?? lineId)?.message.id ?? lineId;
    for (const value of list(message['content'])) {
      const block = object(value);
      if (block?.['type'] !== 'tool_use') continue;
      const callId = string(block['id']) ?? '';
      callIds.add(callId);
      calls.set(callId, {
        name: string(block['name']) ?? '',
        input: object(block['input']) ?? {},
        cwd: string(line['cwd']) ?? log.cwd(),
        // A sub-agent's edit belongs to the message of the conversation that is current.
        messageId: side ? (branch.leaf()?.entry?.message.id ?? id) : id,
        side,
      });
    }
  }

  function takeResults(line: JsonObject, message: JsonObject | undefined): void {
    for (const value of list(message?.['content'])) {
      const block = object(value);
      const id = block?.['type'] === 'tool_result' ? (string(block['tool_use_id']) ?? '') : undefined;
      const call = id === undefined ? undefined : calls.get(id);
      if (block === undefined || id === undefined || call === undefined) continue;
      calls.delete(id);
      const result = { block, detail: object(line['toolUseResult']), at: time(line['timestamp']) };
      const kind = block['is_error'] === true ? undefined : touchKind(call, result);
      if (kind === undefined) continue;
      if (kind === 'edit') tally.edits += 1;
      else tally.reads += 1;
      if (kind === 'full-read') tally.fullReads += 1;
      // What a sub-agent read, the conversation has not seen; what it wrote is no foreign change.
      if (call.side && kind !== 'edit') continue;
      const touch = touchOf(call, result, kind, touches);
      if (touch !== undefined) touches.add(touch);
    }
  }

  function takeAttachment(line: JsonObject): void {
    const attachment = object(line['attachment']);
    const messageId = branch.leaf()?.entry?.message.id;
    if (attachment === undefined || messageId === undefined) return;
    const touch = attachmentTouch(attachment, messageId, time(line['timestamp']));
    if (touch !== undefined) touches.add(touch);
  }

  /** The base is told once, before anything else, and never taken back. */
  function takeEvents(): readonly SessionEvent[] {
    const events = branch.takeEvents();
    const own = events.map((event) =>
      event.type === 'rewind' && event.after === null ? { ...event, after: lastBase } : event,
    );
    if (baseTold) return own;
    baseTold = true;
    return [...base.map((message): SessionEvent => ({ type: 'message', message })), ...own];
  }

  return {
    push,
    takeEvents,
    takeTouches: () => touches.take(),
    messages: () => [...base, ...branch.messages()],
    facts: () => log.facts(usage, tally.turns),
    counts: () => ({
      prompts: tally.prompts,
      assistantMessages: usage.size(),
      toolCalls: callIds.size,
      reads: tally.reads,
      fullReads: tally.fullReads,
      edits: tally.edits,
      models: [...models].sort(),
      versions: log.versions(),
      ...usage.totals(),
    }),
    problems: () => problems,
  };
}
