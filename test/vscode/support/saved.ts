import assert from 'node:assert/strict';
import { commands } from 'vscode';
import type { Session } from '../../../src/core/index.ts';
import type { ActiveSession } from '../../../src/vscode/session/activeSession.ts';
import { loadSession } from '../../../src/vscode/session/loadSession.ts';
import type { Change } from '../../../src/vscode/views/changeRows.ts';
import type { ChangesTree } from '../../../src/vscode/views/changes.ts';
import { makeParts, type Parts } from './parts.ts';
import type { Person } from './person.ts';
import { claudeTranscript, store } from './world.ts';

/** Saves Claude Code's session of the sample, in which nothing changed since, as `name`. */
export async function saveSample(person: Person, name: string): Promise<void> {
  const parts = makeParts();
  try {
    const [place] = parts.places.all();
    assert.ok(place);
    const live = (await parts.catalog.live(place)).find(({ transcript }) => transcript === claudeTranscript());
    person.types(name);
    assert.equal(
      await commands.executeCommand('holdfast.save', { kind: 'live', place, live }),
      name,
      JSON.stringify(person.notifications),
    );
  } finally {
    await parts.dispose();
  }
}

/** Rewrites a saved session, as another program might have. */
export async function rewrite(name: string, change: (session: Session) => Session): Promise<void> {
  const sessions = store();
  const loaded = await sessions.load(name);
  assert.ok(loaded.kind === 'loaded');
  const outcome = await sessions.save(name, change(loaded.session), loaded.session.body.revision);
  assert.equal(outcome.kind, 'saved');
  await sessions.close();
}

/** A session that is active in the test's own parts, where its rows and badges can be looked at. */
export async function activate(parts: Parts, name: string): Promise<ActiveSession> {
  const [place] = parts.places.all();
  assert.ok(place);
  const session = await loadSession(place, name, {
    settings: parts.settings,
    log: parts.log,
    mayWrite: () => true,
    driver: { kind: 'me', held: undefined },
  });
  await parts.active.activate(session);
  return session;
}

/** Changes Since Save as text: one line per row, indented, `label | description`. */
export async function changesOutline(tree: ChangesTree): Promise<string[]> {
  return lines(tree, ({ label, description }) => `${label}${description ? ` | ${description}` : ''}`);
}

/** What a screen reader says of each row. */
export async function spokenOutline(tree: ChangesTree): Promise<string[]> {
  return lines(tree, ({ spoken }) => spoken);
}

interface Row {
  readonly label: string;
  readonly description: string;
  readonly spoken: string;
}

async function lines(tree: ChangesTree, text: (row: Row) => string): Promise<string[]> {
  const found: string[] = [];
  const show = async (rows: readonly Change[], depth: number): Promise<void> => {
    for (const row of rows) {
      const { label, description, accessibilityInformation } = tree.getTreeItem(row);
      const spoken = accessibilityInformation?.label ?? '';
      found.push('  '.repeat(depth) + text({ label: String(label), description: String(description ?? ''), spoken }));
      await show(await tree.getChildren(row), depth + 1);
    }
  };
  await show(await tree.getChildren(), 0);
  return found;
}

/** A row of Changes Since Save by its label. */
export async function changeRow(tree: ChangesTree, label: string): Promise<Change> {
  const look = async (rows: readonly Change[]): Promise<Change | undefined> => {
    for (const row of rows) {
      if (tree.getTreeItem(row).label === label) return row;
      const below = await look(await tree.getChildren(row));
      if (below) return below;
    }
    return undefined;
  };
  const found = await look(await tree.getChildren());
  assert.ok(found, `${label} is in the view`);
  return found;
}
