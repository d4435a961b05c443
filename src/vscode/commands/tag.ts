import { CancellationError, l10n, type QuickPickItem, ThemeIcon, window } from 'vscode';
import { tagProblem } from '../../core/index.ts';
import type { App } from '../app.ts';
import { statusMessage, withoutIcons } from '../say.ts';
import { nodeId, type SavedNode } from '../views/nodes.ts';
import { sessionCount } from '../words.ts';
import { mark, tagProblemText } from './mark.ts';
import { allSaved, isChangeable, manySaved, mustBeChangeable, mustBeWritable } from './targets.ts';

export interface TagItem extends QuickPickItem {
  readonly tag: string;
}

/** Gives sessions tags, and takes them away; a tag that only some of them have is left alone unless it is checked. */
export async function tag(app: App, ...args: readonly unknown[]): Promise<void> {
  const rows = await manySaved(app, args, l10n.t('The sessions to tag'), isChangeable);
  for (const { place, entry } of rows) {
    mustBeWritable(app, place);
    mustBeChangeable(entry);
  }
  // Tags are replaced as a whole: what somebody gave meanwhile must not get lost.
  app.catalog.refresh();
  const now = await allSaved(app);
  const nodes = rows.map((row) => now.find((one) => nodeId(one) === nodeId(row)) ?? row);
  const counts = new Map<string, number>();
  for (const { entry } of now) for (const own of entry.head?.tags ?? []) counts.set(own, 0);
  for (const { entry } of nodes)
    for (const own of new Set(entry.head?.tags)) counts.set(own, (counts.get(own) ?? 0) + 1);
  const before = new Set([...counts].filter(([, count]) => count === nodes.length).map(([own]) => own));
  const after = await pickTags(titleOf(nodes), counts, before, nodes.length);
  const added = [...after].filter((one) => !before.has(one));
  const removed = new Set([...before].filter((one) => !after.has(one)));
  if (added.length + removed.size === 0) return;
  await mark(app, nodes, ({ entry }) => ({
    tags: [...(entry.head?.tags ?? []).filter((own) => !removed.has(own)), ...added],
  }));
  statusMessage(l10n.t('Tags were changed.'), 3000);
}

function titleOf(nodes: readonly SavedNode[]): string {
  const [only] = nodes;
  return nodes.length === 1 && only
    ? l10n.t('Tags of {0}', only.entry.name)
    : l10n.t('Tags of {0}', sessionCount(nodes.length));
}

/** The tags that are checked in the end; a new one is typed. */
function pickTags(
  title: string,
  counts: ReadonlyMap<string, number>,
  before: ReadonlySet<string>,
  sessions: number,
): Promise<ReadonlySet<string>> {
  const known = [...counts.keys()].sort((a, b) => a.localeCompare(b));
  const picker = window.createQuickPick<TagItem>();
  picker.title = title;
  picker.placeholder = l10n.t('Check tags, or type a new one and press Enter');
  picker.canSelectMany = true;
  picker.ignoreFocusOut = true;
  let checked: ReadonlySet<string> = before;
  const itemOf = (tag: string): TagItem => {
    const count = counts.get(tag);
    const some = count !== undefined && count > 0 && count < sessions;
    return {
      tag,
      label: withoutIcons(tag),
      iconPath: new ThemeIcon(count === undefined ? 'add' : 'tag'),
      ...(some && { description: l10n.t('on {0} of {1}', count, sessions) }),
      ...(count === undefined && { description: l10n.t('new tag'), alwaysShow: true }),
    };
  };
  const show = (typed: string): void => {
    const problem = typed === '' ? undefined : tagProblem(typed);
    picker.title = problem ? tagProblemText(problem) : title;
    const items = [...(typed === '' || problem || counts.has(typed) ? [] : [typed]), ...known].map(itemOf);
    picker.items = items;
    // What is typed anew is meant.
    picker.selectedItems = items.filter(({ tag }) => checked.has(tag) || !counts.has(tag));
  };
  show('');
  return new Promise((resolve, reject) => {
    picker.onDidChangeValue((value) => show(value.trim()));
    picker.onDidChangeSelection((items) => {
      checked = new Set(items.map(({ tag }) => tag).filter((tag) => counts.has(tag)));
    });
    picker.onDidAccept(() => {
      const typed = picker.value.trim();
      const picked = new Set(picker.selectedItems.map(({ tag }) => tag));
      // Enter on the name of a tag that is there is a way to check it.
      if (counts.has(typed) && !before.has(typed)) picked.add(typed);
      resolve(picked);
      picker.hide();
    });
    picker.onDidHide(() => {
      picker.dispose();
      reject(new CancellationError());
    });
    picker.show();
  });
}
