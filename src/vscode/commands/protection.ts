import { CancellationError, l10n, type QuickPickItem, QuickPickItemKind, Uri, window } from 'vscode';
import {
  applyPlan,
  type PlanOutcome,
  PROTECTED_AGENTS,
  type ProtectionOptions,
  type ProtectionPlan,
  type ProtectionState,
  planInstall,
  planRemove,
  protectionState,
} from '../../agents/index.ts';
import type { App } from '../app.ts';
import { ioReason } from '../failureWords.ts';
import { HumanError } from '../humanError.ts';
import type { Place } from '../places.ts';
import { confirmPlan } from '../protecting/confirmPlan.ts';
import { hookOptions, keepHookProgram, mustHaveNode } from '../protecting/hookProgram.ts';
import { scopeText, stateDetail, stateText, thenText } from '../protecting/protectionWords.ts';
import { lookForUnprotected } from '../protecting/unprotected.ts';
import { showInformation, statusMessage } from '../say.ts';
import { agentIcon, agentLabel } from '../views/agentFace.ts';
import { listed } from '../words.ts';
import { mustBeWritable, onePlace } from './targets.ts';

/** Adds Holdfast's hooks to an agent's settings, after showing exactly what changes in which file. */
export async function installProtection(app: App): Promise<void> {
  const place = await onePlace(app);
  mustBeWritable(app, place);
  const options = await pick(app, place, l10n.t('Install Edit Protection for'), () => true);
  const plan = planned(await planInstall(options));
  const label = agentLabel(plan.agent);
  if (plan.changes.length === 0) {
    void showInformation(l10n.t('The hooks for {0} are in place.', label) + stepsText(plan));
    return;
  }
  await mustHaveNode(place);
  await confirmPlan(app, place, plan, l10n.t('Install'), l10n.t('Install edit protection for {0} as shown?', label));
  await keepHookProgram(app, place);
  await apply(app, plan, () => installProtection(app));
  const [change] = plan.changes;
  const open = l10n.t('Open File');
  const said = l10n.t('Edit protection for {0} is installed.', label) + stepsText(plan);
  if ((await showInformation(said, open)) === open && change)
    await window.showTextDocument(Uri.file(change.file), { preview: true });
}

/** Takes Holdfast's hooks out of an agent's settings again. */
export async function removeProtection(app: App): Promise<void> {
  const place = await onePlace(app);
  mustBeWritable(app, place);
  const options = await pick(app, place, l10n.t('Remove Edit Protection of'), (state) => state !== 'absent');
  const plan = planned(await planRemove(options));
  const label = agentLabel(plan.agent);
  if (plan.changes.length === 0) {
    statusMessage(l10n.t('{0} has no hooks of Holdfast there.', label), 5000);
    return;
  }
  await confirmPlan(app, place, plan, l10n.t('Remove'), l10n.t('Remove edit protection of {0} as shown?', label));
  await apply(app, plan, () => removeProtection(app));
  void showInformation(l10n.t('Edit protection of {0} was removed.', label) + stepsText(plan));
}

interface StateItem extends QuickPickItem {
  readonly options?: ProtectionOptions;
}

/** An agent and where its settings are to be changed, with how it stands there. */
async function pick(
  app: App,
  place: Place,
  title: string,
  isOffered: (state: ProtectionState) => boolean,
): Promise<ProtectionOptions> {
  const items: StateItem[] = [];
  // Those that work here come first.
  const here = new Set((await app.catalog.live(place)).map(({ agent }): string => agent));
  const inOrder = [...PROTECTED_AGENTS].sort((a, b) => Number(here.has(b)) - Number(here.has(a)));
  for (const scope of ['project', 'user'] as const) {
    const rows: StateItem[] = [];
    for (const agent of inOrder) {
      const options = { ...hookOptions(place), agent, scope };
      const state = await protectionState(options);
      if (!isOffered(state)) continue;
      const detail = stateDetail(state);
      rows.push({
        label: agentLabel(agent),
        description: stateText(state),
        ...(detail !== undefined && { detail }),
        iconPath: agentIcon(agent),
        options,
      });
    }
    if (rows.length > 0) items.push({ label: scopeText(scope), kind: QuickPickItemKind.Separator }, ...rows);
  }
  if (items.length === 0) throw new HumanError(l10n.t('No agent has hooks of Holdfast here.'));
  const picked = await window.showQuickPick(items, {
    title,
    placeHolder: l10n.t('The change is shown before anything is written'),
    matchOnDescription: true,
  });
  if (!picked?.options) throw new CancellationError();
  return picked.options;
}

function planned(outcome: PlanOutcome): ProtectionPlan {
  if (outcome.kind === 'planned') return outcome.plan;
  const { file } = outcome;
  throw new HumanError(unreadableText(outcome), [
    { label: l10n.t('Open File'), run: () => window.showTextDocument(Uri.file(file), { preview: true }) },
  ]);
}

function unreadableText({ file, detail }: Extract<PlanOutcome, { kind: 'unreadable' }>): string {
  switch (detail) {
    case 'not-json':
      return l10n.t('{0} was left as it is: it is not JSON.', file);
    case 'not-ours':
      return l10n.t('{0} was left as it is: Holdfast did not write it.', file);
    case 'outside':
      return l10n.t('{0} was left as it is: it leads out of the folder.', file);
    default:
      return l10n.t('{0} was left as it is, since it cannot be changed safely: {1}', file, detail);
  }
}

async function apply(app: App, plan: ProtectionPlan, again: () => Promise<void>): Promise<void> {
  const outcome = await applied(plan);
  if (outcome.kind === 'changed-meanwhile')
    throw new HumanError(
      l10n.t('{0} changed after it was shown, so nothing was written. Try again to see the new change.', outcome.file),
      [{ label: l10n.t('Try Again'), run: again }],
    );
  await lookForUnprotected(app);
}

/** As `applyPlan`; a file that cannot be written is told by its name. */
async function applied(plan: ProtectionPlan): ReturnType<typeof applyPlan> {
  try {
    return await applyPlan(plan);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
    const files = plan.changes.map(({ file }) => file);
    throw new HumanError(
      plan.changes.length === 1
        ? l10n.t('{0} could not be written: {1}. It is as it was.', files.join(), ioReason(error.code))
        : l10n.t(
            'One of these could not be written, those before it were: {0} ({1})',
            listed(files),
            ioReason(error.code),
          ),
    );
  }
}

function stepsText({ afterwards, agent }: ProtectionPlan): string {
  return afterwards.map((step) => ` ${thenText(step, agentLabel(agent))}`).join('');
}
