import { type Disposable, type Event, EventEmitter, l10n, type TreeDataProvider, type TreeItem } from 'vscode';
import {
  type ConfigChange,
  type DriftKind,
  type DriftReport,
  type FileFreshness,
  isStale,
  type ToolChange,
  type WorkspaceChange,
} from '../../core/index.ts';
import type { Place } from '../places.ts';
import type { ActiveSession } from '../session/activeSession.ts';
import type { ActiveSessions } from '../session/activeSessions.ts';
import { describeChange } from './changeItems.ts';

/** A row of Changes Since Save. */
export type Change =
  | { readonly kind: 'group'; readonly group: DriftKind; readonly count: number }
  | { readonly kind: 'note'; readonly group: DriftKind; readonly text: string }
  | { readonly kind: 'config'; readonly change: ConfigChange }
  | { readonly kind: 'tool'; readonly change: ToolChange }
  | { readonly kind: 'workspace'; readonly change: WorkspaceChange }
  | { readonly kind: 'stale'; readonly place: Place; readonly name: string; readonly file: FileFreshness };

const order: readonly DriftKind[] = ['files', 'config', 'tools', 'workspace'];

/** What differs between the active session and now; its rows come from the last report. */
export class ChangesTree implements TreeDataProvider<Change>, Disposable {
  readonly #active: ActiveSessions;
  readonly #changed = new EventEmitter<undefined>();
  readonly #listening: readonly Disposable[];

  readonly onDidChangeTreeData: Event<undefined> = this.#changed.event;

  constructor(active: ActiveSessions) {
    this.#active = active;
    const fire = (): void => this.#changed.fire(undefined);
    this.#listening = [active.onDidChangeActive(fire), active.onDidUpdate(fire)];
  }

  getChildren(parent?: Change): Change[] {
    const session = this.#active.current;
    const report = session?.report;
    if (!report) return [];
    if (!parent) return groups(report);
    return parent.kind === 'group' ? rows(parent.group, session, report) : [];
  }

  getParent(change: Change): Change | undefined {
    const report = this.#active.current?.report;
    if (!report || change.kind === 'group') return undefined;
    const group = change.kind === 'note' ? change.group : groupOf(change.kind);
    return groups(report).find((one) => one.kind === 'group' && one.group === group);
  }

  getTreeItem(change: Change): TreeItem {
    const item = describeChange(change);
    item.id = idOf(change);
    return item;
  }

  dispose(): void {
    for (const one of this.#listening) one.dispose();
    this.#changed.dispose();
  }
}

function groupOf(kind: 'config' | 'tool' | 'workspace' | 'stale'): DriftKind {
  switch (kind) {
    case 'tool':
      return 'tools';
    case 'stale':
      return 'files';
    case 'config':
    case 'workspace':
      return kind;
  }
}

/** Files that changed, then those that must be read again before they can be written. */
function shownFiles(report: DriftReport): readonly FileFreshness[] {
  return [...report.files.filter(isStale), ...report.files.filter(({ freshness }) => freshness === 'unknown')];
}

export function changeCount(report: DriftReport): number {
  return report.files.filter(isStale).length + report.config.length + report.tools.length + report.workspace.length;
}

function groups(report: DriftReport): Change[] {
  const counts: Readonly<Record<DriftKind, number>> = {
    files: report.files.filter(isStale).length,
    config: report.config.length,
    tools: report.tools.length,
    workspace: report.workspace.length,
  };
  // All equal, and nothing that must be read again: the view's welcome says so.
  if (changeCount(report) === 0 && shownFiles(report).length === 0) return [];
  return order.map((group) => ({ kind: 'group', group, count: counts[group] }));
}

function rows(group: DriftKind, session: ActiveSession, report: DriftReport): Change[] {
  const found = changesOf(group, session, report);
  if (found.length > 0) return found;
  const text = report.notCompared.includes(group) ? l10n.t('Not recorded, so not compared') : l10n.t('Nothing changed');
  return [{ kind: 'note', group, text }];
}

function changesOf(group: DriftKind, session: ActiveSession, report: DriftReport): Change[] {
  switch (group) {
    case 'files':
      return shownFiles(report).map((file) => ({ kind: 'stale', place: session.place, name: session.name, file }));
    case 'config':
      return report.config.map((change) => ({ kind: 'config', change }));
    case 'tools':
      return report.tools.map((change) => ({ kind: 'tool', change }));
    case 'workspace':
      return report.workspace.map((change) => ({ kind: 'workspace', change }));
  }
}

function idOf(change: Change): string {
  switch (change.kind) {
    case 'group':
    case 'note':
      return `${change.kind}|${change.group}`;
    case 'config':
    case 'workspace':
      return `${change.kind}|${change.change.field}`;
    case 'tool':
      return `tool|${change.change.tool}`;
    case 'stale':
      return `stale|${change.file.key}`;
  }
}
