import { CancellationError, l10n, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import { type Agent, agents, type GivePlan, planGift } from '../../agents/index.ts';
import type { App } from '../app.ts';
import { notGivenText, planText, tokensText } from '../giving/giftWords.ts';
import { giveOptions } from '../giving/giveOptions.ts';
import { HumanError } from '../humanError.ts';
import { longWork } from '../longWork.ts';
import { agentIcon } from '../views/agentFace.ts';
import { giveTo } from './giveTo.ts';
import { resumeSaved } from './resumeInTerminal.ts';
import { mustBeWritable, oneSaved } from './targets.ts';

interface AgentItem extends QuickPickItem {
  readonly agent?: Agent;
}

/** Goes on with a saved session in an agent that the user picks, after reading what each of them makes of it. */
export async function resumeIn(app: App, ...args: readonly unknown[]): Promise<void> {
  const node = await oneSaved(app, args, l10n.t('The session to resume'));
  mustBeWritable(app, node.place);
  const own = node.entry.head?.source?.agent;
  const options = await giveOptions(app, node);
  const plans = await longWork(l10n.t('Looking at {0}', node.entry.name), async ({ signal, tell }) => {
    const takers = agents.filter(({ native }) => native !== undefined);
    const found: { readonly agent: Agent; readonly plan: GivePlan }[] = [];
    for (const [i, agent] of takers.entries()) {
      tell(i / takers.length, agent.label);
      signal.throwIfAborted();
      found.push({ agent, plan: await planGift(options(agent)) });
    }
    return found;
  });
  const of = (take: (agent: Agent) => boolean): AgentItem[] =>
    plans.filter(({ agent }) => take(agent)).map(({ agent, plan }) => itemOf(agent, plan, agent.id === own));
  const isByHand = ({ native }: Agent): boolean => native?.resumeCommand === undefined;
  const picked = await window.showQuickPick(
    [
      ...group(
        l10n.t('Its own agent'),
        of(({ id }) => id === own),
      ),
      ...group(
        l10n.t('Other agents'),
        of((agent) => agent.id !== own && !isByHand(agent)),
      ),
      ...group(
        l10n.t('By hand'),
        of((agent) => agent.id !== own && isByHand(agent)),
      ),
    ],
    {
      title: l10n.t('Resume {0} in', node.entry.name),
      placeHolder: l10n.t('The agent that goes on'),
      matchOnDetail: true,
    },
  );
  if (!picked?.agent) throw new CancellationError();
  const { agent } = picked;
  const plan = plans.find((one) => one.agent === agent)?.plan;
  if (plan?.kind === 'refused') throw new HumanError(notGivenText(node.entry.name, agent, plan));
  if (agent.id === own && !isByHand(agent)) return resumeSaved(app, node);
  await giveTo(app, node, options(agent));
}

function itemOf(agent: Agent, plan: GivePlan, isOwn: boolean): AgentItem {
  const report = plan.kind === 'to-write' ? plan.report : undefined;
  return {
    label: agent.label,
    iconPath: agentIcon(agent.id),
    ...(report && { description: tokensText(report.tokens) }),
    detail: planText(plan, isOwn),
    agent,
  };
}

function group(label: string, items: readonly AgentItem[]): readonly AgentItem[] {
  return items.length === 0 ? [] : [{ label, kind: QuickPickItemKind.Separator }, ...items];
}
