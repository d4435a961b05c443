import assert from 'node:assert/strict';
import fs from 'node:fs';
import { commands } from 'vscode';
import { agentIcon, agentLabel } from '../../src/vscode/views/agentFace.ts';
import { makeParts, outline, type Parts, row } from './support/parts.ts';
import { type Person, sitDown } from './support/person.ts';
import { rewrite, saveSample } from './support/saved.ts';
import { api, claudeTranscript, reset } from './support/world.ts';

describe('The groups of the Sessions view', () => {
  let person: Person;
  let parts: Parts;

  beforeEach(async () => {
    await api();
    await reset();
    person = sitDown();
    parts = makeParts();
  });
  afterEach(async () => {
    await parts.dispose();
    person.restore();
    await reset();
  });

  const lines = async (): Promise<string[]> => {
    parts.catalog.refresh();
    return outline(parts.tree);
  };

  it('puts live sessions under their agents, in an order that does not change while they work', async () => {
    const before = (await lines()).filter((line) => /^ {2}\S/.test(line));
    assert.deepEqual(before, ['  Claude Code | 2', '  Codex | 2']);
    // Claude Code's older session becomes the newest of all, and of its agent.
    const now = new Date();
    fs.utimesSync(claudeTranscript(), now, now);
    const after = await lines();
    assert.deepEqual(
      after.filter((line) => /^ {2}\S/.test(line)),
      before,
    );
    assert.match(after[2] ?? '', /^ {4}Add a discount to the cart \| 3 turns · now$/);
  });

  it('needs no level for the one agent of a folder, whose name stands in the rows then', async () => {
    parts.filter.set('agent:codex');
    for (const line of (await lines()).slice(1)) assert.match(line, /^ {2}\S.* \| Codex · \d+ turns? · /);
  });

  it('finds its way up from a live row that was never shown', async () => {
    const [where] = parts.places.all();
    assert.ok(where);
    const [live] = await parts.catalog.live(where);
    assert.ok(live);
    const agent = await parts.tree.getParent({ kind: 'live', place: where, live, grouped: true });
    assert.deepEqual([agent?.kind, agent?.kind === 'agent' && agent.count], ['agent', 2]);
    const group = agent && (await parts.tree.getParent(agent));
    assert.ok(group?.kind === 'group' && group.group === 'live');
  });

  it('names and draws every agent, and one of which only a snapshot tells', async () => {
    await saveSample(person, 'discount');
    await rewrite('discount', ({ body, history }) => ({
      body: { ...body, source: { ...body.source, agent: 'some-agent' } },
      history,
    }));
    assert.match((await lines()).join('\n'), /^ {2}discount \| some-agent · /m);
    assert.equal(agentIcon('some-agent').id, 'comment-discussion');
    assert.equal(agentLabel(undefined), 'Unknown agent');
    const ids = ['claude-code', 'codex', 'gemini', 'opencode', 'copilot-cli', 'copilot-chat', 'cline', 'roo-code'];
    assert.equal(new Set(ids.map((id) => agentIcon(id).id)).size, ids.length, 'each has an icon of its own');
  });

  it('shows pinned sessions first, forks too, and archived ones in a closed group of their own', async () => {
    await saveSample(person, 'first');
    for (const name of ['second', 'third']) {
      person.types(name);
      await commands.executeCommand('holdfast.fork', 'first');
    }
    await commands.executeCommand('holdfast.pin', 'third');
    await commands.executeCommand('holdfast.archive', 'second');
    const saved = (await lines()).filter((line) => !line.startsWith('   '));
    assert.deepEqual(
      saved.map((line) => line.split(' | ')[0]),
      ['Live', '  Claude Code', '  Codex', 'Saved', '  third', '  first', 'Archived', '  second'],
    );
    const [third, archived] = [await row(parts.tree, 'third'), await row(parts.tree, 'Archived')];
    assert.ok(third && archived);
    const item = parts.tree.getTreeItem(third);
    assert.equal(item.contextValue, 'saved.pinned');
    assert.match(item.accessibilityInformation?.label ?? '', /^third, saved session, pinned, left at message \d+/);
    assert.equal(parts.tree.getTreeItem(archived).collapsibleState, 1, 'closed');
    const second = await row(parts.tree, 'second');
    assert.equal(second && parts.tree.getTreeItem(second).contextValue, 'saved.archived');
    const up = second && (await parts.tree.getParent(second));
    assert.ok(up?.kind === 'group' && up.group === 'archived');
  });
});
