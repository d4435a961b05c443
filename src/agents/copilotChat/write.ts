import { open } from 'node:fs/promises';
import { INTERRUPTED, type Message } from '../../core/index.ts';
import type { AgentHome, NativeForkOptions, NativeWriteOptions, NativeWritten } from '../agent.ts';
import { refuseInvalid } from '../checkWritten.ts';
import { readDocument } from '../document.ts';
import { readLines } from '../lines.ts';
import { type JsonObject, list, object, optional, parseObject } from '../shape.ts';
import { isUuid } from '../uuid.ts';
import { refuseTaken, writeTranscript } from '../writeTranscript.ts';
import { calledIds, exportedRequest, TOOL_RESULT, textPart, toolResult } from './exportedRequest.ts';
import { exportFile, layout, transcriptOf } from './places.ts';
import { createReplay } from './replay.ts';
import { readRequest } from './request.ts';
import { validate } from './validate.ts';

/**
 * Writes a chat as *Chat: Export Chat…* does, to be opened with *Chat: Import Chat…*. What was checked with the code of
 * VS Code 1.117: the command takes `{ inputPath }`, and asks for `requests` and `responderUsername`, older ones for
 * `requesterUsername`.
 */
export async function write(where: AgentHome, options: NativeWriteOptions): Promise<NativeWritten> {
  return writeExport(where, options.newId, writtenRequests(options));
}

/** The same from VS Code's own requests: copied as they are up to the last that counts as a whole, that one is cut. */
export async function fork(where: AgentHome, options: NativeForkOptions): Promise<NativeWritten> {
  return writeExport(where, options.newId, forkedRequests(options));
}

async function writeExport(where: AgentHome, id: string, requests: AsyncIterable<JsonObject>): Promise<NativeWritten> {
  if (!isUuid(id)) throw new Error('a new session id must be a UUID');
  refuseTaken(await transcriptOf(where, id));
  const transcript = exportFile(where, id);
  await writeTranscript(transcript, exportLines(requests), async (file) => refuseInvalid(await validate(file)));
  return { nativeId: id, transcript };
}

async function* exportLines(requests: AsyncIterable<JsonObject>): AsyncGenerator<string> {
  yield '{"requesterUsername":"","responderUsername":"GitHub Copilot","initialLocation":"panel","requests":[';
  let held: string | undefined;
  for await (const request of requests) {
    if (held !== undefined) yield `${held},`;
    held = JSON.stringify(request);
  }
  if (held !== undefined) yield held;
  yield ']}';
}

async function* writtenRequests({ history, newId, model }: NativeWriteOptions): AsyncGenerator<JsonObject> {
  let number = 0;
  let turn: Message[] = [];
  const done = (): JsonObject => {
    number += 1;
    return exportedRequest(turn, `request_${newId}_${number}`, model);
  };
  for (const message of history) {
    if (message.role === 'system') continue;
    if ((message.role === 'user' || message.role === 'summary') && turn.length > 0) {
      yield done();
      turn = [];
    }
    turn.push(message);
  }
  if (turn.length > 0) yield done();
}

async function* forkedRequests(options: NativeForkOptions): AsyncGenerator<JsonObject> {
  let left = options.messages ?? Number.POSITIVE_INFINITY;
  let number = 0;
  for await (const raw of rawRequests(options)) {
    if (left <= 0) return;
    number += 1;
    const id = `request_${options.newId}_${number}`;
    const { messages, model } = readRequest(raw, id);
    if (messages.length === 0) continue;
    // One that VS Code would not find whole is written anew from what it says.
    const whole = messages.length <= left && Array.isArray(raw['response']) && object(raw['message']) !== undefined;
    yield whole
      ? { ...withResults(raw), requestId: id }
      : { ...exportedRequest(messages.slice(0, left), id, model), ...asAsked(raw) };
    left -= messages.length;
  }
}

/** Every call of a request that was broken off gets a result, and what has lost its call goes. */
function withResults(raw: JsonObject): JsonObject {
  const result = object(raw['result']);
  const metadata = object(result?.['metadata']);
  const rounds = list(metadata?.['toolCallRounds']);
  if (result === undefined || metadata === undefined || rounds.length === 0) return raw;
  const given = object(metadata['toolCallResults']) ?? {};
  const ids = calledIds(rounds);
  const toolCallResults = Object.fromEntries(
    ids.map((id) => [id, revivable(Object.hasOwn(given, id) ? object(given[id]) : undefined)]),
  );
  return { ...raw, result: { ...result, metadata: { ...metadata, toolCallResults } } };
}

function revivable(result: JsonObject | undefined): JsonObject {
  if (result === undefined) return toolResult([textPart(INTERRUPTED)]);
  return result['$mid'] === TOOL_RESULT ? result : { ...result, $mid: TOOL_RESULT };
}

/** What was asked, with all that VS Code notes of it. */
function asAsked(raw: JsonObject): JsonObject {
  const message = object(raw['message']);
  const variableData = object(raw['variableData']);
  return Array.isArray(message?.['parts']) ? { message, ...optional('variableData', variableData) } : {};
}

async function* rawRequests({ raw, upTo }: NativeForkOptions): AsyncGenerator<JsonObject> {
  await using handle = await open(raw, 'r');
  if (layout(raw).kind === 'document') {
    for await (const batch of readDocument(handle, { lists: ['requests'] })) {
      for (const { key, text } of batch) {
        const request = key === 'requests' ? parseObject(text) : undefined;
        if (request !== undefined) yield request;
      }
    }
    return;
  }
  const replay = createReplay();
  let good = true;
  for await (const batch of readLines(handle, optional('to', upTo))) {
    for (const { text } of batch) {
      if (!good || text.trim() === '') continue;
      const entry = parseObject(text);
      good = entry !== undefined && replay.apply(entry) !== undefined;
    }
    if (!good) break;
  }
  for (const request of replay.requests()) yield object(request) ?? {};
}
