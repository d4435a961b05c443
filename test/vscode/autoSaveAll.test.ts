import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { whenMade } from '../../src/vscode/whenMade.ts';
import { growTranscript } from '../support/growTranscript.ts';
import { openOtherWindow } from './support/otherWindow.ts';
import { makeParts } from './support/parts.ts';
import { type Person, sitDown } from './support/person.ts';
import { api, claudeTranscript, reset, scratch, sessions, set, store, until } from './support/world.ts';

const run = (command: string, ...args: readonly unknown[]) =>
  vscode.commands.executeCommand(`holdfast.${command}`, ...args);

describe('Auto-save of all sessions', () => {
  let person: Person;

  beforeEach(async () => {
    await api();
    await reset();
    // The sample's own session is none that is under way: it would be saved, too, and take names.
    fs.utimesSync(claudeTranscript(), new Date(0), new Date(0));
    person = sitDown();
  });
  afterEach(async () => {
    await set('autoSave.sessions', 'active');
    person.restore();
    await reset();
  });

  /** Another session of the same agent in the same folder. */
  function beginAnother(prompt: string): string {
    const id = randomUUID();
    const file = path.join(path.dirname(claudeTranscript()), `${id}.jsonl`);
    const [, own = ''] = /([0-9a-f-]{36})\.jsonl$/.exec(claudeTranscript()) ?? [];
    const lines = fs.readFileSync(claudeTranscript(), 'utf8').replaceAll(own, id).trimEnd().split('\n');
    fs.writeFileSync(file, `${lines.filter((line) => JSON.parse(line).type !== 'summary').join('\n')}\n`);
    growTranscript(file, prompt);
    return file;
  }
  const entries = async () => (await store().list()).filter(({ head }) => head !== undefined);
  const savedFrom = async (transcript: string) => {
    const id = path.basename(transcript, '.jsonl');
    return (await entries()).find(({ head }) => head?.source?.native_id === id);
  };
  const lastOf = async (name: string): Promise<string> => {
    const loaded = await store().load(name);
    return loaded.kind === 'loaded' ? JSON.stringify(loaded.session.history.at(-1)?.content) : '';
  };
  const saved = (transcript: string, answer: string) =>
    until(async () => {
      const entry = await savedFrom(transcript);
      return entry && (await lastOf(entry.name)).includes(answer) ? entry : undefined;
    }, `${answer} is saved`);

  it('saves none of them until it is asked to, nor while auto-save is off', async () => {
    const mine = claudeTranscript();
    const parts = makeParts();
    const [place] = parts.places.all();
    assert.ok(place);
    const live = (await parts.catalog.live(place)).find(({ transcript }) => transcript === mine);
    person.types('mine');
    person.chooses();
    assert.equal(await run('save', { kind: 'live', place, live }), 'mine', JSON.stringify(person.notifications));
    await parts.dispose();
    await run('load', 'mine');
    const another = beginAnother('unheard');
    growTranscript(mine, 'heard');
    await until(
      async () => (await lastOf('mine')).includes('Done: heard'),
      `the active one is saved: ${JSON.stringify(person.notifications)}`,
    );
    assert.equal(await savedFrom(another), undefined);
    await set('autoSave.enabled', false);
    await set('autoSave.sessions', 'all');
    await run('save');
    assert.equal(await savedFrom(another), undefined);
    await set('autoSave.enabled', true);
    await saved(another, 'Done: unheard');
    assert.equal((await api()).active, 'mine');
  });

  it('goes on with the active one where its transcript has another place now', async () => {
    const mine = claudeTranscript();
    const parts = makeParts();
    const [place] = parts.places.all();
    assert.ok(place);
    const live = (await parts.catalog.live(place)).find(({ transcript }) => transcript === mine);
    person.types('moved');
    person.chooses();
    assert.equal(await run('save', { kind: 'live', place, live }), 'moved', JSON.stringify(person.notifications));
    await parts.dispose();
    await run('load', 'moved');
    growTranscript(mine, 'here');
    await until(async () => (await lastOf('moved')).includes('Done: here'), 'the first place is followed');
    // Names of folders may differ in their case.
    const folder = path.dirname(mine).replace(/[^/\\]+$/, (name) => name.toUpperCase());
    const there = path.join(folder, path.basename(mine));
    fs.mkdirSync(folder, { recursive: true });
    fs.renameSync(mine, there);
    growTranscript(there, 'there');
    await until(async () => (await lastOf('moved')).includes('Done: there'), 'the other place is followed');
    growTranscript(there, 'and further');
    await until(async () => (await lastOf('moved')).includes('Done: and further'), 'it goes on');
    const loaded = await store().load('moved');
    const ids = loaded.kind === 'loaded' ? loaded.session.history.map(({ id }) => id) : [];
    assert.equal(new Set(ids).size, ids.length);
  });

  it('saves every session that changes, each under a name of its own, and goes on with it', async () => {
    await set('autoSave.sessions', 'all');
    const [one, other] = [beginAnother('first of all'), beginAnother('first of another')];
    growTranscript(one, 'second');
    await saved(one, 'Done: second');
    await saved(other, 'Done: first of another');
    growTranscript(other, 'third');
    const entry = await saved(other, 'Done: third');
    growTranscript(other, 'fourth');
    assert.equal((await saved(other, 'Done: fourth')).name, entry.name);
    assert.equal(
      (await entries()).filter(({ head }) => head?.source?.native_id === path.basename(other, '.jsonl')).length,
      1,
    );
    assert.equal((await api()).active, undefined);
    assert.deepEqual(person.notifications, []);
  });

  it('leaves the session to who loads it, in this window', async () => {
    await set('autoSave.sessions', 'all');
    const transcript = beginAnother('to be loaded');
    const { name } = await saved(transcript, 'Done: to be loaded');
    await run('refresh');
    await run('load', name);
    assert.equal((await api()).active, name);
    growTranscript(transcript, 'in the active one');
    await saved(transcript, 'Done: in the active one');
    await run('closeSession');
    growTranscript(transcript, 'and quietly again');
    await saved(transcript, 'Done: and quietly again');
    const loaded = await store().load(name);
    const ids = loaded.kind === 'loaded' ? loaded.session.history.map(({ id }) => id) : [];
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(person.notifications, []);
  });

  it('writes nothing into a session that another window drives', async () => {
    await set('autoSave.sessions', 'all');
    const transcript = beginAnother('before');
    const entry = await saved(transcript, 'Done: before');
    const other = openOtherWindow();
    try {
      await other.drive(entry.head?.session_id ?? '');
      growTranscript(transcript, 'driven');
      const witness = beginAnother('witness');
      await saved(witness, 'Done: witness');
      assert.match(await lastOf(entry.name), /Done: before/);
      await other.release();
      growTranscript(transcript, 'free again');
      await saved(transcript, 'Done: free again');
      const loaded = await store().load(entry.name);
      assert.match(JSON.stringify(loaded), /Done: driven/);
    } finally {
      await other.close();
    }
  });

  it('does not save again what was deleted, and leaves another session alone that has taken the name', async () => {
    await set('autoSave.sessions', 'all');
    const transcript = beginAnother('unwanted');
    const { name } = await saved(transcript, 'Done: unwanted');
    await run('refresh');
    await run('delete', name);
    const created = { session_id: 's-20260101-00000000', created_at: '2026-01-01T00:00:00Z' };
    const history = [{ id: 'm1', role: 'user' as const, content: 'another one' }];
    const outcome = await store().save(name, { body: { schema: 'holdfast/1', ...created }, history }, undefined);
    assert.equal(outcome.kind, 'saved');
    growTranscript(transcript, 'still unwanted');
    const witness = beginAnother('witness');
    await saved(witness, 'Done: witness');
    assert.equal(await savedFrom(transcript), undefined);
    assert.match(await lastOf(name), /^"another one"$/);
  });

  it('goes on under the new name of a session that was renamed', async () => {
    await set('autoSave.sessions', 'all');
    const transcript = beginAnother('to be renamed');
    const { name } = await saved(transcript, 'Done: to be renamed');
    const outside = store();
    assert.equal((await outside.rename(name, 'renamed')).kind, 'done');
    await outside.close();
    // The last thing that its agent does: nothing comes after it that would tell.
    growTranscript(transcript, 'after the renaming');
    assert.equal((await saved(transcript, 'Done: after the renaming')).name, 'renamed');
    assert.equal(
      (await entries()).filter(({ head }) => head?.source?.native_id === path.basename(transcript, '.jsonl')).length,
      1,
    );
  });

  it('saves anew what is under way where the whole folder of the sessions is gone', async () => {
    await set('autoSave.sessions', 'all');
    const transcript = beginAnother('before the cleaning');
    await saved(transcript, 'Done: before the cleaning');
    fs.rmSync(sessions, { recursive: true });
    growTranscript(transcript, 'after the cleaning');
    const { name } = await saved(transcript, 'Done: after the cleaning');
    assert.match(JSON.stringify(await store().load(name)), /before the cleaning/);
  });

  it('knows the places of the messages in a transcript that was written anew with other bytes', async () => {
    await set('autoSave.sessions', 'all');
    const transcript = beginAnother('in the first bytes');
    const { name } = await saved(transcript, 'Done: in the first bytes');
    const lines = fs.readFileSync(transcript, 'utf8').trimEnd().split('\n');
    const other = lines.map((line) => JSON.stringify({ longer: 'x'.repeat(100), ...JSON.parse(line) }));
    fs.writeFileSync(transcript, `${other.join('\n')}\n`);
    growTranscript(transcript, 'in the other bytes');
    await saved(transcript, 'Done: in the other bytes');
    const loaded = await store().load(name);
    assert.ok(loaded.kind === 'loaded');
    const { body, history } = loaded.session;
    const mirror = fs.readFileSync(path.join(sessions, body.source?.raw?.file ?? ''));
    assert.ok(mirror.equals(fs.readFileSync(transcript)));
    for (const { id, raw } of history) {
      assert.ok(raw, id);
      assert.ok(raw.from === 0 || mirror[raw.from - 1] === 0x0a, `${id} begins at ${raw.from}`);
      assert.equal(mirror[raw.to - 1], 0x0a, `${id} ends at ${raw.to}`);
    }
    assert.equal(new Set(history.map(({ id }) => id)).size, history.length);
  });

  it('hears of a folder that is made, or made again, after the window', async () => {
    const folder = path.join(scratch(), 'agent');
    let told = 0;
    const watching = whenMade([folder, path.dirname(folder)], () => {
      told += 1;
    });
    try {
      // Answers come in the order of the questions: the first look has its own by then.
      await assert.rejects(async () => vscode.workspace.fs.stat(vscode.Uri.file(folder)));
      assert.equal(told, 0);
      fs.mkdirSync(folder);
      await until(() => told === 1, 'it is there');
    } finally {
      watching.dispose();
    }
  });
});
