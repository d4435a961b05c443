import { l10n } from 'vscode';
import { MAX_TAG_CHARACTERS, type Marks, type MarksOutcome, type TagProblem } from '../../core/index.ts';
import type { App } from '../app.ts';
import { writeFailureError } from '../failureWords.ts';
import { HumanError } from '../humanError.ts';
import type { Place } from '../places.ts';
import { statusMessage } from '../say.ts';
import type { SavedNode } from '../views/nodes.ts';
import { sessionCount } from '../words.ts';
import { isChangeable, manySaved, mustBeWritable } from './targets.ts';

/** Tags, pins and the archive: what people put on sessions to find them again. */

export async function pin(app: App, ...args: readonly unknown[]): Promise<void> {
  const nodes = await manySaved(
    app,
    args,
    l10n.t('The sessions to pin'),
    (entry) => isChangeable(entry) && !entry.head?.pinned,
  );
  await mark(app, nodes, () => ({ pinned: true }));
  statusMessage(l10n.t('Pinned {0}.', subject(nodes)), 5000);
}

export async function unpin(app: App, ...args: readonly unknown[]): Promise<void> {
  const nodes = await manySaved(
    app,
    args,
    l10n.t('The sessions to unpin'),
    (entry) => isChangeable(entry) && entry.head?.pinned === true,
  );
  await mark(app, nodes, () => ({ pinned: false }));
  statusMessage(l10n.t('Unpinned {0}.', subject(nodes)), 5000);
}

export async function archive(app: App, ...args: readonly unknown[]): Promise<void> {
  const nodes = await manySaved(
    app,
    args,
    l10n.t('The sessions to archive'),
    (entry) => isChangeable(entry) && !entry.head?.archived,
  );
  // What is out of the way does not stand first.
  await mark(app, nodes, () => ({ archived: true, pinned: false }));
  statusMessage(l10n.t('Archived {0}.', subject(nodes)), 5000);
}

export async function unarchive(app: App, ...args: readonly unknown[]): Promise<void> {
  const nodes = await manySaved(
    app,
    args,
    l10n.t('The sessions to take out of the archive'),
    (entry) => isChangeable(entry) && entry.head?.archived === true,
  );
  await mark(app, nodes, () => ({ archived: false }));
  statusMessage(l10n.t('Took {0} out of the archive.', subject(nodes)), 5000);
}

/** Marks each session as `marksOf` says; where one fails the others are marked all the same, and the first failure is told. */
export async function mark(app: App, nodes: readonly SavedNode[], marksOf: (node: SavedNode) => Marks): Promise<void> {
  let failure: HumanError | undefined;
  try {
    for (const node of nodes) {
      mustBeWritable(app, node.place);
      const outcome = await node.place.store.setMarks(node.entry.name, marksOf(node));
      if (outcome.kind !== 'marked') failure ??= marksError(node.entry.name, outcome);
    }
  } finally {
    app.catalog.refresh();
  }
  if (failure) throw failure;
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
