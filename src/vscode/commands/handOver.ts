import { CancellationError, l10n, type QuickPickItem, window } from 'vscode';
import { agents, type GiveOptions, type GivePlan, planGift, type Reduction } from '../../agents/index.ts';
import type { App } from '../app.ts';
import { notGivenText, planText, tokensText } from '../giving/giftWords.ts';
import { giveOptions } from '../giving/giveOptions.ts';
import { type Variant, variants } from '../giving/variants.ts';
import { HumanError } from '../humanError.ts';
import { longWork } from '../longWork.ts';
import { agentIcon, agentLabel } from '../views/agentFace.ts';
import type { SavedNode } from '../views/nodes.ts';
import { giveTo } from './giveTo.ts';
import { mustBeWritable, oneSaved } from './targets.ts';

/** Hands a saved session over to another agent, in a size that the user picks, and starts it there. */
export async function handOver(app: App, ...args: readonly unknown[]): Promise<void> {
  const node = await oneSaved(app, args, l10n.t('The session to hand over'));
  mustBeWritable(app, node.place);
  const { name, head } = node.entry;
  const own = head?.source?.agent;
  const takers = agents.filter(({ id, native }) => native !== undefined && id !== own);
  const to = await window.showQuickPick(
    takers.map((agent) => ({ label: agent.label, iconPath: agentIcon(agent.id), agent })),
    {
      title: l10n.t('Hand Over {0} to', name),
      placeHolder: l10n.t('The agent that goes on with what {0} did', agentLabel(own)),
    },
  );
  if (!to) throw new CancellationError();
  const options = await giveOptions(app, node);
  const offered = await offers(node, (reduction) => options(to.agent, reduction));
  const [first] = offered;
  if (first?.plan.kind === 'refused' || first?.plan.kind === 'elsewhere')
    throw new HumanError(notGivenText(name, to.agent, first.plan));
  const picked = await window.showQuickPick(offered.map(itemOf), {
    title: l10n.t('Hand Over {0} to {1}', name, to.label),
    placeHolder: l10n.t('How much of it; what is left out stays in the saved session'),
  });
  if (!picked) throw new CancellationError();
  await giveTo(app, node, options(to.agent, picked.offer.variant.reduction));
}

interface Offer {
  readonly variant: Variant;
  readonly plan: GivePlan;
}

/** The variants that differ from each other, with what each would hand over. */
async function offers(
  { entry }: SavedNode,
  optionsOf: (reduction?: Reduction) => GiveOptions,
): Promise<readonly Offer[]> {
  const all = variants();
  return longWork(l10n.t('Looking at {0}', entry.name), async ({ signal, tell }) => {
    const found: Offer[] = [];
    for (const [i, variant] of all.entries()) {
      tell(i / all.length, variant.label);
      signal.throwIfAborted();
      const plan = await planGift(optionsOf(variant.reduction));
      if (isNew(plan, found)) found.push({ variant, plan });
      if (plan.kind === 'refused' || plan.kind === 'elsewhere') break;
    }
    return found;
  });
}

function isNew(plan: GivePlan, found: readonly Offer[]): boolean {
  const same = (other: GivePlan): boolean =>
    plan.kind === 'to-write' &&
    other.kind === 'to-write' &&
    plan.report?.outputsDropped === other.report?.outputsDropped &&
    plan.report?.messagesDropped === other.report?.messagesDropped;
  return !found.some((one) => same(one.plan));
}

function itemOf(offer: Offer): QuickPickItem & { readonly offer: Offer } {
  const { variant, plan } = offer;
  const report = plan.kind === 'to-write' ? plan.report : undefined;
  return {
    label: variant.label,
    ...(report && { description: tokensText(report.tokens) }),
    detail: planText(plan, false),
    offer,
  };
}
