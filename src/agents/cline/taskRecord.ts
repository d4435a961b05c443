import type { Part } from '../agent.ts';
import { assistantParts } from '../claudeCode/content.ts';
import { type JsonObject, list, object, string } from '../shape.ts';
import type { Said, SaidCall, SaidResult } from './said.ts';
import { imagesOf } from './sessionRecord.ts';
import { cutTags, resultOf, spokenOf, textPart } from './toolText.ts';

/** Calls that were made in text and wait for their results, which name the tool only. */
export type OpenCalls = SaidCall[];

/** Tags that the agent puts around what a person typed. */
const TYPED = ['task', 'feedback', 'user_feedback', 'user_message', 'answer', 'new_task'];
/** What the agent tells with every prompt: time, open files, the list of files. It is in the mirrored bytes. */
const NOISE = ['environment_details', 'system-reminder'];
const NOISE_BLOCK = /^\s*# (?:task_progress|TODO LIST|Current Focus Chain|todo list)/i;
/** Texts of role `user` that the agent writes itself. */
const INJECTED = /^\s*(?:\[TASK RESUMPTION\]|\[ERROR\]|This task was interrupted|Task resumption)/;

/** The messages that a record of `api_conversation_history.json` is; `place` (0-based) makes ids of calls in text. */
export function taskRecord(record: JsonObject, place: number, open: OpenCalls): readonly Said[] {
  const content = record['content'];
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : list(content);
  if (record['role'] === 'assistant') return assistantRecord(blocks, place, open, record['isSummary'] === true);
  if (record['isSummary'] === true) return [{ role: 'summary', content: plainText(blocks) }];
  return userRecord(blocks, open);
}

function plainText(blocks: readonly unknown[]): string {
  return blocks.flatMap((block) => string(object(block)?.['text']) ?? []).join('\n\n');
}

function assistantRecord(
  blocks: readonly unknown[],
  place: number,
  open: OpenCalls,
  summary: boolean,
): readonly Said[] {
  if (summary) return [{ role: 'summary', content: plainText(blocks) }];
  const content: Part[] = [];
  const calls: SaidCall[] = [];
  // A model that calls tools natively means what it says in text.
  const native = blocks.some((block) => object(block)?.['type'] === 'tool_use');
  open.length = 0;
  for (const value of blocks) {
    const block = object(value);
    const text = block?.['type'] === 'text' ? string(block['text']) : undefined;
    if (block === undefined || text === undefined) {
      if (block !== undefined) content.push(...assistantParts({ content: [block] }));
      if (block?.['type'] === 'tool_use')
        calls.push({ id: string(block['id']) ?? '', name: string(block['name']) ?? '', input: block['input'] });
      continue;
    }
    if (native) {
      if (text.trim() !== '') content.push(textPart(text));
      continue;
    }
    for (const spoken of spokenOf(text)) {
      if (spoken.kind === 'text') content.push(textPart(spoken.text));
      else if (spoken.kind === 'thought') content.push({ type: 'reasoning', text: spoken.text });
      else {
        const call = { id: `call_${place}_${calls.length}`, ...spoken.call };
        calls.push(call);
        open.push(call);
        content.push({ type: 'tool_call', ...call });
      }
    }
  }
  return content.length === 0 ? [] : [{ role: 'assistant', content, calls }];
}

/** Results first, then what the agent wrote, then what a person typed. */
function userRecord(blocks: readonly unknown[], open: OpenCalls): readonly Said[] {
  const results: { readonly parts: readonly Part[]; readonly result: SaidResult }[] = [];
  const injected: string[] = [];
  const typed: Part[] = [];
  /** A result whose header stands in a block of its own. */
  let header: { readonly callId: string } | undefined;
  const addResult = (callId: string, text: string, failed: boolean, images: readonly Part[] = []): void => {
    const error = failed ? { is_error: true } : {};
    results.push({
      parts: [{ type: 'tool_result', call_id: callId, output: text, ...error }, ...images],
      result: { callId, text, failed },
    });
  };
  for (const value of blocks) {
    const block = object(value);
    if (block === undefined) continue;
    if (block['type'] === 'tool_result') {
      const text = blockText(block['content']);
      const { rest, cut } = cutWords(resultOf(text)?.text ?? text, false);
      const failed = block['is_error'] === true || isFailure(rest);
      addResult(string(block['tool_use_id']) ?? '', rest, failed, imagesOf(block));
      typed.push(...words(cut));
      continue;
    }
    const text = string(block['text']);
    if (text === undefined) {
      typed.push(...assistantParts({ content: [block] }));
      continue;
    }
    if (NOISE_BLOCK.test(text)) continue;
    const result = resultOf(text);
    if (result !== undefined) {
      const call = takeCall(open, result.name);
      const { rest, cut } = cutWords(result.text, call === undefined);
      typed.push(...words(cut));
      header = undefined;
      if (call === undefined) {
        if (rest !== '') injected.push(rest);
      } else if (rest === '' && cut.length === 0) header = { callId: call.id };
      else addResult(call.id, rest, isFailure(rest));
      continue;
    }
    const plain = cutTags(text, NOISE).rest;
    if (plain === '') continue;
    if (header !== undefined) {
      const { rest, cut } = cutWords(text, false);
      typed.push(...words(cut));
      addResult(header.callId, rest, isFailure(rest));
      header = undefined;
      continue;
    }
    const { rest, cut } = typedIn(plain);
    typed.push(...words(cut));
    if (rest === '') continue;
    if (cut.length > 0 || INJECTED.test(rest)) injected.push(rest);
    else typed.push(textPart(rest));
  }
  if (header !== undefined) addResult(header.callId, '', false);
  return [
    ...(results.length === 0
      ? []
      : [
          {
            role: 'tool' as const,
            content: results.flatMap(({ parts }) => parts),
            results: results.map((one) => one.result),
          },
        ]),
    ...injected.map((text) => ({ role: 'system' as const, content: text })),
    ...(typed.length === 0 ? [] : [typedMessage(typed)]),
  ];
}

function typedMessage(parts: readonly Part[]): Said {
  const text = parts.flatMap((part) => (part.type === 'text' ? [String(part['text'])] : [])).join('\n\n');
  const plain = parts.every((part) => part.type === 'text');
  return { role: 'user', content: plain ? text : parts, prompt: text };
}

/** A block is what a person typed in one tag, behind a label of the agent: a tag of this name in it is theirs, too. */
function typedIn(text: string): ReturnType<typeof cutTags> {
  const whole = /^[^<]{0,200}<([a-z_]{4,40})>([\s\S]*)<\/\1>$/.exec(text);
  const name = whole?.[1] ?? '';
  if (!TYPED.includes(name)) return cutTags(text, TYPED);
  return { rest: '', cut: [{ name, text: (whole?.[2] ?? '').trim() }] };
}

function words(cut: readonly { readonly name: string; readonly text: string }[]): readonly Part[] {
  return cut.flatMap(({ name, text }) => (TYPED.includes(name) && text !== '' ? [textPart(text)] : []));
}

/** What a person said to a result. A result may be a file that holds such tags itself. */
function cutWords(text: string, always: boolean): ReturnType<typeof cutTags> {
  return always || /^(?:The user (?:provided the following feedback|denied this operation))/m.test(text)
    ? cutTags(text, [...TYPED, ...NOISE])
    : { rest: text, cut: [] };
}

/** The oldest open call of this tool. */
function takeCall(open: OpenCalls, name: string): SaidCall | undefined {
  const at = open.findIndex((call) => call.name === name);
  return at === -1 ? undefined : open.splice(at, 1)[0];
}

function blockText(content: unknown): string {
  if (typeof content === 'string') return content;
  return list(content)
    .flatMap((part) => string(object(part)?.['text']) ?? [])
    .join('\n');
}

function isFailure(text: string): boolean {
  return /^\s*(?:The tool execution failed|The user denied this operation|<error>|Error: |\[ERROR\]|Tool \[[^\]]*\] was not executed)/.test(
    text,
  );
}
