import type { Message, SessionDocument } from '../../core/index.ts';
import type { Context } from '../context.ts';
import { type Ending, failed, openFailed } from '../ending.ts';
import { headMarkdown, messageMarkdown } from '../markdown.ts';
import { jsonText } from '../plain.ts';
import { problemLines, problemsJson } from '../shapes.ts';

/** Messages per read: a session may be larger than memory. */
const PAGE = 100;

export interface ShowOptions {
  /** Counted from 1, both included. */
  readonly messages?: { readonly from: number; readonly to: number };
}

export async function show(context: Context, name: string, options: ShowOptions): Promise<Ending> {
  const opened = await context.store.open(name);
  if (opened.kind !== 'open') return openFailed(name, opened);
  const { document } = opened;
  try {
    const from = (options.messages?.from ?? 1) - 1;
    const to = Math.min(options.messages?.to ?? document.messageCount, document.messageCount);
    if (options.messages !== undefined && from >= document.messageCount) {
      return failed('no-such-message', String(from + 1), `it has ${document.messageCount}`);
    }
    await (context.json ? showJson(context, document, from, to) : showText(context, document, from, to));
    return { kind: 'written' };
  } finally {
    await document.close();
  }
}

/** Messages `from` (0-based) to `to` (excluded), page by page, as long as somebody reads. */
export async function* pages(
  context: Context,
  document: SessionDocument,
  from: number,
  to: number,
): AsyncGenerator<Message> {
  for (let at = from; at < to && !context.io.closed(); at += PAGE) {
    yield* await document.messages(at, Math.min(at + PAGE, to));
  }
}

async function showJson(context: Context, document: SessionDocument, from: number, to: number): Promise<void> {
  const { io } = context;
  const body = { ...document.body, name: document.name, message_count: document.messageCount };
  // The head's own brace closes after the history, which is written message by message.
  await io.out(`${jsonText(body).slice(0, -1)},"history":[`);
  let separator = '\n';
  for await (const message of pages(context, document, from, to)) {
    await io.out(`${separator}${jsonText(message)}`);
    separator = ',\n';
  }
  // Reading a damaged line adds to the document's problems, so they come last.
  const rest = {
    range: { from: from + 1, to },
    read_only: document.readOnly,
    recovered: document.recovered,
    problems: problemsJson(document.problems),
  };
  await io.out(`],${jsonText(rest).slice(1)}\n`);
}

async function showText(context: Context, document: SessionDocument, from: number, to: number): Promise<void> {
  const { io } = context;
  await io.out(headMarkdown(document.name, document.body, document.messageCount));
  let number = from;
  for await (const message of pages(context, document, from, to)) {
    number += 1;
    await io.out(messageMarkdown(message, number));
  }
  const { events, of } = document.recovered;
  if (events < of) await io.err(`Recovered ${events} of ${of} auto-saved events; the rest is damaged.\n`);
  if (document.problems.length > 0) await io.err(`Problems:\n${problemLines(document.problems).join('\n')}\n`);
}
