import { CancellationError, commands, l10n, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import {
  applyPlan,
  type FileChange,
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
import { showDiff } from '../editing/showDiff.ts';
import { HumanError } from '../humanError.ts';
import type { Place } from '../places.ts';
import { hookOptions, keepHookProgram, mustHaveNode } from '../protecting/hookProgram.ts';
import { scopeText, stateDetail, stateText, thenText } from '../protecting/protectionWords.ts';
import { lookForUnprotected } from '../protecting/unprotected.ts';
import { showInformation, statusMessage } from '../say.ts';
import { agentIcon, agentLabel } from '../views/agentFace.ts';
import { fileCount } from '../words.ts';
import { mustBeWritable, onePlace } from './targets.ts';

/** Adds Holdfast's hooks to an agent's settings, after showing exactly what changes in which file. */
export async function installProtection(app: App): Promise<void> {
  const place = await onePlace(app);
  mustBeWritable(app, place);
  const options = await pick(place, l10n.t('Install Edit Protection for'), () => true);
  const plan = planned(await planInstall(options));
  const label = agentLabel(plan.agent);
  if (plan.changes.length === 0) {
    void showInformation(l10n.t('The hooks for {0} are in place.', label) + stepsText(plan));
    return;
  }
  await mustHaveNode(place);
  await confirm(app, plan, l10n.t('Install'), l10n.t('Install edit protection for {0} as shown?', label));
  await keepHookProgram(app, place);
  await apply(app, plan);
  void showInformation(l10n.t('Edit protection for {0} is installed.', label) + stepsText(plan));
}

/** Takes Holdfast's hooks out of an agent's settings again. */
export async function removeProtection(app: App): Promise<void> {
  const place = await onePlace(app);
  mustBeWritable(app, place);
  const options = await pick(place, l10n.t('Remove Edit Protection of'), (state) => state !== 'absent');
  const plan = planned(await planRemove(options));
  const label = agentLabel(plan.agent);
  if (plan.changes.length === 0) {
    statusMessage(l10n.t('{0} has no hooks of Holdfast there.', label), 5000);
    return;
  }
  await confirm(app, plan, l10n.t('Remove'), l10n.t('Remove edit protection of {0} as shown?', label));
  await apply(app, plan);
  void showInformation(l10n.t('Edit protection of {0} was removed.', label) + stepsText(plan));
}

interface StateItem extends QuickPickItem {
  readonly options?: ProtectionOptions;
}

/** An agent and where its settings are to be changed, with how it stands there. */
async function pick(
  place: Place,
  title: string,
  isOffered: (state: ProtectionState) => boolean,
): Promise<ProtectionOptions> {
  const items: StateItem[] = [];
  for (const scope of ['project', 'user'] as const) {
    const rows: StateItem[] = [];
    for (const agent of PROTECTED_AGENTS) {
      const options = { ...hookOptions(place), agent, scope };
      const state = await protectionState(options);
      if (!isOffered(state)) continue;
      rows.push({
        label: agentLabel(agent),
        description: stateText(state),
        detail: stateDetail(state),
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
  throw new HumanError(unreadableText(outcome));
}

function unreadableText({ file, detail }: Extract<PlanOutcome, { kind: 'unreadable' }>): string {
  switch (detail) {
    case 'not-json':
      return l10n.t('{0} was left as it is: it is not JSON.', file);
    case 'not-ours':
      return l10n.t('{0} was left as it is: it is not of Holdfast.', file);
    case 'outside':
      return l10n.t('{0} was left as it is: it leads out of the folder.', file);
    default:
      return l10n.t('{0} was left as it is, since it cannot be changed safely: {1}', file, detail);
  }
}

/** Shows every file before and after, and asks once. */
async function confirm(app: App, plan: ProtectionPlan, yes: string, question: string): Promise<void> {
  await showChanges(app, plan);
  const files = plan.changes.map(({ file }) => file);
  const also = plan.alsoFires.map(agentLabel);
  const picked = await window.showQuickPick(
    [
      { label: yes, detail: [l10n.t('Writes {0}', files.join(', ')), ...alsoText(also)].join('. ') },
      { label: l10n.t('Cancel'), detail: l10n.t('Writes nothing') },
    ],
    // To read the change is why this is asked.
    { title: question, placeHolder: l10n.t('{0} below', fileCount(files.length)), ignoreFocusOut: true },
  );
  if (picked?.label !== yes) throw new CancellationError();
}

function alsoText(agents: readonly string[]): readonly string[] {
  return agents.length === 0
    ? []
    : [l10n.t('The hooks of {0} fire for the same edits; each edit is judged once', agents.join(', '))];
}

async function showChanges(app: App, plan: ProtectionPlan): Promise<void> {
  const sides = ({ file, before = '', after = '' }: FileChange) =>
    [app.seen.add(file, before), app.seen.add(file, after)] as const;
  const [only] = plan.changes;
  if (plan.changes.length === 1 && only) {
    const [before, after] = sides(only);
    await showDiff(before, after, titleOf(plan, only));
    return;
  }
  await commands.executeCommand(
    'vscode.changes',
    l10n.t('Edit protection for {0}', agentLabel(plan.agent)),
    plan.changes.map((change) => [app.seen.add(change.file, change.after ?? ''), ...sides(change)]),
  );
}

function titleOf({ action }: ProtectionPlan, { file }: FileChange): string {
  return action === 'install'
    ? l10n.t('{0}: now ↔ with edit protection', file)
    : l10n.t('{0}: now ↔ without edit protection', file);
}

async function apply(app: App, plan: ProtectionPlan): Promise<void> {
  const outcome = await applyPlan(plan);
  if (outcome.kind === 'changed-meanwhile')
    throw new HumanError(
      l10n.t('{0} changed after it was shown, so nothing was written. Try again to see the new change.', outcome.file),
    );
  await lookForUnprotected(app);
}

function stepsText({ afterwards, agent }: ProtectionPlan): string {
  return afterwards.map((step) => ` ${thenText(step, agentLabel(agent))}`).join('');
}
