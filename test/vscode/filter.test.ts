import assert from 'node:assert/strict';
import fc from 'fast-check';
import { commands } from 'vscode';
import { isFound, parseFilter } from '../../src/vscode/views/filter.ts';
import { showFilter } from '../../src/vscode/views/filterMessage.ts';
import { makeParts, outline, type Parts, row } from './support/parts.ts';
import { type Person, sitDown } from './support/person.ts';
import { type Picker, watchPickers } from './support/picker.ts';
import { saveSample } from './support/saved.ts';
import { api, reset, store, until } from './support/world.ts';

describe('A filter', () => {
  const session = {
    texts: ['cart-discount', 'Add a discount to the cart', undefined],
    tags: ['Shop', 'later on'],
    agent: ['claude-code', 'Claude Code'],
  };
  const found = (text: string): boolean => isFound(parseFilter(text), session);

  it('finds sessions that have every word in any of their texts, whatever the letters’ size', () => {
    for (const text of ['', '  ', 'DISCOUNT', 'cart add', 'claude shop', 'later', '#', 'agent:'])
      assert.ok(found(text), text);
    for (const text of ['discount x', 'shipping']) assert.ok(!found(text), text);
  });

  it('takes #words for beginnings of tags, and agent: for an agent', () => {
    for (const text of ['#shop', '#sh', '#lateron', '#shop #later', 'agent:claude', 'agent:ClaudeCode', 'agent:code'])
      assert.ok(found(text), text);
    for (const text of ['#discount', '#hop', 'agent:codex', '#shop agent:codex']) assert.ok(!found(text), text);
  });

  it('asks for nothing while nothing was typed that could be looked for', () => {
    for (const text of ['', ' \t', '#', 'agent:', '# agent:']) assert.equal(parseFilter(text), undefined, text);
  });

  it('finds everything that a shorter text finds less of', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('cart', '#shop', 'agent:claude', 'nothing', '#no'), { maxLength: 4 }),
        (words) => {
          const all = found(words.join(' '));
          assert.ok(!all || words.every((word) => found(word)));
        },
      ),
    );
  });
});

describe('The filter of the Sessions view', () => {
  let person: Person;
  let picker: Picker;
  let parts: Parts;

  beforeEach(async () => {
    await api();
    await reset();
    person = sitDown();
    picker = watchPickers();
    parts = makeParts();
  });
  afterEach(async () => {
    await commands.executeCommand('holdfast.clearFilter');
    picker.restore();
    person.restore();
    await parts.dispose();
    await reset();
  });

  const top = (lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith(' '));
  const narrow = async (text: string): Promise<string[]> => {
    parts.catalog.refresh();
    parts.filter.set(text);
    return outline(parts.tree);
  };

  it('leaves the sessions that are found, live, saved, archived and deleted ones, and the groups that have any', async () => {
    await saveSample(person, 'discount');
    person.types('later');
    await commands.executeCommand('holdfast.fork', 'discount');
    await commands.executeCommand('holdfast.archive', 'later');
    await store().setMarks('later', { tags: ['shop'] });
    assert.deepEqual(top(await narrow('#shop')), ['Archived']);
    assert.match((await outline(parts.tree)).join('\n'), /^ {2}later \| left at message \d+ · #shop · Claude Code · /m);
    assert.deepEqual(top(await narrow('discount')), ['Live', 'Saved', 'Archived']);
    assert.deepEqual(top(await narrow('agent:codex')), ['Live']);
    await commands.executeCommand('holdfast.delete', 'discount');
    assert.deepEqual(top(await narrow('discount agent:')), ['Live', 'Archived', 'Trash']);
    assert.deepEqual(await narrow('no such session'), []);
    parts.filter.set('');
    assert.deepEqual(top(await outline(parts.tree)), ['Live', 'Archived', 'Trash']);
  });

  it('opens what it finds, however the groups were left, and finds a fork without its parent', async () => {
    await saveSample(person, 'parent');
    person.types('child');
    await commands.executeCommand('holdfast.fork', 'parent');
    await commands.executeCommand('holdfast.archive', 'parent');
    assert.deepEqual(
      (await narrow('child')).map((line) => line.split(' | ')[0]),
      ['Saved', '  child'],
    );
    await narrow('parent');
    const group = await row(parts.tree, 'Archived');
    const item = group && parts.tree.getTreeItem(group);
    assert.equal(item?.collapsibleState, 2);
    parts.filter.set('');
    const all = await row(parts.tree, 'Archived');
    assert.notEqual(all && parts.tree.getTreeItem(all).id, item?.id, 'VS Code keeps the closed one as it was');
  });

  it('says in the view what it is narrowed to and how much is left', async () => {
    const view: { description?: string; message?: string } = {};
    const shown = showFilter({ ...parts, sessionsView: view });
    parts.filter.set('agent:codex');
    await until(() => view.message === '2 of 4 sessions match “agent:codex”.', String(view.message));
    assert.equal(view.description, 'agent:codex');
    parts.filter.set('nothing like this');
    await until(() => view.message === '', 'the view’s own words');
    parts.filter.set('');
    await until(() => view.message === '' && view.description === '', 'nothing to say');
    for (const one of shown) one.dispose();
  });

  it('counts deleted sessions too, which it shows', async () => {
    await saveSample(person, 'gone');
    await commands.executeCommand('holdfast.delete', 'gone');
    const view: { description?: string; message?: string } = {};
    const shown = showFilter({ ...parts, sessionsView: view });
    assert.deepEqual(top(await narrow('gone')), ['Trash']);
    await until(() => view.message === '1 of 5 sessions match “gone”.', String(view.message));
    for (const one of shown) one.dispose();
  });

  it('is the same box when it is asked for again while it is open', async () => {
    await commands.executeCommand('holdfast.filter');
    const first = picker.shown;
    picker.types('codex');
    await commands.executeCommand('holdfast.filter');
    assert.equal(picker.shown, first);
    picker.accepts();
    await commands.executeCommand('holdfast.filter');
    assert.equal(picker.shown.value, 'codex');
    picker.hides();
  });

  it('narrows while somebody types; Enter keeps that, Escape gives back what was before', async () => {
    await commands.executeCommand('holdfast.filter');
    assert.equal(picker.shown.title, 'Filter Sessions');
    picker.types('codex');
    picker.accepts();
    await commands.executeCommand('holdfast.filter');
    picker.types('something else');
    picker.hides();
    await commands.executeCommand('holdfast.filter');
    assert.equal(picker.shown.value, 'codex');
    picker.accepts();
    await commands.executeCommand('holdfast.clearFilter');
    await commands.executeCommand('holdfast.filter');
    assert.equal(picker.shown.value, '');
  });
});
