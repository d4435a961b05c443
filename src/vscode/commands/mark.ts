import { l10n } from 'vscode';
import { MAX_TAG_CHARACTERS, type Marks, type MarksOutcome, type TagProblem } from '../../core/index.ts';
import type { App } from '../app.ts';
import { writeFailureError } from '../failureWords.ts';
import { HumanError } from '../humanError.ts';
import type { Place } from '../places.ts';
import { statusMessage } from '../say.ts';
import type { SavedNode } from '../views/nodes.ts';
import { sessionCount } from '../words.ts';
import { manySaved, mustBeWritable } from './targets.ts';

/** Tags, pins and the archive: what people put on sessions to find them again. */

export async function pin(app: App, ...args: readonly unknown[]): Promise<void> {
  const nodes = await manySaved(app, args, l10n.t('The sessions to pin'));
  await mark(app, nodes, () => ({ pinned: true }));
  statusMessage(l10n.t('Pinned {0}.', subject(nodes)), 5000);
}

export async function unpin(app: App, ...args: readonly unknown[]): Promise<void> {
  const nodes = await manySaved(app, args, l10n.t('The sessions to unpin'), ({ head }) => head?.pinned === true);
  await mark(app, nodes, () => ({ pinned: false }));
  statusMessage(l10n.t('Unpinned {0}.', subject(nodes)), 5000);
}

export async function archive(app: App, ...args: readonly unknown[]): Promise<void> {
  const nodes = await manySaved(app, args, l10n.t('The sessions to archive'), ({ head }) => head?.archived !== true);
  // What is out of the way does not stand first.
  await mark(app, nodes, () => ({ archived: true, pinned: false }));
  statusMessage(l10n.t('Archived {0}.', subject(nodes)), 5000);
}

export async function unarchive(app: App, ...args: readonly unknown[]): Promise<void> {
  const nodes = await manySaved(
    app,
    args,
    l10n.t('The sessions to take out of the archive'),
    ({ head }) => head?.archived === true,
  );
  await mark(app, nodes, () => ({ archived: false }));
  statusMessage(l10n.t('Took {0} out of the archive.', subject(nodes)), 5000);
}

/** Marks each session as `marksOf` says; what was marked before one that fails stays marked. */
export async function mark(
  app: App,
  nodes: readonly SavedNode[],
  marksOf: (node: SavedNode) => Marks | undefined,
): Promise<void> {
  try {
    for (const node of nodes) {
      mustBeWritable(app, node.place);
      const marks = marksOf(node);
      if (marks) await setMarks(node.place, node.entry.name, marks);
    }
  } finally {
    app.catalog.refresh();
  }
}

export async function setMarks({ store }: Place, name: string, marks: Marks): Promise<void> {
  const outcome = await store.setMarks(name, marks);
  if (outcome.kind !== 'marked') throw marksError(name, outcome);
}

function marksError(name: string, failure: Exclude<MarksOutcome, { kind: 'marked' }>): HumanError {
  return failure.kind === 'invalid-tag'
    ? new HumanError(tagProblemText(failure.problem))
    : writeFailureError(name, failure);
}

export function tagProblemText(problem: TagProblem): string {
  switch (problem) {
    case 'empty':
      return l10n.t('A tag needs a name.');
    case 'too-long':
      return l10n.t('A tag has at most {0} characters.', MAX_TAG_CHARACTERS);
    case 'control-character':
      return l10n.t('A tag cannot contain invisible control characters.');
  }
}

function subject(nodes: readonly SavedNode[]): string {
  const [only] = nodes;
  return nodes.length === 1 && only ? only.entry.name : sessionCount(nodes.length);
}
