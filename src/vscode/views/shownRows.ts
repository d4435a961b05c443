import type { TreeItem } from 'vscode';

export interface RowSource<Row extends object> {
  children(parent: Row | undefined): Promise<readonly Row[]>;
  describe(row: Row): TreeItem;
  /** Unique among all rows, and the same for a row whose facts changed. */
  idOf(row: Row): string;
}

/** Rows that are compared before others get their turn. */
const SLICE = 200;

/**
 * What VS Code was last given of a tree, so that a change repaints the rows that look different and no more.
 *
 * A repaint of the whole tree makes VS Code forget every row until it has asked for them again: whoever has a menu open
 * meanwhile clicks on a row that is no more, and the command runs without knowing which it was for. An agent at work
 * changes the tree at every turn, so this is not rare. For the same reason a row stays one object for its life, and
 * its facts are brought up to date in place.
 */
export class ShownRows<Row extends object> {
  readonly #source: RowSource<Row>;
  readonly #repaint: (row: Row | undefined) => void;
  readonly #rows = new Map<string, Row>();
  /** By parent (undefined: the root), the ids of its rows in their order. */
  readonly #order = new Map<string | undefined, readonly string[]>();
  readonly #looks = new Map<string, string>();
  #updating: Promise<void> | undefined;
  #again = false;
  #compared = 0;

  constructor(source: RowSource<Row>, repaint: (row: Row | undefined) => void) {
    this.#source = source;
    this.#repaint = repaint;
  }

  /** The rows to give VS Code, remembered as given. */
  async give(parent: Row | undefined): Promise<Row[]> {
    const rows = (await this.#source.children(parent)).map((row) => this.known(row));
    const ids = rows.map((row) => this.#source.idOf(row));
    this.#order.set(parent && this.#source.idOf(parent), ids);
    for (const [i, row] of rows.entries()) this.#looks.set(ids[i] ?? '', this.#lookOf(row));
    return rows;
  }

  /** The object by which VS Code knows this row, with the new facts. */
  known(row: Row): Row {
    const id = this.#source.idOf(row);
    const known = this.#rows.get(id);
    if (known) return Object.assign(known, row);
    this.#rows.set(id, row);
    return row;
  }

  /** Repaints what differs from what was given; calls during an update make it run once more. */
  update(): Promise<void> {
    if (this.#updating) {
      this.#again = true;
      return this.#updating;
    }
    this.#updating = this.#compare().finally(() => {
      this.#updating = undefined;
    });
    return this.#updating;
  }

  async #compare(): Promise<void> {
    do {
      this.#again = false;
      await this.#compareUnder(undefined);
    } while (this.#again);
  }

  async #compareUnder(parent: Row | undefined): Promise<void> {
    const given = this.#order.get(parent && this.#source.idOf(parent));
    // Never asked for: collapsed, or the view was never visible.
    if (!given) return;
    const rows = await this.#source.children(parent);
    const ids = rows.map((row) => this.#source.idOf(row));
    if (ids.length !== given.length || ids.some((id, i) => id !== given[i])) {
      this.#forgetUnder(given, new Set(ids));
      this.#repaint(parent);
      return;
    }
    for (const [i, fresh] of rows.entries()) {
      if (++this.#compared % SLICE === 0) await new Promise<void>((resolve) => setImmediate(resolve));
      const row = this.known(fresh);
      const id = ids[i] ?? '';
      if (this.#looks.get(id) !== this.#lookOf(row)) {
        this.#looks.set(id, this.#lookOf(row));
        this.#repaint(row);
      } else await this.#compareUnder(row);
    }
  }

  #forgetUnder(given: readonly string[], kept: ReadonlySet<string>): void {
    for (const id of given) {
      if (kept.has(id)) continue;
      this.#forgetUnder(this.#order.get(id) ?? [], new Set());
      this.#order.delete(id);
      this.#looks.delete(id);
      this.#rows.delete(id);
    }
  }

  #lookOf(row: Row): string {
    const { label, description, contextValue, collapsibleState, iconPath, resourceUri } = this.#source.describe(row);
    return JSON.stringify([label, description, contextValue, collapsibleState, iconPath, resourceUri?.toString()]);
  }
}
