import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { PROTECTED_AGENTS } from '../../src/agents/index.ts';
import { lookForUnprotected } from '../../src/vscode/protecting/unprotected.ts';
import { makeParts, type Parts } from './support/parts.ts';
import { type Person, sitDown } from './support/person.ts';
import { api, file, folder, reset, set, until } from './support/world.ts';

const run = (command: string) => vscode.commands.executeCommand(`holdfast.${command}`);

describe('Edit protection', () => {
  let person: Person;
  let parts: Parts;
  let unprotected: boolean | undefined;
  const settings = file('.claude/settings.local.json');
  const path0 = process.env['PATH'];

  beforeEach(async () => {
    await api();
    await reset();
    person = sitDown();
    parts = makeParts();
    // The host's own Node is one that hooks can run on.
    process.env['PATH'] = `${path.dirname(process.execPath)}${path.delimiter}${path0}`;
  });
  afterEach(async () => {
    process.env['PATH'] = path0;
    for (const name of ['.claude', '.codex', '.gemini', '.opencode', '.github'])
      fs.rmSync(file(name), { recursive: true, force: true });
    await parts.dispose();
    person.restore();
    await reset();
  });

  const look = async (): Promise<boolean | undefined> => {
    const key = {
      set(value: boolean) {
        unprotected = value;
      },
    };
    await lookForUnprotected({ ...parts, unprotected: key, extensionPath: path.resolve('.') });
    return unprotected;
  };
  const diffs = () =>
    vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .map(({ input }) => input)
      .filter((input) => input instanceof vscode.TabInputTextDiff);

  it('is offered for every agent that runs hooks, in this folder and for the user, with how it stands', async () => {
    await run('installProtection');
    const [labels = []] = person.picks;
    assert.equal(labels.length, 2 + 2 * PROTECTED_AGENTS.length);
    assert.deepEqual([labels[0], labels[1 + PROTECTED_AGENTS.length]], ['This folder', 'My user, in every folder']);
    assert.deepEqual(person.notifications, []);
  });

  it('shows the exact change before anything is written, and writes nothing on Cancel', async () => {
    fs.mkdirSync(path.dirname(settings));
    fs.writeFileSync(settings, '{\n  "model": "opus"\n}\n');
    person.chooses('Claude Code', 'Cancel');
    let shown: Promise<readonly string[]> | undefined;
    const { showQuickPick } = vscode.window;
    const look = async (...asked: Parameters<typeof showQuickPick>) => {
      const [diff] = diffs();
      if (diff)
        shown = Promise.all(
          [diff.original, diff.modified].map(async (uri) => (await vscode.workspace.openTextDocument(uri)).getText()),
        );
      await shown;
      return showQuickPick(...asked);
    };
    Object.assign(vscode.window, { showQuickPick: look });
    await run('installProtection');
    const [before, after] = (await shown) ?? assert.fail(JSON.stringify(person.notifications));
    assert.equal(before, '{\n  "model": "opus"\n}\n');
    assert.match(after ?? '', /"model": "opus"/);
    assert.match(after ?? '', /PreToolUse[\s\S]*hook\.cjs/);
    assert.equal(fs.readFileSync(settings, 'utf8'), before);
    assert.deepEqual(person.picks.at(-1), ['Install', 'Cancel']);
    assert.deepEqual(diffs(), [], 'what was not done is not left to be looked at');
    assert.deepEqual(person.notifications, []);
  });

  it('is installed as it was shown, says what is left to do, and is removed without a trace', async () => {
    person.chooses('Claude Code', 'Install', 'Claude Code', 'Remove');
    await run('installProtection');
    const [diff] = diffs();
    assert.ok(diff, JSON.stringify(person.notifications));
    const shown = (await vscode.workspace.openTextDocument(diff.modified)).getText();
    assert.equal(fs.readFileSync(settings, 'utf8'), shown);
    assert.match(
      person.notifications.at(-1)?.text ?? '',
      /^Edit protection for Claude Code is installed\. .*[Rr]estart/,
    );
    const [place] = parts.places.all();
    assert.ok(place && fs.existsSync(path.join(place.where.home, '.holdfast/hook.cjs')));
    await run('removeProtection');
    assert.ok(!fs.existsSync(settings));
    assert.match(person.notifications.at(-1)?.text ?? '', /^Edit protection of Claude Code was removed\./);
  });

  it('tells Codex’s user to trust the hooks, since nobody else may', async () => {
    person.chooses('Codex', 'Install');
    await run('installProtection');
    assert.match(person.notifications.at(-1)?.text ?? '', /Trust the hooks/);
    await run('installProtection');
    const row = person.picks.at(-1)?.indexOf('Codex') ?? 0;
    assert.ok(row > 0);
  });

  it('leaves settings alone that are no JSON', async () => {
    fs.mkdirSync(path.dirname(settings));
    fs.writeFileSync(settings, '{ not JSON');
    person.chooses('Claude Code', 'Install');
    await run('installProtection');
    assert.match(person.notifications.at(-1)?.text ?? '', /settings\.local\.json was left as it is: it is not JSON\.$/);
    assert.equal(fs.readFileSync(settings, 'utf8'), '{ not JSON');
    assert.deepEqual(person.notifications.at(-1)?.actions, ['Open File', 'Show Log']);
  });

  it('is not installed where agents would find no Node', async () => {
    process.env['PATH'] = folder;
    person.chooses('Claude Code', 'Install');
    await run('installProtection');
    assert.match(person.notifications.at(-1)?.text ?? '', /needs Node\.js.*Nothing was changed\.$/);
    assert.ok(!fs.existsSync(settings));
  });

  it('says which file cannot be written, and that it is as it was', async () => {
    // A folder takes the file's place while the change is looked at.
    person.chooses('Claude Code', 'Install');
    const watching = vscode.window.tabGroups.onDidChangeTabs(() => fs.mkdirSync(settings, { recursive: true }));
    await run('installProtection');
    watching.dispose();
    assert.match(
      person.notifications.at(-1)?.text ?? '',
      /settings\.local\.json could not be written: .*\. It is as it was\.$/,
    );
  });

  it('offers to try again where the file changed after it was shown', async () => {
    person.chooses('Claude Code', 'Install', 'Claude Code', 'Cancel');
    person.clicks(/changed after it was shown/, 'Try Again');
    const watching = vscode.window.tabGroups.onDidChangeTabs(() => {
      fs.mkdirSync(path.dirname(settings), { recursive: true });
      if (!fs.existsSync(settings)) fs.writeFileSync(settings, '{}');
    });
    await run('installProtection');
    await until(() => person.picks.length === 4, 'the questions once more');
    watching.dispose();
    assert.equal(fs.readFileSync(settings, 'utf8'), '{}');
    assert.equal(person.notifications.length, 1);
  });

  it('is suggested while an agent works here whose edits nothing checks, and no longer', async () => {
    assert.equal(await look(), true);
    person.chooses('Claude Code', 'Install');
    await run('installProtection');
    assert.equal(await look(), true, 'Codex works here too');
    parts.catalog.live = async () => [];
    assert.equal(await look(), false);
  });

  it('changes nothing while sessions are turned off', async () => {
    await set('enabled', false);
    await run('installProtection');
    assert.match(person.notifications.at(-1)?.text ?? '', /turned off here/);
    assert.deepEqual(person.picks, []);
  });
});
