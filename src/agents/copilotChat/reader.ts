import type { Problem, SessionEvent } from '../../core/index.ts';
import type { ReaderOptions, TranscriptReader } from '../agent.ts';
import { parseLine, parseValue } from '../parseLine.ts';
import { type JsonObject, object } from '../shape.ts';
import { createTouchLog } from '../touchLog.ts';
import { createUsageLog } from '../usage.ts';
import { createChatLog } from './chatLog.ts';
import { createFactLog } from './factLog.ts';
import { chatId, workspaceFolder } from './places.ts';
import { type Changed, createReplay } from './replay.ts';
import { type ChatRequest, readRequest } from './request.ts';
import { shownEdit, touchesOf } from './touches.ts';

/** Entries that wait at most: whoever asks then does not wait for all of a long log. */
const MAX_STALE = 256;

/** What a request was counted as. */
interface Counted {
  readonly prompts: number;
  readonly answers: number;
  readonly calls: number;
  /** Ids of its calls that had their results. */
  readonly done: Set<string>;
  /** Files that it wrote. */
  readonly written: Set<string>;
}

type At = Parameters<TranscriptReader['push']>[1];

/** Reads a chat of VS Code: a JSON document (`chatSessions/*.json`, *Export Chat*) by its records, or a mutation log by its lines. */
export function chatReader({ transcript, beside }: ReaderOptions): TranscriptReader {
  const problems: Problem[] = [];
  const touches = createTouchLog();
  const usage = createUsageLog();
  const chat = createChatLog();
  const replay = createReplay();
  const cwd = workspaceFolder(beside?.get('workspace.json') ?? '');
  const log = createFactLog(transcript, chatId(transcript), cwd);
  const tally = { prompts: 0, assistantMessages: 0, toolCalls: 0, reads: 0, fullReads: 0, edits: 0 };
  /** What each request was counted as, by id: it is read again as its answer grows. */
  const counted = new Map<string, Counted>();
  /** Requests whose raw form changed since they were read. */
  let stale: Changed[] = [];
  /** The first bad line of a log: what follows describes something that is not known. */
  let stopped = false;

  function push(record: string, at: At): void {
    if (at.key === undefined) takeLine(record, at);
    else if (at.key === 'requests') {
      const request = parseLine(record, at.number, problems);
      if (request !== undefined) takeRequest(chat.length, request);
    } else takeField(at.key, record, at);
  }

  function takeField(name: string, text: string, at: At): void {
    const value = parseValue(text, at.number, problems);
    if (value !== undefined) log.field(name, value);
  }

  function takeLine(text: string, at: At): void {
    const restarts = stopped && text.startsWith('{"kind":0');
    if (stopped && !restarts) return;
    if (text.trim() === '') return;
    const before = problems.length;
    const entry = parseLine(text, at.number, problems);
    const changed = entry === undefined ? undefined : replay.apply(entry);
    stopped = changed === undefined;
    if (changed === undefined) {
      if (problems.length === before) problems.push({ code: 'bad-shape', line: at.number, detail: 'does not apply' });
      return;
    }
    stale.push(changed);
    if (stale.length >= MAX_STALE) settle();
  }

  /** Reads anew what the log changed, once for many entries. */
  function settle(): void {
    if (stale.length === 0) return;
    const requests = replay.requests();
    let from = Number.POSITIVE_INFINITY;
    const single = new Set<number>();
    for (const changed of stale) {
      if (changed.to === Number.POSITIVE_INFINITY) from = Math.min(from, changed.from);
      else if (changed.from < changed.to) single.add(changed.from);
    }
    stale = [];
    for (const index of single) if (isOther(index)) from = Math.min(from, index);
    chat.begin(from);
    const indexes = [...single].filter((index) => index < from && index < requests.length).sort((a, b) => a - b);
    for (const index of indexes) takeRequest(index, object(requests[index]) ?? {});
    if (from <= requests.length) {
      for (let index = from; index < requests.length; index += 1) takeRequest(index, object(requests[index]) ?? {});
    }
    chat.cut(requests.length);
    for (const name of log.fields) log.field(name, replay.field(name));
  }

  function isOther(index: number): boolean {
    return chat.isOther(index, object(replay.requests()[index]) ?? {});
  }

  function takeRequest(index: number, raw: JsonObject): void {
    const id = chat.idFor(index, raw);
    const request = readRequest(raw, id);
    chat.put(index, request.messages);
    log.request(request, index);
    if (request.usage !== undefined) usage.set(id, request.model ?? 'unknown', request.usage);
    count(id, request);
    takeTouches(id, request);
  }

  function count(id: string, { prompt, answers, calls }: ChatRequest): void {
    const before = counted.get(id);
    const now: Counted = {
      prompts: prompt === undefined ? 0 : 1,
      answers,
      calls: new Set(calls.map((call) => call.id)).size,
      done: before?.done ?? new Set(),
      written: before?.written ?? new Set(),
    };
    counted.set(id, now);
    tally.prompts += now.prompts - (before?.prompts ?? 0);
    tally.assistantMessages += now.answers - (before?.answers ?? 0);
    tally.toolCalls += now.calls - (before?.calls ?? 0);
  }

  function takeTouches(id: string, request: ChatRequest): void {
    const { startedAt, endedAt } = request;
    const { done, written } = counted.get(id) as Counted;
    for (const call of request.calls) {
      if (call.output === undefined || done.has(call.id)) continue;
      done.add(call.id);
      const touched = touchesOf(call, { messageId: call.messageId, cwd, startedAt, endedAt, written }, touches);
      tally.reads += touched.reads;
      tally.fullReads += touched.fullReads;
      tally.edits += touched.edits;
    }
    const messageId = request.messages.at(-1)?.id;
    if (messageId === undefined) return;
    for (const path of request.editedFiles) shownEdit(path, { messageId, cwd, startedAt, endedAt, written }, touches);
  }

  return {
    push,
    takeEvents(): readonly SessionEvent[] {
      settle();
      return chat.takeEvents();
    },
    takeTouches() {
      settle();
      return touches.take();
    },
    messages() {
      settle();
      return chat.messages();
    },
    facts() {
      settle();
      return log.facts(usage, { turns: tally.prompts, assistantMessages: tally.assistantMessages });
    },
    counts() {
      settle();
      return {
        ...tally,
        models: log.models(),
        versions: [],
        ...usage.totals(),
      };
    },
    problems: () => problems,
  };
}
