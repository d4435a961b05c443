import { join, relative } from 'node:path';
import { CancellationError, commands, l10n, TabInputTextDiff, window } from 'vscode';
import type { FileChange, ProtectionPlan } from '../../agents/index.ts';
import type { App } from '../app.ts';
import { showDiff } from '../editing/showDiff.ts';
import type { Place } from '../places.ts';
import { agentLabel } from '../views/agentFace.ts';

/** Shows every file before and after, and asks once: in few lines, which leave the change to be seen. */
export async function confirmPlan(
  { seen }: Pick<App, 'seen'>,
  place: Place,
  plan: ProtectionPlan,
  yes: string,
  question: string,
): Promise<void> {
  const shown = await showChanges({ seen }, place, plan);
  const files = plan.changes.map(({ file }) => shortPath(place, file));
  const picked = await window.showQuickPick(
    [
      { label: yes, description: l10n.t('writes {0}', files.join(', ')) },
      { label: l10n.t('Cancel'), description: l10n.t('writes nothing') },
    ],
    {
      title: question,
      placeHolder: alsoText(plan.alsoFires.map(agentLabel)) ?? l10n.t('What is written is shown below'),
      // To read the change is why this is asked.
      ignoreFocusOut: true,
    },
  );
  if (picked?.label === yes) return;
  // What was not done is not left to be looked at.
  await closeTabs(shown);
  throw new CancellationError();
}

/** Closes the tabs that show a change to one of these documents. */
async function closeTabs(shown: ReadonlySet<string>): Promise<void> {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  await window.tabGroups.close(
    tabs.filter(({ input }) => input instanceof TabInputTextDiff && shown.has(input.modified.toString())),
  );
}

function alsoText(agents: readonly string[]): string | undefined {
  return agents.length === 0
    ? undefined
    : l10n.t('The hooks of {0} fire for the same edits; each edit is judged once', agents.join(', '));
}

/** As a person would write it: relative to the folder, or to the home. */
function shortPath({ where, path }: Place, file: string): string {
  const inFolder = relative(path, file);
  if (!inFolder.startsWith('..')) return inFolder;
  const inHome = relative(where.home, file);
  return inHome.startsWith('..') ? file : join('~', inHome);
}

/** The documents that were opened, where there is one of them. */
async function showChanges(
  { seen }: Pick<App, 'seen'>,
  place: Place,
  plan: ProtectionPlan,
): Promise<ReadonlySet<string>> {
  const sides = ({ file, before = '', after = '' }: FileChange) =>
    [seen.add(file, before), seen.add(file, after)] as const;
  const [only] = plan.changes;
  if (plan.changes.length === 1 && only) {
    const [before, after] = sides(only);
    await showDiff(before, after, titleOf(plan, shortPath(place, only.file)));
    return new Set([after.toString()]);
  }
  await commands.executeCommand(
    'vscode.changes',
    l10n.t('Edit protection for {0}', agentLabel(plan.agent)),
    plan.changes.map((change) => [seen.add(change.file, change.after ?? ''), ...sides(change)]),
  );
  return new Set();
}

function titleOf({ action }: ProtectionPlan, file: string): string {
  return action === 'install'
    ? l10n.t('{0}: now ↔ with edit protection', file)
    : l10n.t('{0}: now ↔ without edit protection', file);
}
