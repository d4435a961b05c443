import assert from 'node:assert/strict';
import fs from 'node:fs';
import * as vscode from 'vscode';
import type { LiveSession } from '../../src/agents/index.ts';
import type { SessionEntry } from '../../src/core/index.ts';
import { terminalOptions } from '../../src/vscode/resuming/startInTerminal.ts';
import { MOST_SESSIONS } from '../../src/vscode/views/listedRows.ts';
import { makeParts, outline, type Parts, row } from './support/parts.ts';
import { type Person, sitDown } from './support/person.ts';
import { saveSample } from './support/saved.ts';
import { watchTerminals } from './support/terminals.ts';
import { api, reset, scratch, store } from './support/world.ts';

const run = (command: string, ...args: readonly unknown[]) =>
  vscode.commands.executeCommand(`holdfast.${command}`, ...args);

describe('The rows that a command is about', () => {
  let person: Person;
  let parts: Parts;

  beforeEach(async () => {
    await api();
    await reset();
    person = sitDown();
    parts = makeParts();
    await saveSample(person, 'discount');
    person.types('other');
    await run('saveAs', 'discount');
  });
  afterEach(async () => {
    await parts.dispose();
    person.restore();
    await reset();
  });

  const names = async () => (await store().list()).map(({ name }) => name).sort();
  const head = async (name: string) => (await store().list()).find((entry) => entry.name === name)?.head;
  async function rows(...labels: readonly string[]) {
    parts.catalog.refresh();
    const found = await Promise.all(labels.map((label) => row(parts.tree, label)));
    return found.map((node) => node ?? assert.fail());
  }
  /** The session as a newer version of Holdfast would have saved it. */
  async function newer(name: string): Promise<void> {
    const entry = (await store().list()).find((one) => one.name === name);
    assert.ok(entry);
    fs.writeFileSync(entry.file, fs.readFileSync(entry.file, 'utf8').replace('holdfast/1', 'holdfast/9'));
    await run('refresh');
  }

  it('are the clicked one alone where the command is about one, however many are selected', async () => {
    const [discount, other] = await rows('discount', 'other');
    person.types('third');
    await run('fork', other, [discount, other]);
    assert.equal(person.inputs.at(-1)?.title, 'Fork other');
    person.types('fourth');
    await run('rename', other, [discount, other]);
    assert.deepEqual(await names(), ['discount', 'fourth', 'third']);
  });

  it('are those that a key is pressed on: the focused one where it is not selected', async () => {
    const [other] = await rows('other');
    person.types('renamed');
    await run('rename', ['selection', other]);
    assert.deepEqual(await names(), ['discount', 'renamed']);
    const [renamed] = await rows('renamed');
    await run('delete', ['selection', renamed]);
    assert.deepEqual(await names(), ['discount']);
    assert.deepEqual(person.picks, []);
  });

  it('are marked and deleted though one among them cannot be, which is told once', async () => {
    await newer('other');
    const [discount, other] = await rows('discount', 'other');
    await run('pin', other, [other, discount]);
    assert.equal((await head('discount'))?.pinned, true);
    assert.equal(person.notifications.length, 1);
    assert.match(person.notifications[0]?.text ?? '', /^The session other cannot be changed: .*newer version/);
    fs.rmSync((await store().list()).find(({ name }) => name === 'other')?.file ?? '');
    await run('delete', other, [other, discount]);
    assert.deepEqual(await names(), []);
    assert.deepEqual(
      person.notifications.slice(1).map(({ text }) => text),
      ['Deleted discount.', 'The session other does not exist any more. Refresh the list.'],
    );
  });

  it('are refused before anything is asked where a newer version saved the session', async () => {
    await newer('other');
    const [other] = await rows('other');
    for (const command of ['rename', 'fork', 'forkFromMessage', 'tag']) await run(command, other);
    assert.equal(person.inputs.length, 2, 'those of the saves before');
    assert.deepEqual(person.picks, []);
    assert.equal(person.notifications.length, 4);
    for (const { text } of person.notifications) assert.match(text, /cannot be changed.*Update Holdfast/);
  });

  it('are offered only where the command can do something', async () => {
    await newer('other');
    await run('pin');
    assert.deepEqual(person.picks.at(-1), ['discount']);
    await run('pin', 'discount');
    await run('pin');
    assert.equal(person.picks.length, 1);
    assert.equal(person.notifications.at(-1)?.text, 'There is no saved session for this.');
  });

  it('are exported to a file each, though two have one name', async () => {
    const [discount] = await rows('discount');
    const into = scratch();
    person.opens(vscode.Uri.file(into));
    person.chooses('Markdown Transcript');
    await run('export', discount, [discount, discount]);
    assert.deepEqual(fs.readdirSync(into).sort(), ['discount 2.md', 'discount.md']);
    fs.rmSync(into, { recursive: true });
  });

  it('are started in no terminal where their agent has no command for it, and the way on is offered', async () => {
    const terminals = watchTerminals();
    try {
      const [place] = parts.places.all();
      const [live] = place ? await parts.catalog.live(place) : [];
      assert.ok(place && live);
      const node = { kind: 'live', place, live: { ...live, agent: 'copilot-chat' } } as const;
      assert.equal(parts.tree.getTreeItem(node).contextValue, 'live.byHand');
      assert.equal(parts.tree.getTreeItem({ ...node, live }).contextValue, 'live');
      await run('resumeInTerminal', node);
      assert.match(
        person.notifications.at(-1)?.text ?? '',
        /cannot be started in a terminal\. Open the session there\.$/,
      );
      const [discount] = await rows('discount');
      assert.ok(discount?.kind === 'saved' && discount.entry.head);
      const entry = { ...discount.entry, head: { ...discount.entry.head, source: { agent: 'copilot-chat' } } };
      assert.equal(parts.tree.getTreeItem({ ...discount, entry }).contextValue, 'saved.byHand');
      await run('resumeInTerminal', { ...discount, entry });
      assert.deepEqual(person.notifications.at(-1)?.actions, ['Resume in…', 'Show Log']);
      assert.deepEqual(terminals.opened, []);
    } finally {
      terminals.restore();
    }
  });

  it('draw no icon in a terminal’s title', () => {
    const [place] = parts.places.all();
    assert.ok(place);
    assert.equal(terminalOptions(place, '$(zap) free', { line: 'agent' }).name, '$ (zap) free');
  });
});

describe('A folder with thousands of sessions', () => {
  let parts: Parts;

  beforeEach(async () => {
    await api();
    await reset();
    parts = makeParts();
    const [place] = parts.places.all();
    assert.ok(place);
    const [one] = await parts.catalog.live(place);
    assert.ok(one);
    const live = Array.from(
      { length: 2_000 },
      (_, i): LiveSession => ({ ...one, nativeId: `n${i}`, title: `Live ${i}` }),
    );
    const saved = Array.from(
      { length: 5_000 },
      (_, i) =>
        ({
          name: `saved ${i}`,
          file: `/saved-${i}.json`,
          changedAt: 5_000 - i,
          bytes: 1e9,
          readOnly: false,
          problems: [],
          head: {
            session_id: `s${i}`,
            created_at: '2026-01-01T00:00:00Z',
            // The first one has most of them as forks.
            ...(i > 1_000 && { parent: { session_id: 's0', message: 1 } }),
          },
        }) as unknown as SessionEntry,
    );
    parts.catalog.live = async () => live;
    parts.catalog.saved = async () => saved;
  });
  afterEach(async () => {
    await parts.dispose();
    await reset();
  });

  it('lists the newest of each group, and says how many more there are', async () => {
    const lines = await outline(parts.tree);
    assert.deepEqual(
      lines.filter((line) => / more sessions$/.test(line)),
      ['  1,700 more sessions', '    3,699 more sessions', '  701 more sessions'],
    );
    assert.equal(lines.length, 2 + 3 * MOST_SESSIONS + 3);
    const rest = await row(parts.tree, '1,700 more sessions');
    assert.ok(rest?.kind === 'rest');
    assert.equal(parts.tree.getTreeItem(rest).command?.command, 'holdfast.filter');
    const group = await parts.tree.getParent(rest);
    assert.ok(group?.kind === 'group' && group.group === 'live');
  });

  it('knows no row of a session that is not listed, until a filter leaves less', async () => {
    const [place] = parts.places.all();
    assert.ok(place);
    assert.ok(await parts.tree.find(place, 'saved 7'));
    assert.equal(await parts.tree.find(place, 'saved 999'), undefined);
    assert.equal(await parts.tree.find(place, 'saved 4999'), undefined);
    parts.filter.set('4999');
    assert.ok(await parts.tree.find(place, 'saved 4999'));
  });

  it('lets others have their turn while a filter looks through it, and looks once', async () => {
    parts.filter.set('saved 49');
    let turns = 0;
    const count = (): void => {
      turns += 1;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    const shown = Array.from({ length: 5_000 }, (_, i) => String(i)).filter((name) => name.includes('49')).length;
    assert.deepEqual(await parts.tree.count(), { shown, all: 7_000 });
    assert.ok(turns > 5, String(turns));
    turns = 0;
    assert.deepEqual(await parts.tree.count(), { shown, all: 7_000 });
    clearImmediate(timer);
    assert.ok(turns < 3, String(turns));
  });
});
