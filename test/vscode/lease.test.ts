import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Message, SessionEvent, SessionStore } from '../../src/core/index.ts';
import type { App } from '../../src/vscode/app.ts';
import { Journal } from '../../src/vscode/session/journal.ts';
import { restoreActive } from '../../src/vscode/session/restoreActive.ts';
import { createStatusBar } from '../../src/vscode/views/statusBar.ts';
import { growTranscript } from '../support/growTranscript.ts';
import { type OtherWindow, openOtherWindow } from './support/otherWindow.ts';
import { makeParts } from './support/parts.ts';
import { type Person, sitDown } from './support/person.ts';
import { api, claudeTranscript, read, reset, sessions, set, store, until, write } from './support/world.ts';

const run = (command: string, ...args: readonly unknown[]) =>
  vscode.commands.executeCommand(`holdfast.${command}`, ...args);

const QUESTION = ['Follow Read-Only', 'Take Over', 'Fork'];

describe('pain 8: one session in two windows', function () {
  this.timeout(40_000);
  let person: Person;
  let other: OtherWindow;
  let id: string;

  beforeEach(async () => {
    await api();
    await reset();
    person = sitDown();
    person.types('discount');
    const parts = makeParts();
    const [place] = parts.places.all();
    assert.ok(place);
    const live = (await parts.catalog.live(place)).find(({ transcript }) => transcript === claudeTranscript());
    assert.equal(await run('save', { kind: 'live', place, live }), 'discount', JSON.stringify(person.notifications));
    await parts.dispose();
    id = JSON.parse(fs.readFileSync(path.join(sessions, 'discount.json'), 'utf8')).session_id;
    other = openOtherWindow();
  });
  afterEach(async () => {
    await other.kill();
    person.restore();
    await reset();
  });

  const notified = (text: RegExp) => until(() => person.notifications.find((one) => text.test(one.text)), String(text));
  const mentioned = (text: RegExp) => until(() => person.statusMessages.find((one) => text.test(one)), String(text));
  const history = async (name = 'discount'): Promise<readonly Message[]> => {
    const loaded = await store().load(name);
    return loaded.kind === 'loaded' ? loaded.session.history : [];
  };
  const holder = () => store().leaseHolder(id);
  const said = (text: string, messageId = text): SessionEvent => ({
    type: 'message',
    message: { id: messageId, role: 'user', content: text },
  });
  /** What a save could change. */
  const onDisk = (): string[] =>
    fs
      .readdirSync(sessions)
      .filter((name) => name.startsWith('discount'))
      .map((name) => `${name} ${fs.readFileSync(path.join(sessions, name), 'utf8')}`);
  const follow = async (): Promise<void> => {
    await other.drive(id);
    person.chooses('Follow Read-Only');
    await run('load', 'discount');
    await mentioned(/^This window follows discount\.$/);
  };

  it('tells who drives it before anything is loaded, and does nothing without an answer', async () => {
    const { since } = await other.drive(id);
    const before = onDisk();
    await run('load', 'discount');
    assert.deepEqual(person.picks.at(-1), QUESTION);
    const asked = person.asked.at(-1);
    assert.equal(asked?.title, 'discount is open in another window');
    const time = new Date(since).toLocaleTimeString([], { timeStyle: 'short' });
    assert.equal(
      asked?.placeHolder,
      `Host ${os.hostname()}, process ${other.pid}, since ${time}. What should this window do?`,
    );
    assert.equal((await api()).active, undefined);
    assert.equal((await holder())?.pid, other.pid);
    assert.deepEqual(onDisk(), before);
    assert.deepEqual(person.notifications, []);
  });

  it('leaves the session that is active alone where the question is not answered', async () => {
    person.types('mine');
    await run('fork', 'discount');
    await run('load', 'mine');
    await other.drive(id);
    await run('load', 'discount');
    assert.deepEqual(person.picks.at(-1), QUESTION);
    assert.equal((await api()).active, 'mine');
  });

  it('asks nothing where nobody drives it, nor where the one who did is dead', async () => {
    await other.drive(id);
    await other.kill();
    const asked = person.picks.length;
    await run('load', 'discount');
    assert.equal(person.picks.length, asked);
    assert.equal((await api()).active, 'discount');
    assert.equal((await holder())?.pid, process.pid);
  });

  it('follows read-only: shows what the other window saves, live, and writes nothing', async () => {
    await follow();
    await run('openTranscript', 'discount');
    const document = await until(
      () => vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'holdfast-transcript'),
      'the transcript',
    );
    await other.append('discount', [said('typed in the other window')]);
    await until(() => document.getText().includes('typed in the other window'), 'the message is shown');
    growTranscript(claudeTranscript(), 'for the driver to save');
    write('src/cart.js', '// other\n');
    const before = onDisk();
    for (const [name, input] of [
      ['holdfast_readFile', { path: 'src/price.js' }],
      ['holdfast_writeFile', { path: 'src/new.js', content: 'x' }],
      ['holdfast_editFile', { path: 'src/price.js', oldText: 'export', newText: 'x', replaceAll: true }],
    ] as const) {
      assert.match(await tool(name, input), /drives the session "discount" now.*nothing was read or written/);
    }
    await run('save');
    await notified(/discount is driven elsewhere, and saved there/);
    await other.append('discount', [said('and one more')]);
    await until(() => document.getText().includes('and one more'), 'the next message is shown');
    const snapshot = (lines: readonly string[]) => lines.find((line) => line.startsWith('discount.json '));
    assert.equal(snapshot(onDisk()), snapshot(before));
    assert.doesNotMatch(onDisk().join(), /for the driver to save/);
    await run('closeSession');
    assert.doesNotMatch(onDisk().join(), /for the driver to save/, 'closing does not save either');
    assert.equal((await holder())?.pid, other.pid);
  });

  it('says in the status bar that it follows, whom, and that a file changed; and when the other one lets go', async () => {
    await other.drive(id);
    const parts = makeParts();
    const bar = createStatusBar(parts.active, parts.settings);
    try {
      const [place] = parts.places.all();
      assert.ok(place);
      await parts.memento.update('active', { folder: place.folder.uri.toString(), name: 'discount' });
      restoreActive(parts as unknown as App);
      await until(() => bar.item.text === '$(eye) discount following', 'following');
      assert.deepEqual(person.picks.slice(1), [], 'a window that comes back asks nothing');
      write('src/cart.js', '// other\n');
      await parts.active.current?.recheck();
      const tooltip = () => (bar.item.tooltip as vscode.MarkdownString).value.replaceAll('\\', '');
      await until(() => tooltip().includes('1 file changed since the session read them.'), 'stale');
      assert.match(
        tooltip(),
        new RegExp(`Another window drives it: host ${os.hostname()}, process ${other.pid}, since`),
      );
      await other.append('discount', [said('seen there')]);
      const count = (await history()).length;
      await until(() => tooltip().includes(`${count} of ${count} messages on disk`), 'the count grows');
      await other.release();
      await until(() => bar.item.text === '$(eye) discount not driven', 'free');
      assert.equal(bar.item.command, 'holdfast.takeOver');
      await mentioned(/^Nobody drives discount any more\. Click it in the status bar to go on here\.$/);
      assert.equal(await holder(), undefined, 'nobody takes it without being asked');
      await other.drive(id);
      await until(() => bar.item.text === '$(eye) discount following', 'following again');
    } finally {
      bar.dispose();
      await parts.dispose();
    }
  });

  it('takes over: the other one is told, and this window saves from there on', async () => {
    await follow();
    await other.append('discount', [said('the last of the other window')]);
    await run('takeOver');
    await until(() => other.lost.length === 1, 'the other one is told');
    assert.equal(other.lost[0]?.pid, process.pid);
    assert.match(await tool('holdfast_readFile', { path: 'src/price.js' }), /lines/);
    growTranscript(claudeTranscript(), 'after the takeover');
    await until(async () => JSON.stringify(await history()).includes('Done: after the takeover'), 'saved here');
    assert.match(JSON.stringify(await history()), /the last of the other window/);
  });

  it('takes over at once where the question is answered so', async () => {
    await other.drive(id);
    person.chooses('Take Over');
    await run('load', 'discount');
    assert.equal((await api()).active, 'discount');
    assert.equal((await holder())?.pid, process.pid);
    await until(() => other.lost.length === 1, 'the other one is told');
  });

  it('forks where the question is answered so, and drives the fork', async () => {
    await other.drive(id);
    person.chooses('Fork');
    person.types('my own');
    await run('load', 'discount');
    assert.equal((await api()).active, 'my own');
    assert.equal((await holder())?.pid, other.pid);
  });

  it('stops writing when it is taken over, says so once, follows, and takes back on a click', async () => {
    await run('load', 'discount');
    const taken = await other.drive(id, true);
    const { text, actions } = await notified(/was taken over/);
    const time = new Date(taken.since).toLocaleTimeString([], { timeStyle: 'short' });
    assert.equal(
      text,
      `discount was taken over by another window (host ${os.hostname()}, process ${other.pid}, since ${time}). This window follows it now; nothing of it is lost.`,
    );
    assert.deepEqual(actions, ['Take Back', 'Fork']);
    assert.match(await tool('holdfast_writeFile', { path: 'src/new.js', content: 'x' }), /nothing was read or written/);
    growTranscript(claudeTranscript(), 'for the other one');
    await other.append('discount', [said('it drives')]);
    await run('save');
    assert.doesNotMatch(JSON.stringify(await history()), /for the other one/);
    person.clicks(/was taken over/, 'Take Back');
    await run('takeOver');
    await other.drive(id, true);
    await until(() => other.lost.length === 2, 'it was taken back by the button of the second notification');
    await until(async () => JSON.stringify(await history()).includes('Done: for the other one'), 'saved here again');
    assert.match(JSON.stringify(await history()), /it drives/);
    assert.equal(person.notifications.filter((one) => /was taken over/.test(one.text)).length, 2);
  });

  it('makes no edit out of a conflict that was shown before it was taken over', async () => {
    await run('load', 'discount');
    await tool('holdfast_readFile', { path: 'README.md' });
    write('README.md', 'theirs\n');
    let answer: (action: string) => void = () => undefined;
    const window = vscode.window as unknown as Record<'showWarningMessage', (...all: unknown[]) => unknown>;
    const notify = window.showWarningMessage;
    window.showWarningMessage = (text, ...rest) => {
      const shown = notify(text, ...rest);
      if (!/The edit was not made/.test(String(text))) return shown;
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    await tool('holdfast_writeFile', { path: 'README.md', content: 'ours\n' });
    await notified(/The edit was not made/);
    await other.drive(id, true);
    await notified(/was taken over/);
    answer('Overwrite');
    await notified(/^discount is driven elsewhere, and this window only follows it/);
    assert.equal(read('README.md'), 'theirs\n');
  });

  it('loses nothing that was not on disk yet when it is taken over, and doubles nothing', async () => {
    await set('autoSave.everyMessages', 100);
    await run('load', 'discount');
    await tool('holdfast_readFile', { path: 'src/price.js' });
    const before = (await history()).length;
    growTranscript(claudeTranscript(), 'waits for more messages');
    await other.drive(id, true);
    await notified(/was taken over/);
    await run('takeOver');
    await run('save');
    const after = await history();
    assert.equal(after.length, before + 2);
    assert.equal(new Set(after.map((message) => message.id)).size, after.length);
  });

  it('keeps the lease through a rename, and lets it go when the session is closed or deleted', async () => {
    await run('load', 'discount');
    person.types('cheaper');
    await run('rename', 'discount');
    assert.equal((await holder())?.pid, process.pid);
    await run('closeSession');
    assert.equal(await holder(), undefined);
    await run('load', 'cheaper');
    await run('delete', 'cheaper');
    assert.equal(await holder(), undefined);
  });

  it('goes on under the new name when another window renames the session', async () => {
    await run('load', 'discount');
    const before = (await history()).length;
    await other.rename('discount', 'cheaper');
    await until(async () => (await api()).active === 'cheaper', 'it has the new name');
    growTranscript(claudeTranscript(), 'under the new name');
    await until(async () => (await history('cheaper')).length === before + 2, 'saved under the new name');
    assert.deepEqual(
      fs.readdirSync(sessions).filter((name) => name.startsWith('discount')),
      [],
    );
    assert.deepEqual(person.notifications, []);
  });

  it('brings nothing back when another window deletes the session, and says so once', async () => {
    await run('load', 'discount');
    await other.delete('discount');
    growTranscript(claudeTranscript(), 'too late');
    const { text, actions } = await notified(/was deleted by another window/);
    assert.equal(text, 'discount was deleted by another window or program. It is not active any more.');
    assert.deepEqual(actions, ['Undo']);
    assert.equal((await api()).active, undefined);
    assert.deepEqual(
      fs.readdirSync(sessions).filter((name) => name.startsWith('discount')),
      [],
    );
    assert.equal(person.notifications.length, 1, JSON.stringify(person.notifications));
  });

  it('leaves another session alone that has taken the name', async () => {
    await run('load', 'discount');
    await other.rename('discount', 'cheaper');
    assert.equal((await store().fork('cheaper', { name: 'discount' })).kind, 'forked');
    const before = (await history('discount')).length;
    await until(async () => (await api()).active === 'cheaper', 'it follows its session, not the name');
    growTranscript(claudeTranscript(), 'not for the new one');
    await until(async () => JSON.stringify(await history('cheaper')).includes('not for the new one'), 'saved');
    assert.equal((await history('discount')).length, before);
  });

  it('goes on driving when the file of its lease is removed', async () => {
    await run('load', 'discount');
    fs.rmSync(path.join(sessions, 'leases'), { recursive: true });
    await until(async () => (await holder())?.pid === process.pid, 'it has a lease again');
    assert.match(await tool('holdfast_readFile', { path: 'src/price.js' }), /lines/);
    assert.deepEqual(person.notifications, []);
  });

  it('goes on driving when the folder of the sessions was away for a while, and makes none in its place', async () => {
    const parts = makeParts();
    try {
      const [place] = parts.places.all();
      assert.ok(place);
      await parts.memento.update('active', { folder: place.folder.uri.toString(), name: 'discount' });
      restoreActive(parts as unknown as App);
      const session = await until(() => parts.active.current, 'it is active');
      const lease = () => (session.driver.kind === 'me' ? session.driver.held?.lease : undefined);
      assert.equal(await lease()?.isMine(), true);
      const away = `${sessions}-away`;
      fs.renameSync(sessions, away);
      await until(() => lease() === undefined, 'it misses its lease');
      assert.equal(session.follows, false);
      assert.equal(fs.existsSync(sessions), false);
      fs.renameSync(away, sessions);
      await until(() => lease() !== undefined, 'it has a lease again');
      assert.equal(await lease()?.isMine(), true);
      assert.deepEqual(person.notifications, []);
    } finally {
      await parts.dispose();
    }
  });

  it('holds no lease while sessions are turned off', async () => {
    await run('load', 'discount');
    await set('enabled', false);
    await until(async () => (await holder()) === undefined, 'it is let go');
    await set('enabled', true);
    await until(async () => (await holder())?.pid === process.pid, 'it is taken again');
    assert.deepEqual(person.notifications, []);
  });

  it('leaves a rewind to the one who drives now, and writes what only it knows', async () => {
    const appended: SessionEvent[] = [];
    let drives = true;
    const fake: Pick<SessionStore, 'append' | 'open'> = {
      append: async (_name, events) => {
        appended.push(...events);
        return { kind: 'appended', events: events.length, bytes: 1 };
      },
      open: async () => ({ kind: 'missing' }),
    };
    const rights = { mayAppend: () => true, mayFold: () => drives };
    const journal = new Journal(fake as SessionStore, 'discount', 1, rights);
    const stamp: SessionEvent = { type: 'read_cache', set: { 'a.ts': { sha256: 'a'.repeat(64) } } };
    journal.hold([said('before'), { type: 'rewind', after: null }, said('after'), stamp]);
    drives = false;
    await journal.flush();
    assert.deepEqual(appended, [said('before'), stamp]);
    assert.deepEqual(journal.pending, []);
    journal.abandon();
  });

  it('pain 9: two windows that save different sessions at once lose neither', async () => {
    person.types('second');
    await run('fork', 'discount');
    await run('load', 'discount');
    const before = (await history()).length;
    const saves: Promise<unknown>[] = [];
    for (let turn = 0; turn < 20; turn++) {
      saves.push(other.append('second', [said(`there ${turn}`)]));
      growTranscript(claudeTranscript(), `here ${turn}`);
      if (turn % 5 === 0) saves.push(other.fold('second'), Promise.resolve(run('save')));
    }
    await Promise.all(saves);
    await until(async () => (await history()).length === before + 40, 'every turn of this window');
    assert.equal((await history('second')).length, before + 20);
    const names = (await store().list()).map(({ name, problems }) => [name, problems.length]);
    assert.deepEqual(names.sort(), [
      ['discount', 0],
      ['second', 0],
    ]);
    assert.ok(read('src/cart.js'));
  });

  async function tool(name: string, input: object): Promise<string> {
    const result = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
    return result.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('\n');
  }
});
