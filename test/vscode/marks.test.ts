import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { makeParts, type Parts, row } from './support/parts.ts';
import { type Person, sitDown } from './support/person.ts';
import { type Picker, watchPickers } from './support/picker.ts';
import { saveSample } from './support/saved.ts';
import { api, claudeTranscript, reset, set, store, until } from './support/world.ts';

const run = (command: string, ...args: readonly unknown[]) =>
  vscode.commands.executeCommand(`holdfast.${command}`, ...args);

describe('Tags, pins, the archive and names', () => {
  let person: Person;
  let picker: Picker;
  let parts: Parts;

  beforeEach(async () => {
    await api();
    await reset();
    person = sitDown();
    picker = watchPickers();
    parts = makeParts();
    await saveSample(person, 'discount');
    person.types('other');
    await run('fork', 'discount');
  });
  afterEach(async () => {
    await parts.dispose();
    picker.restore();
    person.restore();
    await reset();
  });

  const head = async (name: string) => (await store().list()).find((entry) => entry.name === name)?.head;
  async function rows(...names: readonly string[]) {
    parts.catalog.refresh();
    const found = await Promise.all(names.map((name) => row(parts.tree, name)));
    return found.map((node) => node ?? assert.fail());
  }

  it('pins and archives several rows at once, and takes both back', async () => {
    const [first, ...all] = await rows('discount', 'other');
    await run('pin', first, [first, ...all]);
    assert.deepEqual([(await head('discount'))?.pinned, (await head('other'))?.pinned], [true, true]);
    assert.ok(person.statusMessages.includes('Pinned 2 sessions.'));
    await run('unpin', first);
    assert.deepEqual([(await head('discount'))?.pinned, (await head('other'))?.pinned], [undefined, true]);
    await run('archive', first, [first, ...all]);
    assert.deepEqual([(await head('discount'))?.archived, (await head('other'))?.archived], [true, true]);
    assert.equal((await head('other'))?.pinned, undefined, 'what is out of the way does not stand first');
    person.chooses('other');
    await run('unarchive');
    assert.deepEqual([...(person.picks.at(-1) ?? [])].sort(), ['discount', 'other']);
    assert.equal((await head('other'))?.archived, undefined);
    assert.deepEqual(person.notifications, []);
  });

  it('gives several sessions a tag that was typed, and leaves the tags that only one has', async () => {
    await store().setMarks('discount', { tags: ['shop', 'urgent'] });
    await store().setMarks('other', { tags: ['shop'] });
    const [first, second] = await rows('discount', 'other');
    const tagging = run('tag', first, [first, second]);
    await picker.labels((labels) => labels.length === 2);
    assert.equal(picker.shown.title, 'Tags of 2 sessions');
    assert.deepEqual(
      picker.shown.items.map(({ label, description }) => [label, description]),
      [
        ['shop', undefined],
        ['urgent', 'on 1 of 2'],
      ],
    );
    assert.deepEqual(
      picker.shown.selectedItems.map(({ label }) => label),
      ['shop'],
    );
    picker.types(' later on ');
    assert.deepEqual(await picker.labels((labels) => labels.length === 3), ['later on', 'shop', 'urgent']);
    picker.accepts();
    await tagging;
    assert.deepEqual((await head('discount'))?.tags, ['shop', 'urgent', 'later on']);
    assert.deepEqual((await head('other'))?.tags, ['shop', 'later on']);
  });

  it('takes a tag from all that have it, says why a text is no tag, and changes nothing on Escape', async () => {
    await store().setMarks('discount', { tags: ['shop', 'urgent'] });
    let tagging = run('tag', 'discount');
    await picker.labels((labels) => labels.length === 2);
    picker.types('x'.repeat(70));
    assert.equal(picker.shown.title, 'A tag has at most 64 characters.');
    assert.equal(picker.shown.items.length, 2);
    picker.hides();
    await tagging;
    assert.deepEqual((await head('discount'))?.tags, ['shop', 'urgent']);
    tagging = run('tag', 'discount');
    await picker.labels((labels) => labels.length === 2);
    picker.accepts('urgent');
    await tagging;
    assert.deepEqual((await head('discount'))?.tags, ['urgent']);
    assert.deepEqual(person.notifications, []);
  });

  it('shows tags in front of a row, and searches for them when a session is picked', async () => {
    await store().setMarks('discount', { tags: ['shop', 'two words'] });
    const [first] = await rows('discount');
    assert.match(String(first && parts.tree.getTreeItem(first).description), /^#shop #two words · Claude Code · /);
    await run('openTranscript');
    assert.ok(person.picks.at(-1)?.includes('discount'));
  });

  it('keeps the marks while the session is active and saves, and changes none where sessions are turned off', async () => {
    await run('load', 'discount');
    await run('pin', 'discount');
    await run('save');
    assert.equal((await head('discount'))?.pinned, true);
    assert.deepEqual(
      person.notifications.filter(({ text }) => !/changed since/.test(text)),
      [],
    );
    await set('enabled', false);
    await run('archive', 'discount');
    assert.match(person.notifications.at(-1)?.text ?? '', /turned off here/);
    assert.equal((await head('discount'))?.archived, undefined);
  });

  it('renames a live session by saving it under that name, and its saved form where it has one', async () => {
    const [where] = parts.places.all();
    assert.ok(where);
    const all = await parts.catalog.live(where);
    const saved = all.find(({ transcript }) => transcript === claudeTranscript());
    const fresh = all.find(({ agent }) => agent === 'codex');
    person.types('prices', 'cart');
    await run('rename', { kind: 'live', place: where, live: fresh });
    await run('rename', { kind: 'live', place: where, live: saved });
    assert.deepEqual((await store().list()).map(({ name }) => name).sort(), ['cart', 'other', 'prices']);
    assert.equal(person.inputs.at(-1)?.title, 'Rename discount');
  });

  it('pins the message at the cursor of a transcript, shows that, and takes it back', async () => {
    await run('openTranscript', 'other');
    const editor = await until(
      () => vscode.window.visibleTextEditors.find(({ document }) => document.uri.scheme === 'holdfast-transcript'),
      'the transcript',
    );
    const { document } = editor;
    const line = document
      .getText()
      .split('\n')
      .findIndex((text) => text.startsWith('## 2 · '));
    assert.ok(line > 0);
    const at = new vscode.Position(line + 2, 0);
    editor.selection = new vscode.Selection(at, at);
    await run('pinMessage', document.uri);
    const pinned = async (): Promise<readonly string[]> => {
      const loaded = await store().load('other');
      return (loaded.kind === 'loaded' && loaded.session.body.pinned_messages) || [];
    };
    const loaded = await store().load('other');
    assert.ok(loaded.kind === 'loaded');
    assert.deepEqual(await pinned(), [loaded.session.history[1]?.id]);
    const lens = await until(async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        document.uri,
      );
      return lenses.find(({ command }) => command?.title === '$(pinned) Pinned');
    }, 'the mark');
    assert.equal(lens.range.start.line, line);
    await run('unpinMessage', ...(lens.command?.arguments ?? []));
    assert.deepEqual(await pinned(), []);
    assert.deepEqual(person.notifications, []);
  });
});
