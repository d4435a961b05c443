import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { loadSession } from '../../src/vscode/session/loadSession.ts';
import { createStatusBar } from '../../src/vscode/views/statusBar.ts';
import { growTranscript } from '../support/growTranscript.ts';
import { makeParts } from './support/parts.ts';
import { type Person, sitDown } from './support/person.ts';
import { api, claudeTranscript, file, read, reset, sessions, set, store, until, write } from './support/world.ts';

const run = (command: string, ...args: readonly unknown[]) =>
  vscode.commands.executeCommand(`holdfast.${command}`, ...args);

describe('The active session', () => {
  let person: Person;

  beforeEach(async () => {
    await api();
    await reset();
    person = sitDown();
    person.types('discount');
    person.chooses();
    await saveSample();
  });
  afterEach(async () => {
    person.restore();
    await reset();
  });

  async function saveSample(): Promise<void> {
    const parts = makeParts();
    const [place] = parts.places.all();
    assert.ok(place);
    const live = (await parts.catalog.live(place)).find(({ transcript }) => transcript === claudeTranscript());
    assert.equal(await run('save', { kind: 'live', place, live }), 'discount', JSON.stringify(person.notifications));
    await parts.dispose();
  }
  const notified = (text: RegExp) => until(() => person.notifications.find((one) => text.test(one.text)), String(text));
  const count = async (): Promise<number> => {
    const loaded = await store().load('discount');
    return loaded.kind === 'loaded' ? loaded.session.history.length : -1;
  };

  it('is loaded without a word when nothing changed', async () => {
    await run('load', 'discount');
    await until(
      () =>
        person.statusMessages.find(
          (text) => text === 'discount is the active session. Nothing changed since it was saved.',
        ),
      'the message',
    );
    assert.deepEqual(person.notifications, []);
    assert.equal((await api()).active, 'discount');
  });

  it('says in one sentence what changed since it was saved', async () => {
    write('src/cart.js', '// other\n');
    await run('load', 'discount');
    const { text, actions } = await notified(/changed since/);
    assert.equal(text, '1 file changed since discount was saved.');
    assert.deepEqual(actions, ['Show', 'Continue', 'Continue with Briefing…', 'Fork Instead…']);
    assert.equal(person.notifications.length, 1);
  });

  it('forks instead, and makes the fork the active session', async () => {
    write('src/cart.js', '// other\n');
    person.types('another way');
    person.clicks(/changed since discount was saved/, 'Fork Instead…');
    await run('load', 'discount');
    await until(async () => (await api()).active === 'another way', 'the fork is active');
    const fork = JSON.parse(fs.readFileSync(path.join(sessions, 'another way.json'), 'utf8'));
    assert.equal(fork.parent.message, fork.message_count);
    await notified(/changed since another way was saved/);
    assert.equal(read('src/cart.js'), '// other\n');
  });

  it('names every kind that changed', async () => {
    write('src/cart.js', '// other\n');
    write('src/price.js', '// other\n');
    fs.mkdirSync(process.env['CLAUDE_CONFIG_DIR'] ?? '', { recursive: true });
    fs.writeFileSync(path.join(process.env['CLAUDE_CONFIG_DIR'] ?? '', 'settings.json'), '{"model":"another-model"}');
    await run('load', 'discount');
    const { text } = await notified(/changed since/);
    assert.match(text, /^2 files and the model changed since discount was saved\.$/);
  });

  it('cannot be continued where the policy is block, and says which', async () => {
    await set('drift.files', 'block');
    write('src/cart.js', '// other\n');
    await run('load', 'discount');
    const { text, actions } = await notified(/changed since/);
    assert.match(text, /the drift policy for Files is “block”/);
    assert.deepEqual(actions, ['Show', 'Fork Instead…']);
    assert.match(await tool('holdfast_readFile', { path: 'src/cart.js' }), /other/);
    assert.match(await tool('holdfast_writeFile', { path: 'src/cart.js', content: 'x' }), /Nothing was written/);
    assert.equal(read('src/cart.js'), '// other\n');
  });

  it('waits for a decision where the policy is ask', async () => {
    await set('drift.files', 'ask');
    write('src/cart.js', '// other\n');
    person.clicks(/It may not edit files until you continue/, 'Continue');
    await run('load', 'discount');
    await notified(/until you continue/);
    await tool('holdfast_readFile', { path: 'src/cart.js' });
    await until(
      async () => /was written/.test(await tool('holdfast_writeFile', { path: 'src/cart.js', content: 'y\n' })),
      'the write',
    );
  });

  it('says nothing where the policy is ignore, or the check is off', async () => {
    write('src/cart.js', '// other\n');
    await set('drift.files', 'ignore');
    await run('load', 'discount');
    await until(
      () => person.statusMessages.find((text) => text.startsWith('discount is the active session')),
      'loaded',
    );
    await set('checkConsistencyOnLoad', false);
    await run('load', 'discount');
    await until(() => person.statusMessages.find((text) => text.includes('It was not compared with now')), 'loaded');
    assert.deepEqual(person.notifications, []);
  });

  it('follows its agent’s transcript onto the disk', async () => {
    const before = await count();
    await run('load', 'discount');
    growTranscript(claudeTranscript(), 'one more thing');
    await until(async () => (await count()) === before + 2, 'the turn is on disk');
    const loaded = await store().load('discount');
    assert.ok(loaded.kind === 'loaded');
    assert.match(JSON.stringify(loaded.session.history.at(-1)), /Done: one more thing/);
    assert.deepEqual(person.notifications, []);
  });

  it('catches up on load with what the agent did meanwhile', async () => {
    const before = await count();
    growTranscript(claudeTranscript(), 'while nobody looked');
    await run('load', 'discount');
    await until(async () => (await count()) === before + 2, 'the turn is on disk');
  });

  it('does not follow while auto-save is off, and saves when it is asked to', async () => {
    await set('autoSave.enabled', false);
    const before = await count();
    await run('load', 'discount');
    growTranscript(claudeTranscript(), 'not followed');
    await run('refresh');
    assert.equal(await count(), before);
    await run('save');
    assert.equal(await count(), before + 2);
    growTranscript(claudeTranscript(), 'not followed either');
    await set('autoSave.enabled', true);
    await until(async () => (await count()) === before + 4, 'the turn is on disk after it was turned on');
  });

  it('waits for as many messages as the setting says, but not for ever', async () => {
    await set('autoSave.everyMessages', 3);
    const before = await count();
    await run('load', 'discount');
    growTranscript(claudeTranscript(), 'two messages');
    growTranscript(claudeTranscript(), 'and two more');
    await until(async () => (await count()) === before + 4, 'four messages are on disk');
    growTranscript(claudeTranscript(), 'the last ones');
    await run('save');
    assert.equal(await count(), before + 6);
  });

  it('goes on as a fork of its own once the fork was resumed', async () => {
    const before = await count();
    const terminals = watchTerminals();
    try {
      person.types('other way');
      await run('forkFromMessage', 'discount', 3);
      person.clicks(/needs a session of its own/, 'Write and Resume');
      await run('resumeInTerminal', 'other way');
      assert.equal(terminals.sent.length, 1, JSON.stringify(person.notifications));
      const [, id] = /^claude --resume ([0-9a-f-]{36})$/.exec(terminals.sent[0] ?? '') ?? [];
      assert.ok(id, terminals.sent[0]);
      const transcript = path.join(path.dirname(claudeTranscript()), `${id}.jsonl`);
      assert.ok(fs.existsSync(transcript));
      await run('load', 'other way');
      growTranscript(transcript, 'on the other way');
      const fork = await until(async () => {
        const loaded = await store().load('other way');
        return loaded.kind === 'loaded' && loaded.session.history.length >= 5 ? loaded.session : undefined;
      }, 'the fork grew');
      assert.match(JSON.stringify(fork.history.at(-1)), /Done: on the other way/);
      assert.equal(await count(), before, 'its parent did not');
    } finally {
      terminals.restore();
    }
  });

  it('resumes in a terminal by its own id, without a question', async () => {
    const terminals = watchTerminals();
    try {
      await run('resumeInTerminal', 'discount');
      assert.deepEqual(terminals.sent, [`claude --resume ${path.basename(claudeTranscript(), '.jsonl')}`]);
      assert.deepEqual(person.notifications, []);
    } finally {
      terminals.restore();
    }
  });

  it('runs no command that a snapshot made up', async () => {
    const snapshot = path.join(sessions, 'discount.json');
    const text = fs.readFileSync(snapshot, 'utf8');
    fs.writeFileSync(snapshot, text.replaceAll(path.basename(claudeTranscript(), '.jsonl'), 'x; touch /tmp/owned'));
    await run('refresh');
    const terminals = watchTerminals();
    try {
      person.clicks(/does not have the session/, 'Write and Resume');
      await run('resumeInTerminal', 'discount');
      assert.deepEqual(terminals.sent, []);
      assert.match(person.notifications.at(-1)?.text ?? '', /is not one that Claude Code makes, so no command was run/);
    } finally {
      terminals.restore();
    }
  });

  it('is only read in Restricted Mode', async () => {
    const trusted = Object.getOwnPropertyDescriptor(vscode.workspace, 'isTrusted');
    assert.ok(trusted);
    Object.defineProperty(vscode.workspace, 'isTrusted', { ...trusted, get: () => false });
    try {
      const before = fs.readdirSync(sessions).sort();
      await run('load', 'discount');
      await run('delete', 'discount');
      await run('fork', 'discount');
      assert.equal((await api()).active, undefined);
      assert.deepEqual(fs.readdirSync(sessions).sort(), before);
      for (const { text } of person.notifications)
        assert.equal(text, 'In Restricted Mode sessions can only be listed and read. Trust the folder to do this.');
      assert.equal(person.notifications.length, 3);
      await run('openTranscript', 'discount');
      const shown = () => vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'holdfast-transcript');
      assert.match((await until(shown, 'the transcript')).getText(), /^# discount/);
    } finally {
      Object.defineProperty(vscode.workspace, 'isTrusted', trusted);
    }
  });

  it('tells once when it cannot save, keeps what waits, and writes it on Retry', async () => {
    const before = await count();
    await run('load', 'discount');
    await until(async () => (await api()).active === 'discount', 'loaded');
    const away = `${sessions}-away`;
    fs.renameSync(sessions, away);
    fs.writeFileSync(sessions, 'a file in its place');
    try {
      growTranscript(claudeTranscript(), 'first');
      const { text, actions } = await notified(/is not being saved/);
      assert.match(text, /^discount is not being saved: /);
      assert.deepEqual(actions, ['Retry', 'Save Elsewhere…', 'Show Log']);
      growTranscript(claudeTranscript(), 'second');
      assert.equal(person.notifications.filter((one) => /not being saved/.test(one.text)).length, 1);
    } finally {
      fs.rmSync(sessions);
      fs.renameSync(away, sessions);
    }
    await run('retry');
    await until(async () => (await count()) === before + 4, 'both turns are on disk');
  });

  it('refuses an edit of a file that changed, names the lines, and makes it after a new read', async () => {
    await run('load', 'discount');
    assert.match(await tool('holdfast_readFile', { path: 'src/price.js' }), /lines/);
    write('src/price.js', `// by hand\n${read('src/price.js')}`);
    const refused = await tool('holdfast_editFile', {
      path: 'src/price.js',
      oldText: 'export',
      newText: '/* x */ export',
      replaceAll: true,
    });
    assert.match(refused, /Conflict, nothing was written: src\/price\.js changed since this session read it/);
    assert.match(refused, /by hand/);
    assert.match(refused, /holdfast_readFile/);
    const { text, actions } = await notified(/The edit was not made/);
    assert.match(text, /^src\/price\.js changed since the session read it \(1 line, .*\)\. The edit was not made\.$/);
    assert.deepEqual(actions, ['Show Diff', 'Read Again', 'Merge', 'Overwrite']);
    await tool('holdfast_readFile', { path: 'src/price.js' });
    assert.match(
      await tool('holdfast_editFile', { path: 'src/price.js', oldText: '// by hand', newText: '// by both' }),
      /was written/,
    );
    assert.match(read('src/price.js'), /^\/\/ by both\n/);
  });

  it('takes unsaved text of an editor for the current version', async () => {
    await run('load', 'discount');
    await tool('holdfast_readFile', { path: 'README.md' });
    // A VS Code in a browser saves by itself.
    await vscode.workspace.getConfiguration('files').update('autoSave', 'off', vscode.ConfigurationTarget.Global);
    const document = await vscode.workspace.openTextDocument(file('README.md'));
    const editor = await vscode.window.showTextDocument(document);
    const onDisk = read('README.md');
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'unsaved\n'));
    assert.match(
      await tool('holdfast_writeFile', { path: 'README.md', content: 'all new\n' }),
      /unsaved changes in an editor/,
    );
    assert.match(document.getText(), /^unsaved\n/);
    assert.match(await tool('holdfast_readFile', { path: 'README.md' }), /unsaved text of an open editor/);
    assert.match(
      await tool('holdfast_editFile', { path: 'README.md', oldText: 'unsaved', newText: 'edited' }),
      /in that editor, not on the disk yet/,
    );
    assert.match(document.getText(), /^edited\n/);
    assert.ok(document.isDirty);
    assert.equal(read('README.md'), onDisk);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), `unsaved\n${onDisk}`, 'one undo brings the user’s text back');
    assert.match(
      await tool('holdfast_editFile', { path: 'README.md', oldText: 'unsaved', newText: 'edited' }),
      /unsaved changes in an editor/,
      'and that is a version that the session has not seen last',
    );
  });

  it('does what the user chooses at a conflict: read again, or overwrite', async () => {
    await run('load', 'discount');
    await tool('holdfast_readFile', { path: 'README.md' });
    write('README.md', 'theirs\n');
    person.clicks(/The edit was not made/, 'Overwrite');
    await tool('holdfast_writeFile', { path: 'README.md', content: 'ours\n' });
    await until(() => read('README.md') === 'ours\n', 'the overwrite');
    write('README.md', 'theirs again\n');
    person.clicks(/The edit was not made/, 'Read Again');
    await tool('holdfast_writeFile', { path: 'README.md', content: 'ours again\n' });
    await until(() => person.statusMessages.find((text) => /README\.md was read again/.test(text)), 'the read');
    assert.match(
      await tool('holdfast_editFile', { path: 'README.md', oldText: 'theirs', newText: 'their' }),
      /was written/,
      'an edit names what it replaces',
    );
    const told = person.notifications.length;
    const whole = { path: 'README.md', content: 'ours again\n' };
    assert.match(
      await tool('holdfast_writeFile', whole),
      /Conflict, nothing was written: README\.md exists and you have not read the whole of the version that is there/,
    );
    assert.equal(read('README.md'), 'their again\n');
    assert.equal(person.notifications.length, told, 'the user has decided already');
    await run('load', 'discount');
    assert.match(await tool('holdfast_writeFile', whole), /Conflict, nothing was written/, 'after a reload, too');
    await tool('holdfast_readFile', { path: 'README.md' });
    assert.match(await tool('holdfast_writeFile', whole), /was written/);
  });

  it('does not let the model replace a file of which it read a part', async () => {
    await run('load', 'discount');
    write('README.md', 'one\ntwo\nthree\n');
    await tool('holdfast_readFile', { path: 'README.md', startLine: 1, endLine: 1 });
    const whole = { path: 'README.md', content: 'one\n' };
    assert.match(await tool('holdfast_writeFile', whole), /have not read the whole of the version that is there/);
    const part = { path: 'README.md', oldText: 'one', newText: '1' };
    assert.match(await tool('holdfast_editFile', part), /was written/);
    assert.equal(read('README.md'), '1\ntwo\nthree\n');
    await tool('holdfast_readFile', { path: 'README.md' });
    await tool('holdfast_readFile', { path: 'README.md', startLine: 2 });
    assert.match(await tool('holdfast_writeFile', whole), /was written/, 'what was read whole stays so');
  });

  it('lets the model edit, not replace, a file that the user had overwritten by an edit', async () => {
    await run('load', 'discount');
    await tool('holdfast_readFile', { path: 'README.md' });
    write('README.md', 'theirs\nand more\n');
    person.clicks(/The edit was not made/, 'Overwrite');
    await tool('holdfast_editFile', { path: 'README.md', oldText: 'theirs', newText: 'ours' });
    await until(() => read('README.md') === 'ours\nand more\n', 'the overwrite');
    assert.match(await tool('holdfast_writeFile', { path: 'README.md', content: 'x' }), /nothing was written/);
    assert.equal(read('README.md'), 'ours\nand more\n');
  });

  it('tells of several conflicts at once in one notification, and a dismissed one changes nothing', async () => {
    await run('load', 'discount');
    const files = ['README.md', 'src/price.js'];
    for (const path of files) await tool('holdfast_readFile', { path });
    for (const path of files) write(path, 'theirs\n');
    await Promise.all(files.map((path) => tool('holdfast_writeFile', { path, content: 'ours\n' })));
    const { text, actions } = await notified(/The edits were not made/);
    assert.equal(
      text,
      '2 files changed since the session read them (README.md, src/price.js). The edits were not made.',
    );
    assert.deepEqual(actions, ['Show Diff', 'Read Again', 'Overwrite']);
    assert.equal(person.notifications.filter((one) => /not made/.test(one.text)).length, 1);
    for (const path of files) {
      assert.equal(read(path), 'theirs\n');
      assert.match(await tool('holdfast_writeFile', { path, content: 'ours\n' }), /Conflict/);
    }
  });

  it('does not let a tool out of the folder, or into its own files', async () => {
    await run('load', 'discount');
    assert.match(await tool('holdfast_writeFile', { path: '../out.txt', content: '' }), /outside the workspace folder/);
    assert.match(await tool('holdfast_writeFile', { path: '.sessions/discount.json', content: '' }), /protected/);
    assert.match(await tool('holdfast_writeFile', { path: '.git/config', content: '' }), /protected/);
  });

  it('is missed by the tools where there is none', async () => {
    assert.match(await tool('holdfast_readFile', { path: 'README.md' }), /No session is active/);
  });

  it('shows what the session saw beside the file as it is now', async () => {
    await run('load', 'discount');
    await tool('holdfast_readFile', { path: 'src/price.js' });
    const before = read('src/price.js');
    write('src/price.js', 'now\n');
    person.clicks(/The edit was not made/, 'Show Diff');
    await tool('holdfast_writeFile', { path: 'src/price.js', content: 'x' });
    const seen = await until(
      () => vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'holdfast-seen'),
      'the diff',
    );
    assert.equal(seen.getText(), before);
  });

  it('has its state in the status bar', async () => {
    const parts = makeParts();
    const bar = createStatusBar(parts.active, parts.settings);
    try {
      assert.equal(bar.item.text, '$(history) Sessions');
      const [place] = parts.places.all();
      assert.ok(place);
      const session = await loadSession(place, 'discount', {
        settings: parts.settings,
        log: parts.log,
        mayWrite: () => true,
        driver: { kind: 'me', held: undefined },
      });
      await parts.active.activate(session);
      await until(() => bar.item.text === '$(history) discount $(check)', 'saved');
      const said = bar.item.tooltip instanceof vscode.MarkdownString ? bar.item.tooltip.value.replaceAll('\\', '') : '';
      assert.match(said, /(\d+) of \1 messages on disk, verified .+, revision 1/);
      write('src/cart.js', '// other\n');
      await session.recheck();
      await until(() => bar.item.text === '$(history) discount $(diff) 1 changed', 'stale');
      session.tell({ type: 'grew', messages: 1000 });
      await until(() => /\$\(warning\) \d+ not saved$/.test(bar.item.text), 'behind');
      session.tell({ type: 'failed', reason: 'disk full' });
      await until(() => bar.item.text === '$(history) discount $(error) not saved: disk full', 'failed');
      assert.ok(bar.item.backgroundColor);
      await session.journal.verify();
      await until(() => /not saved$/.test(bar.item.text), 'behind again, and not failed');
    } finally {
      bar.dispose();
      await parts.dispose();
    }
  });

  /** Terminals that only remember what was typed into them. */
  function watchTerminals() {
    const window = vscode.window as unknown as Record<'createTerminal', unknown>;
    const real = window.createTerminal;
    const sent: string[] = [];
    window.createTerminal = () => ({ show: () => undefined, sendText: (text: string) => void sent.push(text) });
    return {
      sent,
      restore: () => {
        window.createTerminal = real;
      },
    };
  }

  async function tool(name: string, input: object): Promise<string> {
    const result = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
    return result.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('\n');
  }
});
