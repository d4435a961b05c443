import type { TranscriptCounts } from '../agent.ts';
import { count, type JsonObject, object, time } from '../shape.ts';
import type { TouchLog } from '../touchLog.ts';
import { createUsageLog, type UsageLog } from '../usage.ts';
import { isPrompt, type Told, type ToldCall, type ToldResult } from './content.ts';
import { folderIn, type Recorded } from './facts.ts';
import { touchFiles } from './touches.ts';

/** Counts, and what the calls did to files: each once, however often it is told, and what a rewind takes back too. */
export interface Tally {
  readonly usage: UsageLog;
  /** `messageId` is that of the first message that the record became. */
  note(told: Told, record: JsonObject, id: string, messageId: string): void;
  counts(): TranscriptCounts;
  recorded(): Pick<Recorded, 'context' | 'firstPrompt' | 'model' | 'lastTime' | 'assistantMessages'>;
}

/** `root` is the folder of the project, where that is known. */
export function createTally(touches: TouchLog, root: string | undefined): Tally {
  const usage = createUsageLog();
  const prompts = new Set<string>();
  const answers = new Set<string>();
  const models = new Set<string>();
  const calls = new Map<string, { readonly call: ToldCall; readonly messageId: string }>();
  const done = new Set<string>();
  const files = { reads: 0, fullReads: 0, edits: 0 };
  let context: string | undefined;
  let firstPrompt: string | undefined;
  let model: string | undefined;
  let lastTime: string | undefined;

  function note(told: Told, record: JsonObject, id: string, messageId: string): void {
    const at = told.timestamp;
    if (at !== undefined && (lastTime === undefined || at > lastTime)) lastTime = at;
    if (told.context) context ??= told.text;
    if (isPrompt(told)) {
      prompts.add(id);
      firstPrompt ??= told.shown;
    }
    if (told.speaker === 'gemini') {
      answers.add(id);
      model = told.model ?? model;
      if (told.model !== undefined) models.add(told.model);
      const tokens = object(record['tokens']);
      if (tokens !== undefined) setUsage(id, tokens, told.model ?? 'unknown');
    }
    for (const call of told.calls) {
      const first = calls.get(call.id);
      calls.set(call.id, { call: call.entry === undefined && first !== undefined ? first.call : call, messageId });
    }
    for (const result of told.results) finish(result.callId, result, at);
    for (const call of told.calls) if (call.entry?.['status'] === 'success') finish(call.id, undefined, at);
  }

  function finish(id: string, result: ToldResult | undefined, at: string | undefined): void {
    const made = calls.get(id);
    if (made === undefined || done.has(id) || result?.isError === true) return;
    done.add(id);
    const cwd = root || folderIn(context);
    const called = { cwd, messageId: made.messageId, at: time(made.call.entry?.['timestamp']) ?? at };
    const touched = touchFiles(made.call, result, called, touches);
    files.reads += touched.reads;
    files.fullReads += touched.fullReads;
    files.edits += touched.edits;
  }

  /** Gemini's `input` has the cached tokens in it, its `output` not those of thoughts. */
  function setUsage(id: string, tokens: JsonObject, by: string): void {
    const cached = count(tokens['cached']);
    const input = Math.max(0, count(tokens['input']) - cached);
    usage.set(id, by, { input, output: count(tokens['output']) + count(tokens['thoughts']), cache_read: cached });
  }

  return {
    usage,
    note,
    counts: () => ({
      prompts: prompts.size,
      assistantMessages: answers.size,
      toolCalls: calls.size,
      ...files,
      models: [...models].sort(),
      versions: [],
      ...usage.totals(),
    }),
    recorded: () => ({ context, firstPrompt, model, lastTime, assistantMessages: answers.size }),
  };
}
