import { type GiveOptions, type GivePlan, planGift, type Reduction } from '../agents/index.ts';
import type { Context } from './context.ts';
import type { Ending } from './ending.ts';
import { handOverJson, handOverLines, reductionText, tokens } from './handOverText.ts';
import { plain, plainLine } from './plain.ts';
import { shellWord } from './shellWord.ts';
import { commandOf, factsOf, type Wanted } from './wantedGift.ts';

/** What a resume would do, and run; it writes nothing. */
export async function printGift(
  context: Context,
  wanted: Wanted,
  plan: Exclude<GivePlan, { readonly kind: 'refused' }>,
): Promise<Ending> {
  const { gift } = wanted;
  const { nativeId } = plan;
  const line = commandOf(wanted, nativeId, wanted.text, plan.kind === 'elsewhere' ? undefined : plan.resumeWith);
  const report = plan.kind === 'to-write' ? plan.report : undefined;
  const estimates = report === undefined ? [] : await estimatesOf(gift, report.tokens);
  const native = plan.kind === 'to-write' ? 'missing' : plan.kind;
  const json = {
    command: line?.command ?? null,
    args: line?.args ?? [],
    cwd: context.folder,
    ...factsOf(wanted, nativeId),
    native,
    hand_over: report === undefined ? null : { ...handOverJson(report), estimates },
  };
  const notes = [
    ...(plan.kind === 'elsewhere' ? [`its transcript belongs to another folder: ${plan.transcript}`] : []),
    ...(plan.kind === 'to-write'
      ? ['its transcript is not there yet: holdfast resume without --print writes it first']
      : []),
    ...(report === undefined ? [] : handOverLines(report)),
    ...estimates
      .filter(({ reduce }) => reduce !== reductionText(gift.reduction ?? {}))
      .map(
        ({ reduce, tokens: count }) =>
          `${reduce === '' ? 'the whole' : `--reduce ${reduce}`}: about ${tokens(count)} tokens`,
      ),
  ];
  // A first message has lines, which stay inside its quotes.
  const words = line === undefined ? [] : [line.command, ...line.args];
  const command =
    line === undefined ? '' : plain(`cd ${shellWord(context.folder)} && ${words.map(shellWord).join(' ')}`);
  const [first, ...more] = notes.map((note) => plainLine(`# ${note}`));
  const text = [first === undefined ? command : `${command}${command === '' ? '' : '  '}${first}`, ...more].join('\n');
  return { kind: 'done', json, text };
}

/** What the session would take in several sizes, the asked one among them. */
async function estimatesOf(
  gift: GiveOptions,
  asked: number,
): Promise<readonly { readonly reduce: string; readonly tokens: number }[]> {
  const sizes: readonly Reduction[] = [{}, { dropToolOutputs: true }, { dropToolOutputs: true, lastTurns: 10 }];
  const wanted = reductionText(gift.reduction ?? {});
  const found = new Map<string, number>([[wanted, asked]]);
  for (const reduction of sizes) {
    const reduce = reductionText(reduction);
    if (found.has(reduce)) continue;
    const { reduction: _, ...whole } = gift;
    const plan = await planGift(reduce === '' ? whole : { ...whole, reduction });
    if (plan.kind === 'to-write' && plan.report !== undefined) found.set(reduce, plan.report.tokens);
  }
  return [...found].map(([reduce, count]) => ({ reduce, tokens: count }));
}
