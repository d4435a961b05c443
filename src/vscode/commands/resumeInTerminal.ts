import { CancellationError, commands, l10n } from 'vscode';
import {
  type Agent,
  agentById,
  boundOptions,
  type Given,
  type GivePlan,
  giveSession,
  planGift,
} from '../../agents/index.ts';
import { isClean, type SnapshotHead, withoutAccepted } from '../../core/index.ts';
import type { App } from '../app.ts';
import { driftSubject } from '../comparing/drift.ts';
import { openFailureError } from '../failureWords.ts';
import { notGivenText, reportText } from '../giving/giftWords.ts';
import { giveOptions } from '../giving/giveOptions.ts';
import { guarded } from '../guarded.ts';
import { type HumanAction, HumanError } from '../humanError.ts';
import { commandId } from '../ids.ts';
import { longWork } from '../longWork.ts';
import { restored } from '../resuming/restoredConfig.ts';
import { madeUp, startInTerminal } from '../resuming/startInTerminal.ts';
import { showInformation } from '../say.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { agentLabel } from '../views/agentFace.ts';
import type { SavedNode } from '../views/nodes.ts';
import { liveTitle } from '../views/sessionItems.ts';
import { sentence } from '../words.ts';
import { copyBriefing } from './copyBriefing.ts';
import { mustBeWritable, oneSaved, rowOf } from './targets.ts';

/** Goes on with a session in its own agent, in a terminal of the session's folder. */
export async function resumeInTerminal(app: App, ...args: readonly unknown[]): Promise<void> {
  const row = rowOf(args);
  if (row?.kind === 'live') {
    const { place, live } = row;
    mustBeWritable(app, place);
    const agent = startable(live.agent);
    const bound = await boundOptions(agent, place.where, live.transcript);
    await startInTerminal(place, liveTitle(live), agent, live.nativeId, { ...bound });
    return;
  }
  const node = await oneSaved(app, args, l10n.t('The session to resume'));
  await resumeSaved(app, node);
  void guarded(app.log, `Briefing of ${node.entry.name}`, () => offerBriefing(app, node))();
}

/** Resumes a saved session in its own agent; `briefing` is the first message. */
export async function resumeSaved(app: App, node: SavedNode, briefing?: string): Promise<void> {
  mustBeWritable(app, node.place);
  const resumeIn = () => commands.executeCommand(commandId('resumeIn'), node);
  const agent = startable(node.entry.head?.source?.agent, [{ label: l10n.t('Resume in…'), run: resumeIn }]);
  // The list may be older than the agent's last start.
  app.catalog.refresh();
  const { nativeId, before, resumeWith } = await give(app, node, agent);
  const { body, decisions } = await saved(app, node);
  const values = restored(agent, body, decisions, await agent.currentConfig(node.place.where, node.place.path));
  await startInTerminal(node.place, node.entry.name, agent, nativeId, { briefing, before, ...resumeWith, ...values });
  app.catalog.refresh();
}

/** The agent, where a command goes on with a session of it; `ways` are offered where none does. */
function startable(id: string | undefined, ways: readonly HumanAction[] = []): Agent {
  const agent = id === undefined ? undefined : agentById(id);
  if (!agent)
    throw new HumanError(
      l10n.t('This session is of {0}, which this version cannot start in a terminal.', agentLabel(id)),
      ways,
    );
  if (!agent.native?.resumeCommand)
    throw new HumanError(l10n.t('{0} cannot be started in a terminal. Open the session there.', agent.label), ways);
  return agent;
}

function notKept(name: string, agent: Agent): HumanError {
  return new HumanError(
    l10n.t('{0} cannot be resumed in {1}: the agent’s own transcript was not kept with it.', name, agent.label),
  );
}

/** Makes sure that the session's own agent has it; asks once before it is written. */
async function give(app: App, node: SavedNode, to: Agent): Promise<Extract<Given, { kind: 'given' }>> {
  const { name, head } = node.entry;
  const gift = (await giveOptions(app, node))(to);
  const plan = await longWork(l10n.t('Looking at {0}', name), () => planGift(gift), { cancellable: false });
  if (plan.kind === 'refused' && plan.code === 'not-native') throw notKept(name, to);
  if (plan.kind === 'refused' && plan.code === 'unsafe-id') throw madeUp(to, plan.detail ?? '');
  if (plan.kind === 'refused' || plan.kind === 'elsewhere') throw new HumanError(notGivenText(name, to, plan));
  const write = l10n.t('Write and Resume');
  if (plan.kind === 'to-write' && (await showInformation(writtenText(name, to, plan, head), write)) !== write)
    throw new CancellationError();
  const given = await longWork(l10n.t('Giving {0} to {1}', name, to.label), () => giveSession(gift), {
    cancellable: false,
  });
  if (given.kind !== 'given') throw new HumanError(notGivenText(name, to, given));
  return given;
}

/** Why the agent needs the session written, and from what. */
function writtenText(
  name: string,
  agent: Agent,
  { report }: Extract<GivePlan, { kind: 'to-write' }>,
  head: SnapshotHead | undefined,
): string {
  if (report)
    return l10n.t(
      '{0} does not have the session {1}, and its own transcript was not kept. Holdfast writes it from the saved messages: {2}',
      agent.label,
      name,
      reportText(report),
    );
  return head?.parent
    ? l10n.t(
        'To resume the fork {0}, {1} needs a session of its own. Holdfast writes it from the parent’s transcript; nothing that exists is changed.',
        name,
        agent.label,
      )
    : l10n.t(
        '{0} does not have the session {1} any more. Holdfast writes it again from the saved transcript.',
        agent.label,
        name,
      );
}

async function saved(
  { active }: App,
  { place, entry: { name } }: SavedNode,
): Promise<Pick<ActiveSession, 'body' | 'decisions'>> {
  if (active.current && active.is(place, name)) return active.current;
  const opened = await place.store.open(name);
  if (opened.kind !== 'open') throw openFailureError(name, opened);
  await opened.document.close();
  const { body } = opened.document;
  return { body, decisions: body.decisions ?? [] };
}

/** Sessions of which the user was told that their agent knows nothing of the changes. */
const offered = new WeakSet<ActiveSession>();

/** Once per load: a session whose changes nobody accepted was resumed without a word about them. */
async function offerBriefing(app: App, { place, entry }: SavedNode): Promise<void> {
  const session = app.active.is(place, entry.name) ? app.active.current : undefined;
  if (!session?.report || offered.has(session)) return;
  const open = withoutAccepted(session.report, [...session.decisions]);
  if (isClean(open)) return;
  offered.add(session);
  const copy = l10n.t('Copy Briefing');
  const subject = driftSubject(open, ['files', 'config', 'tools', 'workspace']);
  const said = l10n.t(
    '{0} changed since {1} was saved, and its agent has not been told.',
    sentence(subject),
    entry.name,
  );
  if ((await showInformation(said, copy)) === copy && app.active.current === session) await copyBriefing(app);
}
