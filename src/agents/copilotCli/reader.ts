import type { Message, Problem } from '../../core/index.ts';
import type { Part, ReaderOptions, RecordPlace, TranscriptReader } from '../agent.ts';
import { createMessageLog } from '../messageLog.ts';
import { parseLine } from '../parseLine.ts';
import { type JsonObject, objects, optional, string, words } from '../shape.ts';
import { createTouchLog } from '../touchLog.ts';
import { createUsageLog } from '../usage.ts';
import { messageOf, outputOf } from './content.ts';
import { type CopilotEvent, eventOf, isOfSubAgent } from './events.ts';
import { createFactLog } from './factLog.ts';
import { REWIND, WORKSPACE } from './places.ts';
import { readRewindIndex } from './rewindIndex.ts';
import { type Call, touchFiles, writesOnly } from './touches.ts';

/**
 * Reads the events of a session of the GitHub Copilot CLI (FORMATS 4B), 0.0.3xx to 1.0.102: an event is a message, a
 * result, or a fact. The conversation is kept across a compaction: the summary becomes a message of its own.
 */
export function copilotCliReader(options: ReaderOptions): TranscriptReader {
  const problems: Problem[] = [];
  const history = createMessageLog([]);
  const touches = createTouchLog();
  const usage = createUsageLog();
  const log = createFactLog(options.transcript, options.beside?.get(WORKSPACE), usage);
  const rewind = readRewindIndex(options.beside?.get(REWIND));
  const calls = new Map<string, Call>();
  const called = new Set<string>();
  const places = new Map<string, number>();
  /** How many messages stood before each event. */
  const others = new Map<string, number>();
  const tally = { prompts: 0, turns: 0, assistantMessages: 0, reads: 0, fullReads: 0, edits: 0 };
  let copies = 1;
  let prompt: string | undefined;
  let reasoning: string | undefined;
  /** The index beside the events is as old as this reader: it tells nothing of what is read later. */
  let later = false;

  function push(text: string, at: RecordPlace): void {
    const line = parseLine(text, at.number, problems);
    const event = line === undefined ? undefined : eventOf(line);
    if (event === undefined) return;
    log.add(event);
    const id = event.id ?? `L${at.number}`;
    if (!others.has(id)) others.set(id, history.length);
    switch (event.type) {
      case 'user.message':
        userMessage(event, id, at);
        return;
      case 'assistant.reasoning':
        reasoning = words(event.data['content']) ?? reasoning;
        return;
      case 'assistant.message':
        assistantMessage(event, id, at);
        return;
      case 'tool.execution_start':
        started(event, id);
        return;
      case 'tool.execution_complete':
        completed(event, id, at);
        return;
      case 'session.compaction_complete': {
        const summary = words(event.data['summaryContent']);
        if (summary !== undefined) append({ id, role: 'summary', content: summary }, event, at);
        return;
      }
      case 'session.snapshot_rewind':
        rewound(string(event.data['upToEventId']) ?? '', at);
        return;
    }
  }

  function append(message: Message, event: CopilotEvent, at: RecordPlace): void {
    const unique = uniqueId(message.id, at);
    places.set(unique, history.length);
    const raw = { from: at.from, to: at.to };
    history.append({ ...message, id: unique, raw, ...optional('timestamp', event.timestamp) });
  }

  function uniqueId(id: string, at: RecordPlace): string {
    if (!places.has(id)) return id;
    problems.push({ code: 'duplicate-id', line: at.number, detail: id });
    let unique: string;
    do {
      copies += 1;
      unique = `${id}-${copies}`;
    } while (places.has(unique));
    return unique;
  }

  function userMessage(event: CopilotEvent, id: string, at: RecordPlace): void {
    tally.prompts += 1;
    prompt = id;
    const message = messageOf(event, id);
    if (message === undefined) return;
    if (message.role === 'user') {
      tally.turns += 1;
      log.prompt(string(event.data['content']) ?? '');
    }
    append(message, event, at);
  }

  function assistantMessage(event: CopilotEvent, id: string, at: RecordPlace): void {
    tally.assistantMessages += 1;
    const thought = reasoning;
    reasoning = undefined;
    const message = messageOf(event, id, thought);
    const subAgent = isOfSubAgent(event);
    const requests = objects(event.data['toolRequests']);
    for (const [index, request] of requests.entries()) {
      const callId = string(request['toolCallId']) ?? `${id}-${index}`;
      called.add(callId);
      const name = string(request['name']) ?? '';
      // What a sub-agent does belongs to the message of the conversation that is current.
      const messageId = subAgent ? (history.last()?.id ?? id) : id;
      calls.set(callId, { name, input: inputOf(message, callId, request), cwd: log.cwd(), messageId });
    }
    if (message === undefined || subAgent) return;
    append({ ...message, ...optional('model', string(event.data['model']) ?? log.model()) }, event, at);
  }

  function started({ data }: CopilotEvent, id: string): void {
    const callId = string(data['toolCallId']);
    if (callId === undefined) return;
    const call = calls.get(callId) ?? { name: string(data['toolName']) ?? '', cwd: log.cwd(), messageId: id };
    // The arguments as they were run; some requests have them as a text.
    const input = data['arguments'] ?? calls.get(callId)?.input;
    calls.set(callId, { ...call, input });
  }

  function completed(event: CopilotEvent, id: string, at: RecordPlace): void {
    const callId = string(event.data['toolCallId']) ?? '';
    const call = calls.get(callId);
    const message = messageOf(event, id);
    if (message !== undefined && !isOfSubAgent(event)) {
      if (!called.has(callId)) problems.push({ code: 'orphan-result', line: at.number, detail: callId });
      append(message, event, at);
    }
    calls.delete(callId);
    // One that no answer asked for, but that was run.
    if (call !== undefined) called.add(callId);
    if (call === undefined || event.data['success'] !== true) return;
    const done = touchFiles(
      call,
      {
        data: event.data,
        output: outputOf(event.data),
        at: event.timestamp,
        sha256: (path) => (later || prompt === undefined ? undefined : rewind.after(prompt, path)),
      },
      // What a sub-agent read, the conversation has not seen; what it wrote is no foreign change.
      isOfSubAgent(event) ? writesOnly(touches) : touches,
    );
    tally.reads += done.reads;
    tally.fullReads += done.fullReads;
    tally.edits += done.edits;
  }

  /** The event named and everything after it is taken back. */
  function rewound(eventId: string, at: RecordPlace): void {
    const place = places.get(eventId) ?? others.get(eventId);
    if (place === undefined) {
      problems.push({ code: 'missing-reference', line: at.number, detail: eventId });
      return;
    }
    history.truncate(place);
    for (const [id, index] of places) if (index >= place) places.delete(id);
    for (const [id, index] of others) if (index > place) others.delete(id);
  }

  return {
    push,
    takeEvents: () => history.takeEvents(),
    takeTouches() {
      later = true;
      return touches.take();
    },
    messages: () => history.messages(),
    facts: () => log.facts(tally),
    counts: () => ({
      prompts: tally.prompts,
      assistantMessages: tally.assistantMessages,
      toolCalls: called.size,
      reads: tally.reads,
      fullReads: tally.fullReads,
      edits: tally.edits,
      models: log.models(),
      versions: log.versions(),
      ...usage.totals(),
    }),
    problems: () => [...problems],
  };
}

function inputOf(message: Message | undefined, callId: string, request: JsonObject): unknown {
  const parts: readonly Part[] = message === undefined || typeof message.content === 'string' ? [] : message.content;
  const part = parts.find((one) => one.type === 'tool_call' && one['id'] === callId);
  return part?.['input'] ?? request['arguments'];
}
