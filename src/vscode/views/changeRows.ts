import { l10n } from 'vscode';
import {
  type ConfigChange,
  type Decision,
  type DriftKind,
  type DriftReport,
  type FileFreshness,
  isStale,
  type ParameterChange,
  type ToolChange,
  type WorkspaceChange,
} from '../../core/index.ts';
import type { Place } from '../places.ts';
import { type Restoration, restorationOf } from '../resuming/restoredConfig.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import { acceptedOf } from './accepted.ts';

/** A row of Changes Since Save; `accepted` tells who accepted the difference before. */
export type Change =
  | { readonly kind: 'group'; readonly group: DriftKind; readonly count: number }
  | { readonly kind: 'note'; readonly group: DriftKind; readonly text: string }
  | {
      readonly kind: 'config';
      readonly change: ConfigChange;
      readonly restoration?: Restoration | undefined;
      readonly accepted?: Decision | undefined;
    }
  | { readonly kind: 'tool'; readonly change: ToolChange; readonly accepted?: Decision | undefined }
  /** One parameter may differ in several ways: `nth` tells them apart, from 0. */
  | { readonly kind: 'parameter'; readonly tool: string; readonly nth: number; readonly change: ParameterChange }
  /** A message, counted from 1, whose call a change of the tool concerns. */
  | {
      readonly kind: 'call';
      readonly place: Place;
      readonly name: string;
      readonly tool: string;
      readonly message: number;
    }
  | { readonly kind: 'workspace'; readonly change: WorkspaceChange; readonly accepted?: Decision | undefined }
  | StaleChange
  /** Files for which there are no rows. */
  | { readonly kind: 'more'; readonly count: number };

export interface StaleChange {
  readonly kind: 'stale';
  readonly place: Place;
  readonly name: string;
  readonly file: FileFreshness;
  readonly accepted?: Decision | undefined;
}

/** More files are counted, not listed: nobody reads a list of thousands, and VS Code would paint every row. */
export const MOST_FILES = 300;

const order: readonly DriftKind[] = ['files', 'config', 'tools', 'workspace'];

export function changeCount(report: DriftReport): number {
  return report.files.filter(isStale).length + report.config.length + report.tools.length + report.workspace.length;
}

export function groupRows(report: DriftReport): Change[] {
  const counts: Readonly<Record<DriftKind, number>> = {
    files: report.files.filter(isStale).length,
    config: report.config.length,
    tools: report.tools.length,
    workspace: report.workspace.length,
  };
  // All equal, and nothing that must be read again: the view's welcome says so.
  if (changeCount(report) === 0 && !report.files.some(({ freshness }) => freshness === 'unknown')) return [];
  return order.map((group) => ({ kind: 'group', group, count: counts[group] }));
}

export function groupOf(kind: 'config' | 'tool' | 'workspace' | 'stale' | 'more'): DriftKind {
  switch (kind) {
    case 'tool':
      return 'tools';
    case 'stale':
    case 'more':
      return 'files';
    case 'config':
    case 'workspace':
      return kind;
  }
}

/** The rows of a group; at least one, which says why there is nothing to list. */
export function rowsUnder(group: DriftKind, session: ActiveSession, report: DriftReport): Change[] {
  const found = changesOf(group, session, report);
  if (found.length > 0) return found;
  const text = report.notCompared.includes(group) ? l10n.t('Not recorded, so not compared') : l10n.t('Nothing changed');
  return [{ kind: 'note', group, text }];
}

function changesOf(group: DriftKind, session: ActiveSession, report: DriftReport): Change[] {
  const by = acceptedOf(report, session.decisions);
  switch (group) {
    case 'files':
      return fileRows(session, report);
    case 'config':
      return report.config.map((change) => ({
        kind: 'config',
        change,
        restoration: restorationOf(session.body, session.decisions, change),
        accepted: by.config.get(change.field),
      }));
    case 'tools':
      return report.tools.map((change) => ({ kind: 'tool', change, accepted: by.tools.get(change.tool) }));
    case 'workspace':
      return report.workspace.map((change) => ({
        kind: 'workspace',
        change,
        accepted: by.workspace.get(change.field),
      }));
  }
}

/** Files that changed, those that nobody accepted first; then those that must be read again before they can be written. */
function fileRows({ place, name, decisions }: ActiveSession, report: DriftReport): Change[] {
  const { files: by } = acceptedOf(report, decisions);
  const stale = report.files.filter(isStale);
  const all = [
    ...stale.filter(({ key }) => !by.has(key)),
    ...stale.filter(({ key }) => by.has(key)),
    ...report.files.filter(({ freshness }) => freshness === 'unknown'),
  ];
  const rows = all
    .slice(0, MOST_FILES)
    .map((file): Change => ({ kind: 'stale', place, name, file, accepted: by.get(file.key) }));
  return all.length > MOST_FILES ? [...rows, { kind: 'more', count: all.length - MOST_FILES }] : rows;
}

export function parameterRows(tool: string, parameters: readonly ParameterChange[]): Change[] {
  const before = new Map<string, number>();
  return parameters.map((change) => {
    const nth = before.get(change.parameter) ?? 0;
    before.set(change.parameter, nth + 1);
    return { kind: 'parameter', tool, nth, change };
  });
}

/** Unique among all rows, and the same after a new comparison. */
export function changeId(change: Change): string {
  switch (change.kind) {
    case 'group':
    case 'note':
      return `${change.kind}|${change.group}`;
    case 'config':
    case 'workspace':
      return `${change.kind}|${change.change.field}`;
    case 'tool':
      return `tool|${change.change.tool}`;
    case 'parameter':
      return `parameter|${change.tool}|${change.change.parameter}|${change.nth}`;
    case 'call':
      return `call|${change.tool}|${change.message}`;
    case 'stale':
      return `stale|${change.file.key}`;
    case 'more':
      return 'more';
  }
}
