import type { Problem } from '../../core/index.ts';
import type { ReaderOptions, RecordPlace, TranscriptReader } from '../agent.ts';
import { parseLine } from '../parseLine.ts';
import { count, type JsonObject, list, object, string } from '../shape.ts';
import { createUsageLog } from '../usage.ts';
import { type Conversation, createConversation } from './conversation.ts';
import { createFactLog } from './facts.ts';
import { isDone, modelOf, pieceOf } from './pieces.ts';
import { inDatabase } from './places.ts';
import { createKnownFiles, touchesOf } from './touches.ts';

export interface OpencodeReader extends TranscriptReader {
  /** The messages that are visible, as opencode has them. */
  entries(): ReturnType<Conversation['entries']>;
}

/**
 * Reads a session of opencode (FORMATS 5): its rows (`session`, `message`, `part`), an export (`info`, `messages`), or what
 * its event bus told (elements of an array). An answer is a message, and what its calls returned another behind it.
 */
export function opencodeReader({ transcript }: ReaderOptions): OpencodeReader {
  const problems: Problem[] = [];
  const conversation = createConversation();
  const log = createFactLog(transcript);
  const usage = createUsageLog();
  const touches = createKnownFiles();
  const seen = {
    prompts: new Set<string>(),
    answers: new Set<string>(),
    calls: new Set<string>(),
    done: new Set<string>(),
  };
  const own = { prompts: new Set<string>(), answers: new Set<string>() };
  const tally = { reads: 0, fullReads: 0, edits: 0 };
  /** Where the calls of a message ran. */
  const folders = new Map<string, string>();
  let mainId = inDatabase(transcript)?.id;

  function push(text: string, at: RecordPlace): void {
    if (isField(at.key) && !text.startsWith('{')) return;
    const record = parseLine(text, at.number, problems);
    if (record === undefined) return;
    switch (at.key) {
      case 'info':
      case 'session':
        session(record, true);
        return;
      case 'message':
        message(record, at);
        return;
      case 'part':
        part(record, at);
        return;
      case 'left':
        left(record);
        return;
      case 'messages': {
        const info = object(record['info']);
        if (info === undefined) problems.push({ code: 'bad-shape', line: at.number, detail: 'info' });
        else if (!message(info, at)) return;
        for (const one of list(record['parts'])) {
          const found = object(one);
          if (found === undefined) problems.push({ code: 'bad-shape', line: at.number, detail: 'parts' });
          else part({ ...found, messageID: string(found['messageID']) ?? info?.['id'] }, at);
        }
        return;
      }
      case '':
        event(string(record['type']) ?? '', object(record['properties']) ?? {}, at);
        return;
    }
  }

  function event(type: string, properties: JsonObject, at: RecordPlace): void {
    const told = object(properties['info']) ?? object(properties['part']);
    switch (type) {
      case 'session.created':
      case 'session.updated':
        if (told !== undefined) session(told, false);
        return;
      case 'message.updated':
        if (told !== undefined) message(told, at);
        return;
      case 'message.part.updated':
        if (told !== undefined) part(told, at);
        return;
      case 'message.removed':
        conversation.removeMessages((id) => id === properties['messageID']);
        return;
      case 'message.part.removed':
        conversation.removeParts(string(properties['messageID']) ?? '', (id) => id === properties['partID']);
        return;
    }
  }

  function session(info: JsonObject, isOwn: boolean): void {
    const id = string(info['id']);
    if (!isOwn && id !== undefined && mainId === undefined && string(info['parentID']) === undefined) mainId = id;
    if (!isOwn && id !== mainId) return;
    mainId ??= id;
    log.session(info);
    conversation.revert(object(info['revert']));
  }

  function message(info: JsonObject, at: RecordPlace): boolean {
    const id = string(info['id']);
    const role = info['role'];
    if (id === undefined || (role !== 'user' && role !== 'assistant')) {
      problems.push({ code: 'bad-shape', line: at.number, detail: id === undefined ? 'id' : 'role' });
      return false;
    }
    const isOwn = belongs(info);
    if (role === 'user') seen.prompts.add(id);
    else {
      seen.answers.add(id);
      tokens(id, info);
    }
    log.model(info);
    const cwd = string(object(info['path'])?.['cwd']);
    if (cwd !== undefined) folders.set(id, cwd);
    if (!isOwn) return true;
    own[role === 'user' ? 'prompts' : 'answers'].add(id);
    log.message(info);
    conversation.message(slim(info));
    return true;
  }

  /** Sub-agents are sessions of their own; the bus tells all of them. */
  function belongs(told: JsonObject): boolean {
    const id = string(told['sessionID']);
    if (id === undefined) return true;
    mainId ??= id;
    return id === mainId;
  }

  function tokens(id: string, info: JsonObject): void {
    const told = object(info['tokens']);
    if (told === undefined) return;
    const cache = object(told['cache']);
    usage.set(id, modelOf(info) ?? 'unknown', {
      input: count(told['input']),
      output: count(told['output']) + count(told['reasoning']),
      cache_read: count(cache?.['read']),
      cache_write: count(cache?.['write']),
    });
  }

  function part(told: JsonObject, at: RecordPlace): void {
    const id = string(told['id']);
    const messageId = string(told['messageID']);
    if (id === undefined || messageId === undefined) {
      problems.push({ code: 'bad-shape', line: at.number, detail: id === undefined ? 'part id' : 'messageID' });
      return;
    }
    const isOwn = belongs(told);
    if (told['type'] === 'tool') call(id, messageId, told, isOwn);
    if (!isOwn) return;
    const piece = pieceOf(id, told);
    if (told['type'] === 'text' && told['synthetic'] !== true && own.prompts.has(messageId)) {
      log.prompt(string(told['text']) ?? '');
    }
    conversation.part(messageId, piece);
  }

  function call(id: string, messageId: string, told: JsonObject, isOwn: boolean): void {
    seen.calls.add(id);
    if (!isDone(object(told['state'])) || seen.done.has(id)) return;
    seen.done.add(id);
    // What a sub-agent did, the conversation has not seen.
    const done = touchesOf(told, messageId, folders.get(messageId) ?? log.cwd(), isOwn ? touches : createKnownFiles());
    tally.reads += done.reads;
    tally.fullReads += done.fullReads;
    tally.edits += done.edits;
  }

  /** After a revert that was made good: what is not there any more is gone. */
  function left(record: JsonObject): void {
    const messages = new Set(list(record['messages']));
    const parts = new Set(list(record['parts']));
    conversation.removeMessages((id) => !messages.has(id));
    conversation.removeParts(string(record['of']) ?? '', (id) => !parts.has(id));
  }

  return {
    push,
    takeEvents: () => conversation.takeEvents(),
    takeTouches: () => touches.take(),
    messages: () => conversation.messages(),
    entries: () => conversation.entries(),
    facts: () => log.facts(usage, { turns: own.prompts.size, assistantMessages: own.answers.size }),
    counts: () => ({
      prompts: seen.prompts.size,
      assistantMessages: seen.answers.size,
      toolCalls: seen.calls.size,
      ...tally,
      models: log.models(),
      versions: log.versions(),
      ...usage.totals(),
    }),
    problems: () => problems,
  };
}

/** Other fields of an export are of no interest, whatever they are. */
function isField(key: string | undefined): boolean {
  return key !== undefined && !['info', 'session', 'message', 'part', 'left', 'messages', ''].includes(key);
}

/** Without the patches that opencode keeps with a prompt, and the prompt of the system. */
function slim(info: JsonObject): JsonObject {
  const { system, tools, summary, ...kept } = info;
  return summary === true ? { ...kept, summary } : kept;
}
