import type { FileFreshness } from '../files/stamp.ts';
import type { DriftKind, DriftPolicies, DriftPolicy, DriftReport, ToolChange } from './report.ts';

/** What a caller does with a report. `kinds` are those whose policy asks for it. */
export interface DriftDecision {
  readonly action: 'continue' | 'warn' | 'ask' | 'block';
  readonly kinds: readonly DriftKind[];
}

/** How much differs, for a badge or a sentence. */
export interface DriftCounts {
  readonly config: number;
  readonly tools: Readonly<Record<'added' | 'removed' | 'breaking' | 'compatible' | 'text', number>>;
  readonly workspace: number;
  readonly files: Readonly<Record<FileFreshness['freshness'], number>>;
}

const KINDS: readonly DriftKind[] = ['config', 'tools', 'workspace', 'files'];
/** The strongest first. */
const ACTIONS: readonly Exclude<DriftPolicy, 'ignore'>[] = ['block', 'ask', 'warn'];

/** Kinds in which something differs. A file that is `touched` has the same bytes; one that is `unknown` is not known to differ. */
export function differingKinds(report: DriftReport): readonly DriftKind[] {
  return KINDS.filter((kind) => (kind === 'files' ? report.files.some(isStale) : report[kind].length > 0));
}

export function isClean(report: DriftReport): boolean {
  return differingKinds(report).length === 0;
}

/** True when the disk or an open editor is known to hold something else than the session saw. */
export function isStale(file: FileFreshness): boolean {
  switch (file.freshness) {
    case 'changed':
    case 'deleted':
    case 'moved':
    case 'unsaved':
    case 'unreadable':
      return true;
    case 'same':
    case 'touched':
    case 'unknown':
      return false;
  }
}

/** The strongest policy among the kinds that differ: block, then ask, then warn; `ignore` never counts. */
export function decide(report: DriftReport, policies: DriftPolicies): DriftDecision {
  const differing = differingKinds(report);
  for (const action of ACTIONS) {
    const kinds = differing.filter((kind) => policies[kind] === action);
    if (kinds.length > 0) return { action, kinds };
  }
  return { action: 'continue', kinds: [] };
}

export function countDrift(report: DriftReport): DriftCounts {
  const tools = { added: 0, removed: 0, breaking: 0, compatible: 0, text: 0 };
  for (const tool of report.tools) tools[toolCountKey(tool)] += 1;
  const files = { same: 0, touched: 0, changed: 0, deleted: 0, moved: 0, unsaved: 0, unknown: 0, unreadable: 0 };
  for (const file of report.files) files[file.freshness] += 1;
  return { config: report.config.length, tools, workspace: report.workspace.length, files };
}

function toolCountKey(change: ToolChange): keyof DriftCounts['tools'] {
  return change.change === 'changed' ? change.effect : change.change;
}
