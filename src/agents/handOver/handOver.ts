import { createPacer, type Message } from '../../core/index.ts';
import type { Part } from '../agent.ts';
import { string } from '../shape.ts';
import { createAssembly } from './assembly.ts';
import { orphanText } from './callText.ts';
import { estimateTokens } from './estimateTokens.ts';
import { type Call, type Entry, pairCalls } from './pairCalls.ts';
import { type Reduction, reduce } from './reduce.ts';
import { createTranslator, type TranslateOptions } from './translateCall.ts';

export type { Folders } from './relocate.ts';

export interface HandOverOptions extends TranslateOptions {
  readonly reduction?: Reduction;
}

/** What became of the parts of a history. */
export interface HandOverReport {
  readonly messages: number;
  /** Calls that the agent gets as calls: under a name of its own, or under their own. */
  readonly callsMapped: number;
  readonly callsKept: number;
  /** Calls, with their results, that became text. */
  readonly callsAsText: number;
  readonly reasoningDropped: number;
  readonly systemDropped: number;
  readonly imagesKept: number;
  readonly imagesAsText: number;
  /** Parts of other kinds (files by name, documents, results without a call) that became text, or a line that names them. */
  readonly partsAsText: number;
  readonly outputsDropped: number;
  readonly messagesDropped: number;
  /** Calls that had no result and got one that says so. */
  readonly interrupted: number;
  /** Estimated, of what is handed over. */
  readonly tokens: number;
}

export interface HandedOver {
  readonly history: readonly Message[];
  readonly report: HandOverReport;
}

const IMAGES = /^image\/(?:png|jpeg|gif|webp)$/;

/**
 * A history as another agent takes it: tool calls under its names where the tool is one of the four that all have
 * (read, edit, write, shell), others as `accepts` says; no reasoning, whose signatures hold for one account only.
 * `history` has its blobs inlined; it stays as it is.
 *
 * What comes out has messages of `user`, `assistant`, `tool` and (where they are accepted) `system` only, with parts
 * `text`, `tool_call`, `tool_result` and `image` only; it begins with the user, user and assistant alternate, and the
 * results of a message's calls, in their order, are the next message (an image of a result stands behind it, with its
 * `call_id`). Ids are unique, calls' also such that model APIs take them. An agent's own history that is ready is not changed.
 */
export async function handOver(history: readonly Message[], options: HandOverOptions): Promise<HandedOver> {
  const { accepts, reduction = {} } = options;
  const pause = createPacer();
  const translate = createTranslator(options);
  const { entries, dropped, shortens } = reduce(await pairCalls(history), reduction);
  const assembly = createAssembly();
  const counts = {
    callsMapped: 0,
    callsKept: 0,
    callsAsText: 0,
    reasoningDropped: 0,
    systemDropped: 0,
    imagesKept: 0,
    imagesAsText: 0,
    partsAsText: 0,
    outputsDropped: 0,
    interrupted: 0,
  };
  for (const entry of entries) {
    await pause();
    if (entry.role === 'system' && !accepts.system) counts.systemDropped += 1;
    else await handEntry(entry);
  }
  const left = leftOut(dropped, counts.outputsDropped);
  const made = assembly.finish(left);
  const report = { messages: made.length, messagesDropped: dropped, ...counts, tokens: await estimateTokens(made) };
  return { history: made, report };

  async function handEntry(entry: Entry): Promise<void> {
    assembly.begin(entry);
    for (const item of entry.items) {
      await pause();
      if (item.kind === 'call') handCall(item.call, shortens(entry));
      else if (item.kind === 'orphan') {
        counts.partsAsText += 1;
        assembly.text(orphanText(item.result.output));
      } else handPart(item.part, entry.role);
    }
    assembly.end();
  }

  function handCall(call: Call, shorten: boolean): void {
    if (call.result === undefined) counts.interrupted += 1;
    const translated = translate(call, shorten);
    if (translated.shortened) counts.outputsDropped += 1;
    if (translated.kind === 'text') {
      counts.callsAsText += 1;
      counts.imagesAsText += translated.images;
      assembly.text(translated.text);
      return;
    }
    counts[translated.how === 'mapped' ? 'callsMapped' : 'callsKept'] += 1;
    const kept = translated.images.filter(isTaken);
    counts.imagesKept += kept.length;
    counts.imagesAsText += translated.images.length - kept.length;
    const notes = translated.images.filter((image) => !isTaken(image)).map(imageText);
    assembly.call(call.id, translated.native, {
      output: [translated.output, ...notes].join('\n'),
      failed: translated.failed,
      images: kept,
      messageId: call.result?.messageId,
      timestamp: call.result?.timestamp,
    });
  }

  function handPart(part: Part, role: Entry['role']): void {
    switch (part.type) {
      case 'text': {
        const text = string(part['text']) ?? '';
        assembly.text(
          role === 'summary' && text.trim() !== '' ? `[Summary of the conversation before]\n${text}` : text,
        );
        return;
      }
      case 'reasoning':
        counts.reasoningDropped += 1;
        return;
      case 'image': {
        // Models give no images, and take none as their own.
        const taken = role === 'user' && isTaken(part);
        counts[taken ? 'imagesKept' : 'imagesAsText'] += 1;
        if (taken) assembly.image(part);
        else assembly.text(imageText(part));
        return;
      }
      default:
        counts.partsAsText += 1;
        assembly.text(otherText(part));
    }
  }

  function isTaken(image: Part): boolean {
    return accepts.images && IMAGES.test(string(image['media_type']) ?? '') && typeof image['data'] === 'string';
  }
}

function imageText(image: Part): string {
  const type = string(image['media_type']) ?? '';
  return `[An image${/^[\w/.+-]{1,80}$/.test(type) ? ` (${type})` : ''} was here. It was not handed over.]`;
}

function otherText(part: Part): string {
  const path = part.type === 'file' ? string(part['path']) : undefined;
  if (path !== undefined) return `[The file ${JSON.stringify(path)} was given here.]`;
  const kind = /^[\w.-]{1,80}$/.test(part.type) ? ` of the kind ${part.type}` : '';
  return `[A part${kind} was here. It was not handed over.]`;
}

function leftOut(messages: number, outputs: number): string | undefined {
  const parts = [
    ...(messages === 0 ? [] : [`${messages} earlier message${messages === 1 ? '' : 's'}`]),
    ...(outputs === 0
      ? []
      : [`the output${outputs === 1 ? '' : 's'} of ${outputs} earlier tool call${outputs === 1 ? '' : 's'}`]),
  ];
  return parts.length === 0
    ? undefined
    : `[This conversation was made shorter when it was handed over. Left out: ${parts.join(' and ')}.]`;
}
