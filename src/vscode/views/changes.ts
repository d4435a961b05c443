import {
  type Disposable,
  type Event,
  EventEmitter,
  type LogOutputChannel,
  type TreeDataProvider,
  type TreeItem,
} from 'vscode';
import { toolCalls } from '../comparing/toolCalls.ts';
import type { ActiveSessions } from '../session/activeSessions.ts';
import { describeChange } from './changeItems.ts';
import { type Change, changeId, groupOf, groupRows, parameterRows, rowsUnder } from './changeRows.ts';
import { ShownRows } from './shownRows.ts';

/** What differs between the active session and now; its rows come from the last report. */
export class ChangesTree implements TreeDataProvider<Change>, Disposable {
  readonly #active: ActiveSessions;
  readonly #changed = new EventEmitter<Change | undefined>();
  readonly #shown: ShownRows<Change>;
  readonly #listening: readonly Disposable[];

  readonly onDidChangeTreeData: Event<Change | undefined> = this.#changed.event;

  constructor(active: ActiveSessions, log: LogOutputChannel) {
    this.#active = active;
    this.#shown = new ShownRows<Change>(
      { children: (parent) => this.#children(parent), describe: describeChange, idOf: changeId },
      (row) => this.#changed.fire(row),
    );
    const update = (): void =>
      void this.#shown.update().catch((error: unknown) => {
        log.error(`Changes Since Save: ${error instanceof Error ? error.message : String(error)}`);
        this.#changed.fire(undefined);
      });
    this.#listening = [active.onDidChangeActive(update), active.onDidUpdate(update)];
  }

  getChildren(parent?: Change): Promise<Change[]> {
    return this.#shown.give(parent);
  }

  getTreeItem(change: Change): TreeItem {
    const item = describeChange(change);
    item.id = changeId(change);
    return item;
  }

  getParent(change: Change): Change | undefined {
    const parent = this.#parentOf(change);
    return parent && this.#shown.known(parent);
  }

  dispose(): void {
    for (const one of this.#listening) one.dispose();
    this.#changed.dispose();
  }

  #parentOf(change: Change): Change | undefined {
    const session = this.#active.current;
    const report = session?.report;
    if (!report || change.kind === 'group') return undefined;
    if (change.kind === 'parameter' || change.kind === 'call')
      return rowsUnder('tools', session, report).find((row) => row.kind === 'tool' && row.change.tool === change.tool);
    const group = change.kind === 'note' ? change.group : groupOf(change.kind);
    return groupRows(report).find((row) => row.kind === 'group' && row.group === group);
  }

  async #children(parent: Change | undefined): Promise<readonly Change[]> {
    const session = this.#active.current;
    const report = session?.report;
    if (!report) return [];
    if (!parent) return groupRows(report);
    if (parent.kind === 'group') return rowsUnder(parent.group, session, report);
    if (parent.kind !== 'tool' || parent.change.change === 'added') return [];
    const { tool } = parent.change;
    const { place, name } = session;
    const parameters = parent.change.change === 'changed' ? parent.change.parameters : [];
    const calls = await toolCalls(session, tool);
    return [
      ...parameterRows(tool, parameters),
      ...calls.map((message): Change => ({ kind: 'call', place, name, tool, message })),
    ];
  }
}
