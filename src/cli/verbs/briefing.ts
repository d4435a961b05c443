import { seenTexts } from '../../agents/index.ts';
import { composeBriefing, gatherBriefing, type SessionDocument } from '../../core/index.ts';
import { compareNow, type NowOptions } from '../compareNow.ts';
import type { Context } from '../context.ts';
import { type Ending, type Failed, isFailed, openFailed } from '../ending.ts';
import { plainLine } from '../plain.ts';

export interface BriefingOptions extends NowOptions {
  readonly maxCharacters?: number;
  /** Fields of the configuration that the agent is given back: for it they have not changed. */
  readonly restored?: readonly string[];
}

export async function briefing(context: Context, name: string, options: BriefingOptions): Promise<Ending> {
  const opened = await context.store.open(name);
  if (opened.kind !== 'open') return openFailed(name, opened);
  try {
    const text = await briefingText(context, opened.document, options);
    if (isFailed(text)) return text;
    return {
      kind: 'done',
      json: { name, text: text ?? null, characters: text?.length ?? 0 },
      text: text?.trimEnd() ?? plainLine(`Nothing has changed since "${name}" was saved.`),
    };
  } finally {
    await opened.document.close();
  }
}

/** The text for the agent; undefined where there is nothing to tell it. */
export async function briefingText(
  context: Context,
  document: SessionDocument,
  options: BriefingOptions,
): Promise<string | undefined | Failed> {
  const { folder, store, io } = context;
  const compared = await compareNow(context, document, options);
  if (isFailed(compared)) return compared;
  const { cache } = compared;
  const config = compared.report.config.filter(({ field }) => options.restored?.includes(field) !== true);
  const facts = await gatherBriefing({
    folder,
    document,
    report: { ...compared.report, config },
    seenText: seenTexts(store, document.body, cache.get),
    env: io.env,
  });
  return composeBriefing(facts, options.maxCharacters === undefined ? {} : { maxCharacters: options.maxCharacters });
}
