import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { commands, type QuickPickItem, window } from 'vscode';
import { type Person, sitDown } from './support/person.ts';
import { type Picker, watchPickers } from './support/picker.ts';
import { rewrite, saveSample } from './support/saved.ts';
import { api, reset, store, until } from './support/world.ts';

describe('Searching in the messages of the saved sessions', () => {
  let person: Person;
  let picker: Picker;

  beforeEach(async () => {
    await api();
    await reset();
    person = sitDown();
    picker = watchPickers();
    await saveSample(person, 'discount');
    await commands.executeCommand('holdfast.refresh');
  });
  afterEach(async () => {
    picker.restore();
    person.restore();
    await reset();
  });

  it('finds every message that has all the words, in texts, calls and results, newest first, and opens it there', async () => {
    await rewrite('discount', ({ body, history }) => ({
      body,
      history: [
        ...history,
        {
          id: 'x1',
          role: 'assistant',
          content: [{ type: 'tool_call', id: 'c', name: 'shell', input: { cmd: 'echo ZEBRA-17 crossing' } }],
        },
        { id: 'x2', role: 'tool', content: [{ type: 'tool_result', call_id: 'c', output: 'zebra-17' }] },
        { id: 'x3', role: 'user', content: `${'far '.repeat(100)}the zebra-17\nis $(here)` },
      ],
    }));
    await commands.executeCommand('holdfast.searchInSessions', 'Zebra-17');
    const all = await picker.labels((labels) => labels.length === 3);
    assert.match(all[0] ?? '', /^….*far the zebra-17 is \$ \(here\)$/);
    await commands.executeCommand('holdfast.searchInSessions', 'crossing zebra');
    assert.deepEqual((await picker.labels((labels) => labels.length === 1)).length, 1);
    picker.accepts(picker.shown.items[0]?.label ?? '');
    const editor = await until(
      () => window.visibleTextEditors.find(({ document }) => document.uri.scheme === 'holdfast-transcript'),
      'the transcript',
    );
    await until(
      () => /^## \d+ · Assistant/.test(editor.document.lineAt(editor.selection.active.line).text),
      'the cursor at the message',
    );
    assert.deepEqual(person.notifications, []);
  });

  it('finds what is in the others where a session cannot be read, and says nothing of words that are gone', async () => {
    const [entry] = await store().list();
    assert.ok(entry);
    fs.mkdirSync(path.join(path.dirname(entry.file), 'folder.json'));
    await commands.executeCommand('holdfast.refresh');
    await commands.executeCommand('holdfast.searchInSessions', 'discount');
    assert.ok((await picker.labels((labels) => labels.length > 0)).length > 0);
    picker.types(' ');
    await until(() => picker.shown.title === 'Search in Sessions' && !picker.shown.busy, 'the empty list');
    assert.deepEqual(picker.shown.items, []);
    picker.hides();
    assert.deepEqual(person.notifications, []);
  });

  it('leaves the row that somebody has walked to where it is while more is found', async () => {
    person.types('other');
    await commands.executeCommand('holdfast.fork', 'discount');
    await commands.executeCommand('holdfast.searchInSessions');
    const { shown } = picker;
    let items: readonly QuickPickItem[] = [];
    const told: (readonly [number, string | undefined])[] = [];
    Object.defineProperty(shown, 'items', {
      get: () => items,
      set(next: readonly QuickPickItem[]) {
        items = next;
        // As VS Code does.
        shown.activeItems = next.slice(-1);
        told.push([next.length, next.at(-1)?.label]);
      },
    });
    picker.types('discount');
    await until(() => /: \d+ messages$/.test(shown.title), 'its end');
    const [, first, second] = told;
    assert.ok(first && second && second[0] > first[0], JSON.stringify(told));
    assert.equal(shown.activeItems[0]?.label, first[1]);
    picker.hides();
  });

  it('says that it found nothing, and looks anew at what is typed', async () => {
    await commands.executeCommand('holdfast.searchInSessions', 'no such words at all');
    await until(() => picker.shown.title === 'Search in Sessions: 0 messages', 'its end');
    assert.deepEqual(picker.shown.items, []);
    picker.types('discount');
    await picker.labels((labels) => labels.length > 0);
    picker.hides();
    assert.deepEqual(person.notifications, []);
  });
});
