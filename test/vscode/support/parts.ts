import * as vscode from 'vscode';
import { createCatalog } from '../../../src/vscode/catalog.ts';
import { createFreshener } from '../../../src/vscode/comparing/freshener.ts';
import { Driving } from '../../../src/vscode/driving/driving.ts';
import { createPlaces } from '../../../src/vscode/places.ts';
import { ActiveSessions } from '../../../src/vscode/session/activeSessions.ts';
import { createSettings } from '../../../src/vscode/settings.ts';
import type { Node } from '../../../src/vscode/views/nodes.ts';
import { SessionTree } from '../../../src/vscode/views/sessionTree.ts';
import { createTreeFilter } from '../../../src/vscode/views/treeFilter.ts';

/** The parts behind the Sessions view, on the same disk as the extension's own, where a test can look into them. */
export function makeParts() {
  const log = vscode.window.createOutputChannel('Holdfast Test', { log: true });
  const settings = createSettings();
  const places = createPlaces(settings);
  const catalog = createCatalog(places, log);
  const memory = new Map<string, unknown>();
  const memento: vscode.Memento = {
    keys: () => [...memory.keys()],
    get: <T>(key: string, fallback?: T) => (memory.has(key) ? (memory.get(key) as T) : fallback),
    update: async (key, value) => void memory.set(key, value),
  };
  const active = new ActiveSessions(memento, 'active');
  const freshener = createFreshener(log);
  const filter = createTreeFilter();
  const tree = new SessionTree({ places, catalog, active, freshener, filter }, log);
  const driving = new Driving({ active, catalog, settings, log, onRead: () => undefined });
  const things = [driving, tree, filter, freshener, active, catalog, places, settings, log];
  return {
    log,
    settings,
    places,
    catalog,
    memento,
    active,
    freshener,
    filter,
    tree,
    async dispose() {
      await active.close();
      for (const one of things) one.dispose();
    },
  };
}
export type Parts = ReturnType<typeof makeParts>;

/** The view as text: one line per row, indented, `label | description`. */
export async function outline(tree: SessionTree): Promise<string[]> {
  const lines: string[] = [];
  const show = async (nodes: readonly Node[], depth: number): Promise<void> => {
    for (const node of nodes) {
      const { label, description } = tree.getTreeItem(node);
      lines.push(`${'  '.repeat(depth)}${String(label)}${description ? ` | ${String(description)}` : ''}`);
      await show(await tree.getChildren(node), depth + 1);
    }
  };
  await show(await tree.getChildren(), 0);
  return lines;
}

/** A row by its label, wherever it is. */
export async function row(tree: SessionTree, label: string): Promise<Node | undefined> {
  const look = async (nodes: readonly Node[]): Promise<Node | undefined> => {
    for (const node of nodes) {
      if (tree.getTreeItem(node).label === label) return node;
      const below = await look(await tree.getChildren(node));
      if (below) return below;
    }
    return undefined;
  };
  return look(await tree.getChildren());
}
