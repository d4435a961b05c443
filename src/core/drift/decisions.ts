import type { FileFreshness } from '../files/stamp.ts';
import type { Decision, SnapshotBody } from '../session/snapshot.ts';
import { canonicalJson, sha256Hex } from './canonical.ts';
import { isStale } from './decide.ts';
import { cutText } from './escapeText.ts';
import type { ConfigChange, DriftReport, ToolChange, WorkspaceChange } from './report.ts';
import { type Budget, CHARACTERS, createBudget, spend } from './tools/budget.ts';

type Accepted = Decision['accepted'];
type Kind = 'config' | 'tools' | 'workspace' | 'files';
type Item<K extends Kind> = NonNullable<Accepted[K]>[number];

const KINDS: readonly Kind[] = ['config', 'tools', 'workspace', 'files'];

/** What tells one item from another. */
const FIELDS: Readonly<Record<Kind, readonly string[]>> = {
  config: ['field', 'saved', 'now'],
  tools: ['tool', 'change', 'hash'],
  workspace: ['field', 'saved', 'now'],
  files: ['key', 'freshness', 'sha256', 'moved_to'],
};

/** Items of each kind that a decision keeps: what lies beyond is asked again. */
const MAX_ITEMS = 1_000;
/** Characters of a name, and of a value's JSON; of a longer value its hash is kept. */
const MAX_TEXT = 500;
/** Of a text that is compared as it is, characters. */
const MAX_PLAIN = 10_000;
/** Items of former decisions that are looked at, the newest first. */
const MAX_REMEMBERED = 5_000;

/**
 * The record of a decision on a report: what differed and was accepted, with the values that held. `by` is the user's
 * name, `at` ms since the epoch. To go on read-only, to fork, to restore the recorded configuration and to take that back accept nothing.
 */
export function decisionOn(
  report: DriftReport,
  made: { readonly id: string; readonly action: Decision['action']; readonly by: string; readonly at: number },
): Decision {
  return {
    id: made.id,
    at: new Date(made.at).toISOString(),
    by: cutText(made.by, 200),
    action: made.action,
    accepted: accepts(made.action) ? acceptedOf(report) : {},
  };
}

/**
 * The report without what somebody has accepted before: the same differences, with the same values. It tells whether
 * anybody must be asked; which files may be written the guard decides. A file with unsaved changes is always told.
 */
export function withoutAccepted(report: DriftReport, decisions: SnapshotBody['decisions']): DriftReport {
  const remembered = acceptedBefore(decisions ?? []);
  if (remembered.size === 0) return report;
  const isNew = (name: string | undefined): boolean => name === undefined || !remembered.has(name);
  return {
    ...report,
    config: report.config.filter((change) => isNew(nameOf('config', configItem(change)))),
    tools: report.tools.filter((change) => isNew(nameOf('tools', toolItem(change)))),
    workspace: report.workspace.filter((change) => isNew(nameOf('workspace', workspaceItem(change)))),
    files: report.files.filter((file) => !isStale(file) || isNew(nameOf('files', fileItem(file)))),
  };
}

function acceptedOf({ config, tools, workspace, files }: DriftReport): Accepted {
  return {
    ...some(
      'config',
      config.flatMap((change) => configItem(change) ?? []),
    ),
    ...some(
      'tools',
      tools.flatMap((change) => toolItem(change) ?? []),
    ),
    ...some(
      'workspace',
      workspace.flatMap((change) => workspaceItem(change) ?? []),
    ),
    ...some(
      'files',
      files.filter(isStale).flatMap((file) => fileItem(file) ?? []),
    ),
  };
}

function some<K extends Kind>(kind: K, items: NonNullable<Accepted[K]>): Pick<Accepted, K> | Record<never, never> {
  return items.length === 0 ? {} : { [kind]: items.slice(0, MAX_ITEMS) };
}

/** Undefined for what no decision can hold: it is asked again. */
function configItem({ field, saved, now }: ConfigChange): Item<'config'> | undefined {
  const was = bounded(saved);
  const is = bounded(now);
  if (field.length > MAX_TEXT || was === undefined || is === undefined) return undefined;
  return { field, saved: was, now: is };
}

function toolItem(change: ToolChange): Item<'tools'> | undefined {
  const { tool } = change;
  if (tool.length > MAX_TEXT) return undefined;
  switch (change.change) {
    case 'removed':
      return { tool, change: change.change };
    case 'added':
      return { tool, change: change.change, ...(change.hash === undefined ? {} : { hash: change.hash }) };
    case 'changed':
      // Without a hash the next change would look like this one.
      return change.hash === undefined ? undefined : { tool, change: change.change, hash: change.hash };
  }
}

function workspaceItem({ field, saved, now = '' }: WorkspaceChange): Item<'workspace'> | undefined {
  return saved.length > MAX_TEXT || now.length > MAX_TEXT ? undefined : { field, saved, now };
}

function fileItem({ key, freshness, stamp, movedTo }: FileFreshness): Item<'files'> | undefined {
  if (freshness === 'unsaved' || (freshness === 'changed' && stamp === undefined)) return undefined;
  return {
    key,
    freshness,
    ...(stamp === undefined ? {} : { sha256: stamp.sha256 }),
    ...(movedTo === undefined ? {} : { moved_to: movedTo }),
  };
}

/** A value as a decision keeps it; undefined for one that is too big or too deep to be compared. */
function bounded(value: unknown): unknown {
  if (!spend(createBudget(), value)) return undefined;
  const text = canonicalJson(value);
  return text.length <= MAX_TEXT ? (value ?? null) : { sha256: sha256Hex(text) };
}

function acceptedBefore(decisions: readonly Decision[]): ReadonlySet<string> {
  const names = new Set<string>();
  let left = MAX_REMEMBERED;
  // One for all of them: each may come from a file that was made to be slow. Those that we write cost next to nothing.
  const budget = createBudget();
  for (const { action, accepted } of [...decisions].reverse()) {
    if (!accepts(action)) continue;
    for (const kind of KINDS) {
      for (const item of accepted[kind] ?? []) {
        left -= 1;
        if (left < 0 || budget.left < 0) return names;
        const name = nameOf(kind, item, budget);
        if (name !== undefined) names.add(name);
        // It was looked at until it proved to be too big: so many of those are not.
        else budget.left = Math.floor(budget.left / 2) - 1;
      }
    }
  }
  return names;
}

/** What is compared of an item. One of a decision comes from a file, and may hold anything beside. */
function nameOf<K extends Kind>(
  kind: K,
  item: Item<K> | undefined,
  budget: Budget = createBudget(),
): string | undefined {
  if (item === undefined) return undefined;
  const parts = [kind, ...FIELDS[kind].map((field) => (Object.hasOwn(item, field) ? (item[field] ?? null) : null))];
  // Files have nothing but texts, and there may be ten thousand of them.
  if (parts.every((part) => part === null || (typeof part === 'string' && part.length <= MAX_PLAIN))) {
    const text = JSON.stringify(parts);
    budget.left -= parts.length + Math.floor(text.length / CHARACTERS);
    return text;
  }
  return spend(budget, parts) ? canonicalJson(parts) : undefined;
}

function accepts(action: Decision['action']): boolean {
  switch (action) {
    case 'continue':
    case 'continue-with-briefing':
    case 'reread':
      return true;
    case 'restore-config':
    case 'keep-config':
    case 'read-only':
    case 'fork':
      return false;
  }
}
