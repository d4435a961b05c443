import type { ImportOutcome, TranscriptCounts } from '../agents/index.ts';
import type { Problem, Session } from '../core/index.ts';
import { type Ending, type Failed, failed } from './ending.ts';
import type { Kept } from './keep.ts';
import { plainLine } from './plain.ts';
import { counted, problemLines, problemsJson } from './shapes.ts';

export function notImported(file: string, outcome: Exclude<ImportOutcome, { readonly kind: 'imported' }>): Failed {
  switch (outcome.kind) {
    case 'unrecognised':
      return failed('unknown-format', file);
    case 'unreadable':
      return failed('unreadable', file, outcome.problems.map(({ code }) => code).join(', '));
  }
}

/** A snapshot does not tell all that a transcript does. */
export type Counts = Pick<TranscriptCounts, 'prompts' | 'assistantMessages' | 'toolCalls' | 'models'> &
  Partial<TranscriptCounts>;

/** What `save` and `import` print. `insteadOf` is the session that was left as it is, since its transcript was cut or replaced. */
export function savedEnding(
  kept: Kept,
  from: { readonly session: Session; readonly counts: Counts; readonly problems: readonly Problem[] },
  insteadOf?: string,
): Ending {
  if (kept.kind === 'failed') return kept;
  const { session, counts, problems } = from;
  const messages = session.history.length;
  return {
    kind: 'done',
    json: {
      name: kept.name,
      session_id: session.body.session_id,
      revision: kept.revision,
      messages,
      calls: counts.toolCalls,
      problems: problemsJson(problems),
      instead_of: insteadOf ?? null,
      counts: {
        prompts: counts.prompts,
        assistant_messages: counts.assistantMessages,
        tool_calls: counts.toolCalls,
        reads: counts.reads ?? null,
        full_reads: counts.fullReads ?? null,
        edits: counts.edits ?? null,
        models: counts.models,
        tokens_in: counts.tokensIn ?? null,
        tokens_out: counts.tokensOut ?? null,
      },
    },
    text: [
      plainLine(`Saved "${kept.name}": ${counted(messages, 'message')}, ${counted(counts.toolCalls, 'tool call')}.`),
      ...(insteadOf === undefined
        ? []
        : [plainLine(`The transcript was cut or replaced since "${insteadOf}" was saved, which was left as it is.`)]),
      ...(problems.length === 0 ? [] : [`${counted(problems.length, 'problem')}:`, ...problemLines(problems)]),
    ].join('\n'),
  };
}
