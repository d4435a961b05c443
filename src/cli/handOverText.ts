import type { HandOverReport, Reduction } from '../agents/index.ts';
import { counted } from './shapes.ts';

/** What became of a history, as a document. */
export function handOverJson(report: HandOverReport): Record<string, number> {
  return {
    messages: report.messages,
    calls_mapped: report.callsMapped,
    calls_kept: report.callsKept,
    calls_as_text: report.callsAsText,
    interrupted: report.interrupted,
    images_kept: report.imagesKept,
    images_as_text: report.imagesAsText,
    parts_as_text: report.partsAsText,
    reasoning_dropped: report.reasoningDropped,
    system_dropped: report.systemDropped,
    outputs_dropped: report.outputsDropped,
    messages_dropped: report.messagesDropped,
    tokens: report.tokens,
  };
}

/** The same for people, a line each: what arrives, what arrives as text, what is left out. */
export function handOverLines(report: HandOverReport): readonly string[] {
  const calls = report.callsMapped + report.callsKept;
  const asText = listed([
    [report.callsAsText, 'tool call'],
    [report.imagesAsText, 'image'],
    [report.partsAsText, 'other part'],
  ]);
  const dropped = listed([
    [report.messagesDropped, 'earlier message'],
    [report.outputsDropped, 'tool output'],
    [report.reasoningDropped, 'piece of reasoning', 'pieces of reasoning'],
    [report.systemDropped, 'system message'],
  ]);
  const arrives = [
    counted(report.messages, 'message'),
    ...(calls === 0
      ? []
      : [`${counted(calls, 'tool call')}${report.callsMapped === 0 ? '' : ` (${report.callsMapped} renamed)`}`]),
    ...(report.imagesKept === 0 ? [] : [counted(report.imagesKept, 'image')]),
  ];
  return [
    `${arrives.join(', ')}; about ${tokens(report.tokens)} tokens`,
    ...(asText === '' ? [] : [`as text: ${asText}`]),
    ...(dropped === '' ? [] : [`left out: ${dropped}`]),
    ...(report.interrupted === 0 ? [] : [`${counted(report.interrupted, 'call')} without a result: "interrupted"`]),
  ];
}

function listed(counts: readonly (readonly [number, string, string?])[]): string {
  return counts
    .flatMap(([count, one, many]) =>
      count === 0 ? [] : [count === 1 || many === undefined ? counted(count, one) : `${count} ${many}`],
    )
    .join(', ');
}

/** Two digits: it is an estimate. */
export function tokens(count: number): string {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  return (Math.round(count / step) * step).toLocaleString('en');
}

/** As `--reduce` takes it; '' for the whole. */
export function reductionText({ dropToolOutputs, lastTurns }: Reduction): string {
  return [
    ...(dropToolOutputs === true ? ['outputs'] : []),
    ...(lastTurns === undefined ? [] : [`turns=${lastTurns}`]),
  ].join(',');
}

/** Undefined for what is none: `outputs`, `turns=N`, or both. */
export function parseReduction(text: string): Reduction | undefined {
  let reduction: Reduction = {};
  for (const word of text.split(',')) {
    const turns = /^turns=([1-9]\d{0,5})$/.exec(word)?.[1];
    if (word === 'outputs') reduction = { ...reduction, dropToolOutputs: true };
    else if (turns !== undefined) reduction = { ...reduction, lastTurns: Number(turns) };
    else return undefined;
  }
  return reduction;
}
