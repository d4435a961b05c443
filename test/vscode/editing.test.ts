import assert from 'node:assert/strict';
import fs from 'node:fs';
import * as vscode from 'vscode';
import type { LateConflict, LeaseHolder } from '../../src/core/index.ts';
import { tellTakenOver } from '../../src/vscode/driving/tellDriving.ts';
import { tellLateConflicts } from '../../src/vscode/editing/lateConflicts.ts';
import type { ActiveSession } from '../../src/vscode/session/activeSession.ts';
import { createSeenDocuments } from '../../src/vscode/views/seenDocuments.ts';
import { type Desk, sitAtDesk } from './support/desk.ts';
import { makeParts } from './support/parts.ts';
import { file, read, set, until, write } from './support/world.ts';

const LINES = Array.from({ length: 120 }, (_, i) => `line ${i} of the text`);
const TEXT = `${LINES.join('\n')}\n`;

describe('Editing in the window', () => {
  let desk: Desk;

  beforeEach(async () => {
    desk = await sitAtDesk();
  });
  afterEach(() => desk.leave());

  describe('pain 16: an agent overwrites unsaved editor changes, or its edit is invisible in a dirty buffer', () => {
    it('shows an edit of a file that is open and clean, and undo takes it back', async () => {
      const editor = await desk.open('notes.txt', TEXT);
      editor.selection = new vscode.Selection(60, 2, 60, 6);
      await desk.reads('notes.txt');
      assert.match(await desk.edits('notes.txt', 'line 60 of', 'line sixty of'), /was written/);
      const after = TEXT.replace('line 60 of', 'line sixty of');
      assert.equal(read('notes.txt'), after);
      const { document } = editor;
      await until(() => document.getText() === after, 'the editor shows it');
      assert.equal(document.isDirty, false);
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), TEXT);
      await vscode.commands.executeCommand('redo');
      assert.equal(document.getText(), after);
      await until(() => !document.isDirty, 'what the disk holds is not unsaved');
    });

    it('keeps the cursor where it was, between two changes too, in every editor of the file', async () => {
      const editor = await desk.open('notes.txt', TEXT);
      const beside = await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.Beside);
      editor.selection = new vscode.Selection(60, 2, 60, 6);
      beside.selection = new vscode.Selection(30, 5, 30, 5);
      await desk.reads('notes.txt');
      const changed = [...LINES];
      changed.splice(10, 1, 'one', 'two', 'three');
      changed[110] = 'another end';
      const after = `${changed.join('\n')}\n`;
      assert.match(await desk.writes('notes.txt', after), /was written/);
      await until(() => editor.document.getText() === after, 'the editors show it');
      await until(() => editor.selection.isEqual(new vscode.Selection(62, 2, 62, 6)), 'the cursor is on its text');
      await until(() => beside.selection.isEqual(new vscode.Selection(32, 5, 32, 5)), 'in both editors');
      assert.equal(editor.document.isDirty, false);
    });

    it('follows in a file with CRLF, and in one with a BOM', async () => {
      const crlf = TEXT.replaceAll('\n', '\r\n');
      for (const [name, text] of [
        ['crlf.txt', crlf],
        ['bom.txt', `\uFEFF${TEXT}`],
      ] as const) {
        const { document } = await desk.open(name, text);
        await desk.reads(name);
        await desk.edits(name, 'line 5 of the text\nline 6', 'line 5 of the text\nand more\nline 6');
        const eol = name === 'crlf.txt' ? '\r\n' : '\n';
        const after = text.replace(`line 5 of the text${eol}`, `line 5 of the text${eol}and more${eol}`);
        assert.equal(read(name), after);
        await until(() => document.getText() === after.replace('\uFEFF', ''), `${name} shows it`);
        assert.equal(document.isDirty, false);
        await vscode.commands.executeCommand('undo');
        assert.equal(document.getText(), text.replace('\uFEFF', ''));
        await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
      }
    });

    it('refuses an edit where the editor holds unsaved text that the session has not seen', async () => {
      const { document } = await desk.open('notes.txt', TEXT);
      await desk.reads('notes.txt');
      await desk.types(document, 0, 'mine ');
      assert.match(await desk.writes('notes.txt', 'all new\n'), /unsaved changes in an editor/);
      assert.equal(document.getText(), `mine ${TEXT}`);
      assert.equal(read('notes.txt'), TEXT);
      const { text, actions } = await desk.notified(/The edit was not made/);
      assert.match(text, /^notes\.txt has unsaved changes that the session has not seen/);
      assert.ok(actions.includes('Overwrite'));
    });

    it('merges an edit into an unsaved editor where it touches other lines, and keeps both', async () => {
      const editor = await desk.open('notes.txt', TEXT);
      await desk.reads('notes.txt');
      await desk.types(editor.document, 0, 'mine ');
      editor.selection = new vscode.Selection(100, 3, 100, 3);
      desk.person.clicks(/has unsaved changes/, 'Merge');
      assert.match(await desk.edits('notes.txt', 'line 60 of', 'line sixty of'), /Conflict, nothing was written/);
      const both = `mine ${TEXT.replace('line 60 of', 'line sixty of')}`;
      await until(() => editor.document.getText() === both, 'both are in the editor');
      assert.ok(editor.document.isDirty);
      assert.equal(read('notes.txt'), TEXT, 'the disk waits for the user');
      assert.ok(editor.selection.isEqual(new vscode.Selection(100, 3, 100, 3)));
      await until(() => desk.person.statusMessages.some((text) => /was merged/.test(text)), 'the message');
      await vscode.commands.executeCommand('undo');
      assert.equal(editor.document.getText(), `mine ${TEXT}`, 'one undo takes the agent’s part back');
    });

    it('knows its own text again in an unsaved editor that ends lines with CRLF', async () => {
      const { document } = await desk.open('notes.txt', TEXT.replaceAll('\n', '\r\n'));
      await desk.types(document, 0, 'mine ');
      await desk.reads('notes.txt');
      assert.match(await desk.writes('notes.txt', 'one\ntwo\nthree\n'), /in that editor, not on the disk yet/);
      assert.equal(document.getText(), 'one\r\ntwo\r\nthree\r\n');
      assert.match(await desk.edits('notes.txt', 'two\n', 'two\nand more\n'), /in that editor, not on the disk yet/);
      assert.equal(document.getText(), 'one\r\ntwo\r\nand more\r\nthree\r\n');
      await document.save();
      assert.equal(read('notes.txt'), 'one\r\ntwo\r\nand more\r\nthree\r\n');
      assert.match(await desk.edits('notes.txt', 'and more', 'and no more'), /was written/);
      assert.deepEqual(desk.person.notifications, []);
    });

    it('brings its edit into an editor in which somebody typed at the same moment', async () => {
      const { document } = await desk.open('notes.txt', TEXT);
      await desk.reads('notes.txt');
      const editing = desk.edits('notes.txt', 'line 60 of', 'line sixty of');
      await until(() => read('notes.txt').includes('sixty'), 'the edit is on the disk');
      await desk.types(document, 0, 'mine ');
      assert.match(await editing, /was written/);
      const both = `mine ${TEXT.replace('line 60 of', 'line sixty of')}`;
      await until(() => document.getText() === both, 'both are in the editor');
      assert.ok(document.isDirty);
      assert.equal(read('notes.txt'), TEXT.replace('line 60 of', 'line sixty of'));
    });

    it('leaves an editor alone that the user types in, and says so at the next edit', async () => {
      const { document } = await desk.open('notes.txt', TEXT);
      await desk.reads('notes.txt');
      await desk.edits('notes.txt', 'line 60 of', 'line sixty of');
      await until(() => document.getText().includes('sixty'), 'the editor shows it');
      await desk.types(document, 0, 'mine ');
      assert.match(await desk.edits('notes.txt', 'line 61 of', 'x'), /unsaved changes in an editor/);
      assert.match(document.getText(), /^mine /);
    });
  });

  describe('A conflict', () => {
    it('merges by a click where both changed other lines, and the model must read before it replaces the whole', async () => {
      write('notes.txt', TEXT);
      await desk.reads('notes.txt');
      write('notes.txt', TEXT.replace('line 3 of', 'line three of'));
      desk.person.clicks(/The edit was not made/, 'Merge');
      await desk.edits('notes.txt', 'line 60 of', 'line sixty of');
      const both = TEXT.replace('line 3 of', 'line three of').replace('line 60 of', 'line sixty of');
      await until(() => read('notes.txt') === both, 'the merge');
      const { actions } = await desk.notified(/The edit was not made/);
      assert.deepEqual(actions, ['Show Diff', 'Read Again', 'Merge', 'Overwrite']);
      assert.match(await desk.writes('notes.txt', 'x'), /have not read the whole/);
      assert.equal(read('notes.txt'), both);
    });

    it('merges by itself where the setting says so, and tells user and model', async () => {
      await set('merge.automatic', true);
      write('notes.txt', TEXT);
      await desk.reads('notes.txt');
      write('notes.txt', TEXT.replace('line 3 of', 'line three of'));
      const said = await desk.edits('notes.txt', 'line 60 of', 'line sixty of');
      assert.match(said, /was written\. The file had changed since you read it, and your edit was merged with that/);
      assert.equal(
        read('notes.txt'),
        TEXT.replace('line 3 of', 'line three of').replace('line 60 of', 'line sixty of'),
      );
      assert.deepEqual(desk.person.notifications, []);
      assert.ok(
        desk.person.statusMessages.some((text) => text === 'notes.txt had changed; the edit was merged with it.'),
      );
      assert.match(await desk.writes('notes.txt', 'x'), /have not read the whole/);
      await desk.reads('notes.txt');
      assert.match(await desk.writes('notes.txt', 'x'), /was written/);
    });

    it('opens the merge editor on three named versions where both changed the same lines', async () => {
      write('notes.txt', TEXT);
      await desk.reads('notes.txt');
      const theirs = TEXT.replace('line 60 of', 'line LX of');
      write('notes.txt', theirs);
      desk.person.clicks(/The edit was not made/, 'Resolve…');
      await desk.edits('notes.txt', 'line 60 of', 'line sixty of');
      const { actions } = await desk.notified(/The edit was not made/);
      assert.deepEqual(actions, ['Show Diff', 'Read Again', 'Resolve…']);
      const input = await until(() => mergeInput(), 'the merge editor');
      assert.equal(input.result.fsPath, file('notes.txt'));
      const texts = await Promise.all([input.base, input.input1, input.input2].map(textOf));
      assert.deepEqual(texts, [TEXT, theirs, TEXT.replace('line 60 of', 'line sixty of')]);
      assert.equal(read('notes.txt'), theirs, 'nothing is written before the user saves');
      const result = await vscode.workspace.openTextDocument(file('notes.txt'));
      const edit = new vscode.WorkspaceEdit();
      edit.replace(result.uri, new vscode.Range(60, 0, 60, 10), 'line 60 (LX) of');
      await vscode.workspace.applyEdit(edit);
      assert.ok(await result.save());
      await until(() => desk.person.statusMessages.some((text) => /is resolved/.test(text)), 'it is taken for known');
      assert.match(await desk.edits('notes.txt', 'line 60 (LX) of', 'line 60 of'), /was written/);
    });

    it('shows a diff instead where VS Code has no such merge editor', async () => {
      const commands = vscode.commands as unknown as Record<'executeCommand', typeof vscode.commands.executeCommand>;
      const real = commands.executeCommand;
      commands.executeCommand = (async (command: string, ...rest: unknown[]) => {
        if (command === '_open.mergeEditor') throw new Error(`command '${command}' not found`);
        return real(command, ...rest);
      }) as typeof real;
      try {
        write('notes.txt', TEXT);
        await desk.reads('notes.txt');
        write('notes.txt', TEXT.replace('line 60 of', 'line LX of'));
        desk.person.clicks(/The edit was not made/, 'Resolve…');
        await desk.edits('notes.txt', 'line 60 of', 'line sixty of');
        const isDiff = () => {
          const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
          return input instanceof vscode.TabInputTextDiff && input.modified.fsPath === file('notes.txt');
        };
        await until(isDiff, 'the diff');
      } finally {
        commands.executeCommand = real;
      }
    });

    it('of several files merges those that merge, and asks again for the others', async () => {
      const names = ['a.txt', 'b.txt'];
      for (const name of names) write(name, TEXT);
      for (const name of names) await desk.reads(name);
      write('a.txt', TEXT.replace('line 3 of', 'line three of'));
      write('b.txt', TEXT.replace('line 60 of', 'line LX of'));
      desk.person.clicks(/^2 files changed/, 'Merge');
      await Promise.all(names.map((name) => desk.edits(name, 'line 60 of', 'line sixty of')));
      await until(() => read('a.txt').includes('sixty') && read('a.txt').includes('three'), 'the merge of one');
      const { actions } = await desk.notified(/^b\.txt changed/);
      assert.deepEqual(actions, ['Show Diff', 'Read Again', 'Resolve…']);
      assert.equal(read('b.txt'), TEXT.replace('line 60 of', 'line LX of'));
    });
  });

  describe('pain 17: restoring a session writes old content over newer user edits', () => {
    it('a load writes nothing, and what the user edited meanwhile is not overwritten by a whole file', async () => {
      write('notes.txt', TEXT);
      await desk.reads('notes.txt');
      await desk.writes('notes.txt', `${TEXT}by the agent\n`);
      await vscode.commands.executeCommand('holdfast.save');
      await vscode.commands.executeCommand('holdfast.closeSession');
      const { document } = await desk.open('notes.txt');
      const newer = `by the user\n${read('notes.txt')}`;
      await desk.types(document, 0, 'by the user\n');
      await document.save();
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await desk.loads();
      assert.equal(read('notes.txt'), newer, 'the load left it alone');
      assert.match(await desk.writes('notes.txt', `${TEXT}by the agent\n`), /Conflict, nothing was written/);
      assert.equal(read('notes.txt'), newer);
      assert.match(
        await desk.edits('notes.txt', 'by the agent', 'by the agent, again'),
        /Conflict, nothing was written/,
      );
      assert.equal(read('notes.txt'), newer);
    });

    it('the same where the user’s edits are unsaved when the session is loaded', async () => {
      write('notes.txt', TEXT);
      await desk.reads('notes.txt');
      await vscode.commands.executeCommand('holdfast.closeSession');
      const { document } = await desk.open('notes.txt');
      await desk.types(document, 0, 'unsaved\n');
      await desk.loads();
      assert.equal(document.getText(), `unsaved\n${TEXT}`);
      assert.match(await desk.writes('notes.txt', TEXT), /Conflict, nothing was written/);
      assert.equal(document.getText(), `unsaved\n${TEXT}`);
      assert.equal(read('notes.txt'), TEXT);
    });
  });

  describe('A conflict that is answered late', () => {
    /** Lets the person think: the next question about an edit stays open until its button is pressed. */
    const thinks = (): ((button: string) => void) => {
      const window = vscode.window as unknown as Record<'showWarningMessage', unknown>;
      const asks = window.showWarningMessage as (...args: unknown[]) => Promise<string | undefined>;
      let press: (button: string) => void = () => undefined;
      const pressed = new Promise<string>((resolve) => {
        press = resolve;
      });
      window.showWarningMessage = async (...args: unknown[]) => {
        const answer = await asks(...args);
        if (!/The edit was not made\.$/.test(String(args[0]))) return answer;
        window.showWarningMessage = asks;
        return pressed;
      };
      return press;
    };
    const refused = async (): Promise<(button: string) => void> => {
      write('notes.txt', TEXT);
      await desk.reads('notes.txt');
      write('notes.txt', `theirs\n${TEXT}`);
      const press = thinks();
      await desk.edits('notes.txt', 'line 6 of', 'line six of');
      await desk.notified(/The edit was not made/);
      return press;
    };

    it('makes no edit where the session has read another version since', async () => {
      const press = await refused();
      await desk.reads('notes.txt');
      await desk.edits('notes.txt', 'line 9 of', 'line nine of');
      const now = read('notes.txt');
      press('Overwrite');
      await desk.notified(/knows another version of notes\.txt by now/);
      assert.equal(read('notes.txt'), now);
    });

    it('asks again where the file is not the one that was shown', async () => {
      const press = await refused();
      const now = `theirs, and more\n${TEXT}`;
      write('notes.txt', now);
      desk.person.notifications.length = 0;
      press('Overwrite');
      await desk.notified(/^notes\.txt changed since the session read it/);
      assert.equal(read('notes.txt'), now);
    });

    it('does nothing in the name of a session that is closed', async () => {
      const press = await refused();
      const now = read('notes.txt');
      await vscode.commands.executeCommand('holdfast.closeSession');
      press('Overwrite');
      await desk.notified(/discount is not active any more/);
      assert.equal(read('notes.txt'), now);
    });
  });

  it('an agent that tries again soon is told of in the same sentence, which VS Code shows once', async () => {
    write('notes.txt', TEXT);
    await desk.reads('notes.txt');
    write('notes.txt', `theirs\n${TEXT}`);
    const changed = Date.now() / 1000 - 20;
    fs.utimesSync(file('notes.txt'), changed, changed);
    await desk.edits('notes.txt', 'line 6 of', 'line six of');
    const first = await desk.notified(/The edit was not made/);
    fs.utimesSync(file('notes.txt'), changed - 20, changed - 20);
    await desk.edits('notes.txt', 'line 6 of', 'line VI of');
    const again = await until(() => desk.person.notifications.at(1), 'the second');
    assert.equal(again.text, first.text);
  });

  it('a name is never an icon and never a link', async () => {
    const name = '$(bug) [here](x).txt';
    write(name, TEXT);
    await desk.reads(name);
    write(name, `theirs\n${TEXT}`);
    desk.person.clicks(/The edit was not made/, 'Read Again');
    await desk.edits(name, 'line 6 of', 'line six of');
    assert.match((await desk.notified(/The edit was not made/)).text, /^\$\(bug\) \[here\] \(x\)\.txt changed/);
    const said = await until(() => desk.person.statusMessages.find((text) => /was read again/.test(text)), 'the word');
    assert.match(said, /^\$ \(bug\) /);
    // Nor is what a lease tells of who holds it.
    const by: LeaseHolder = {
      id: 'a',
      host: '[ada](command:x)',
      pid: 1,
      program: 'VS Code',
      since: new Date().toISOString(),
    };
    await tellTakenOver({ name: 'discount' } as ActiveSession, by);
    assert.match((await desk.notified(/was taken over/)).text, /host \[ada\] \(command:x\)/);
  });

  it('several files that another program wrote into at once are one notification, which leads to what was kept', async () => {
    const late = new vscode.EventEmitter<LateConflict>();
    const parts = makeParts();
    const session = {
      onLate: late.event,
      cache: { absolute: (key: string) => file(key) },
    } as unknown as ActiveSession;
    const seen = createSeenDocuments();
    const telling = tellLateConflicts({ current: session, onDidChangeActive: () => late }, seen, parts.log);
    try {
      for (const key of ['b.js', 'a.js', 'c.js', 'd.js', 'a.js']) late.fire({ key, kept: file(`kept/${key}`) });
      const { text, actions } = await desk.notified(/Another program wrote/);
      assert.match(text, /the versions of 4 files that were replaced a moment ago \(a\.js, b\.js, c\.js and 1 more\)/);
      assert.deepEqual(actions, ['Show Recovered Versions…']);
      late.fire({ key: 'a.js', kept: file('kept/a.js') });
      assert.deepEqual((await desk.notified(/the version of a\.js/)).actions, ['Show Diff', 'Restore into Editor']);
      assert.equal(desk.person.notifications.length, 2);
    } finally {
      telling.dispose();
      seen.dispose();
      await parts.dispose();
    }
  });

  describe('Recovered versions', () => {
    it('are listed with their file, shown beside it, and put back undoably', async () => {
      write('notes.txt', TEXT);
      await desk.reads('notes.txt');
      write('notes.txt', 'theirs\n');
      desk.person.clicks(/The edit was not made/, 'Overwrite');
      await desk.writes('notes.txt', 'ours\n');
      await until(() => desk.person.statusMessages.some((text) => /was overwritten/.test(text)), 'the overwrite');
      desk.person.chooses('notes.txt');
      desk.person.clicks(/^notes\.txt as it was kept/, 'Restore into Editor');
      await vscode.commands.executeCommand('holdfast.showRecovered');
      const document = vscode.window.activeTextEditor?.document;
      assert.ok(document);
      assert.equal(document.fileName, file('notes.txt'));
      assert.equal(document.getText(), 'theirs\n');
      assert.ok(document.isDirty, 'saving is the user’s');
      assert.equal(read('notes.txt'), 'ours\n');
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), 'ours\n');
    });

    it('are said to be none where nothing was kept', async () => {
      fs.rmSync(file('.sessions/displaced'), { recursive: true, force: true });
      await vscode.commands.executeCommand('holdfast.showRecovered');
      assert.match(desk.person.notifications.at(-1)?.text ?? '', /No version of a file had to be kept/);
    });
  });
});

interface MergeInput {
  readonly base: vscode.Uri;
  readonly input1: vscode.Uri;
  readonly input2: vscode.Uri;
  readonly result: vscode.Uri;
}

/** What the merge editor that is shown works on: a shape that the stable API does not name. */
function mergeInput(): MergeInput | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return typeof input === 'object' && input !== null && 'result' in input ? (input as MergeInput) : undefined;
}

async function textOf(uri: vscode.Uri): Promise<string> {
  return (await vscode.workspace.openTextDocument(uri)).getText();
}
