import assert from 'node:assert/strict';
import fs from 'node:fs';
import * as vscode from 'vscode';
import { type Desk, sitAtDesk } from './support/desk.ts';
import { file, read, until, write } from './support/world.ts';

const TEXT = 'one\ntwo\nthree\n';

function formatted(text: string): string {
  return text.replaceAll(/(?<!;)\n/g, ';\n');
}

describe('What a save makes of a text', () => {
  let desk: Desk;
  let undo: vscode.Disposable[];

  beforeEach(async () => {
    desk = await sitAtDesk();
    undo = [];
  });
  afterEach(async () => {
    for (const one of undo) one.dispose();
    for (const [section, name] of configured)
      await vscode.workspace.getConfiguration(section).update(name, undefined, vscode.ConfigurationTarget.Global);
    configured.clear();
    await desk.leave();
  });

  const configured = new Map<string, string>();
  async function configure(section: string, name: string, value: unknown): Promise<void> {
    configured.set(section, name);
    await vscode.workspace.getConfiguration(section).update(name, value, vscode.ConfigurationTarget.Global);
  }

  /** A formatter that ends every line with a semicolon, when the file is saved. */
  async function formatOnSave(takes: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await configure('editor', 'formatOnSave', true);
    undo.push(
      vscode.languages.registerDocumentFormattingEditProvider(
        { pattern: '**/notes.txt' },
        {
          async provideDocumentFormattingEdits(document) {
            await takes();
            const all = new vscode.Range(0, 0, document.lineCount, 0);
            return [vscode.TextEdit.replace(all, formatted(document.getText()))];
          },
        },
      ),
    );
  }

  /** The formatted version is known once an edit of it is made; it was never told of as a conflict. */
  async function isTakenForKnown(oldText: string, newText: string): Promise<void> {
    await until(async () => /was written/.test(await desk.edits('notes.txt', oldText, newText)), 'the edit');
  }

  it('is no change where a formatter changed what the session had read', async () => {
    await formatOnSave();
    const { document } = await desk.open('notes.txt', TEXT);
    await desk.reads('notes.txt');
    await vscode.commands.executeCommand('workbench.action.files.save');
    await until(() => read('notes.txt') === formatted(TEXT), 'the formatter');
    await until(() => entry()?.model_unread === true, 'it is taken for known');
    assert.match(await desk.edits('notes.txt', 'two', 'Two'), /was written/);
    await until(() => document.getText() === 'one;\nTwo;\nthree;\n', 'the editor follows');
    assert.match(await desk.writes('notes.txt', TEXT), /have not read the whole/, 'the model has not read it');
    assert.deepEqual(desk.person.notifications, []);
  });

  it('is no change where the session itself had written the text into an unsaved editor', async () => {
    await formatOnSave();
    const { document } = await desk.open('notes.txt', TEXT);
    await desk.types(document, 0, 'zero\n');
    await desk.reads('notes.txt');
    assert.match(await desk.edits('notes.txt', 'two', 'two by the agent'), /in that editor, not on the disk yet/);
    await document.save();
    assert.equal(read('notes.txt'), 'zero;\none;\ntwo by the agent;\nthree;\n');
    await until(() => entry()?.model_unread === true, 'it is taken for known');
    assert.match(await desk.edits('notes.txt', 'one', 'One'), /was written/);
    assert.deepEqual(desk.person.notifications, []);
  });

  it('is a change where the user typed before the save, formatter or not', async () => {
    await formatOnSave();
    const { document } = await desk.open('notes.txt', TEXT);
    await desk.reads('notes.txt');
    await desk.types(document, 0, 'typed\n');
    await document.save();
    assert.equal(read('notes.txt'), 'typed;\none;\ntwo;\nthree;\n');
    assert.match(await desk.edits('notes.txt', 'two', 'Two'), /Conflict, nothing was written/);
    assert.equal(read('notes.txt'), 'typed;\none;\ntwo;\nthree;\n');
  });

  it('is a change where the user typed while the formatter was at work', async () => {
    const formatter = Promise.withResolvers<void>();
    const isAtWork = Promise.withResolvers<void>();
    await formatOnSave(() => {
      isAtWork.resolve();
      return formatter.promise;
    });
    const { document } = await desk.open('notes.txt', TEXT);
    await desk.reads('notes.txt');
    const saving = vscode.commands.executeCommand('workbench.action.files.save');
    await isAtWork.promise;
    await vscode.commands.executeCommand('default:type', { text: 'typed ' });
    formatter.resolve();
    await saving;
    await document.save();
    await until(() => /typed/i.test(read('notes.txt')), 'what was typed is saved');
    assert.match(await desk.edits('notes.txt', 'two', 'x'), /Conflict, nothing was written/);
  });

  it('is a change where another extension changed the text a while before', async () => {
    await formatOnSave();
    const { document } = await desk.open('notes.txt', TEXT);
    await desk.reads('notes.txt');
    await desk.types(document, 0, 'by a refactoring\n');
    await configure('files', 'autoSaveDelay', 400);
    await vscode.workspace
      .getConfiguration('files')
      .update('autoSave', 'afterDelay', vscode.ConfigurationTarget.Global);
    await desk.types(document, 0, 'and another\n');
    await until(() => /refactoring/.test(read('notes.txt')), 'the auto-save');
    assert.match(await desk.edits('notes.txt', 'two', 'x'), /Conflict, nothing was written/);
  });

  it('is no change where white space was trimmed and a last line ended', async () => {
    await configure('files', 'trimTrailingWhitespace', true);
    const { document } = await desk.open('notes.txt', 'one  \ntwo\t\nthree\n');
    await desk.reads('notes.txt');
    await vscode.commands.executeCommand('workbench.action.files.save');
    await until(() => read('notes.txt') === TEXT, 'the white space is gone');
    await until(() => entry()?.model_unread === true, 'it is taken for known');
    await isTakenForKnown('two', 'Two');
    assert.equal(document.isDirty, false);
    assert.deepEqual(desk.person.notifications, []);
  });

  it('is no change where auto-save writes what the session put into an unsaved editor', async () => {
    const { document } = await desk.open('notes.txt', TEXT);
    await desk.types(document, 0, 'zero\n');
    await desk.reads('notes.txt');
    await desk.edits('notes.txt', 'two', 'two by the agent');
    await configure('files', 'autoSaveDelay', 50);
    await vscode.workspace
      .getConfiguration('files')
      .update('autoSave', 'afterDelay', vscode.ConfigurationTarget.Global);
    await until(() => read('notes.txt') === 'zero\none\ntwo by the agent\nthree\n', 'the auto-save');
    await until(() => !document.isDirty, 'the document knows');
    const whole = 'all by the agent\n';
    assert.match(await desk.writes('notes.txt', whole), /was written/, 'the model knows every word of it');
    assert.equal(read('notes.txt'), whole);
    assert.deepEqual(desk.person.notifications, []);
  });

  it('is no change where the file gets another encoding', async () => {
    const { document } = await desk.open('notes.txt', 'één\ntwo\n');
    await desk.types(document, 0, 'x');
    await desk.reads('notes.txt');
    await configure('files', 'encoding', 'utf8bom');
    await document.save();
    assert.match(await desk.edits('notes.txt', 'two', 'Two'), /was written/);
    assert.deepEqual(desk.person.notifications, []);
  });

  it('is a change where another program wrote the file after the save', async () => {
    await formatOnSave();
    await desk.open('notes.txt', TEXT);
    await desk.reads('notes.txt');
    undo.push(vscode.workspace.onDidSaveTextDocument(() => fs.writeFileSync(file('notes.txt'), 'theirs\n')));
    await vscode.commands.executeCommand('workbench.action.files.save');
    await until(() => read('notes.txt') === 'theirs\n', 'the other program');
    assert.match(await desk.edits('notes.txt', 'theirs', 'ours'), /Conflict, nothing was written/);
    assert.equal(read('notes.txt'), 'theirs\n');
  });

  it('says nothing of files that the session has not read', async () => {
    await formatOnSave();
    await desk.open('notes.txt', TEXT);
    await vscode.commands.executeCommand('workbench.action.files.save');
    await until(() => read('notes.txt') === formatted(TEXT), 'the formatter');
    assert.match(await desk.writes('notes.txt', 'x'), /exists and you have not read/);
  });

  /** What the session’s journal says of the file last. */
  function entry(): { readonly model_unread?: boolean } | undefined {
    const lines = fs.readFileSync(file('.sessions/discount.journal.jsonl'), 'utf8').split('\n');
    for (const line of lines.reverse()) {
      const found = /"notes\.txt":(\{[^}]*\})/.exec(line)?.[1];
      if (found !== undefined) return JSON.parse(found);
    }
    return undefined;
  }
});

describe('A program that writes into a version that was replaced', () => {
  it('is told of afterwards, and its text can be put back', async () => {
    const desk = await sitAtDesk();
    try {
      write('notes.txt', TEXT);
      await desk.reads('notes.txt');
      const held = fs.openSync(file('notes.txt'), 'r+');
      try {
        await desk.edits('notes.txt', 'two', 'Two');
        desk.person.clicks(/^Another program wrote into the version of notes\.txt/, 'Restore into Editor');
        fs.writeSync(held, 'from elsewhere\n', TEXT.length);
      } finally {
        fs.closeSync(held);
      }
      const { actions } = await desk.notified(/Another program wrote into the version of notes\.txt/);
      assert.deepEqual(actions, ['Show Diff', 'Restore into Editor']);
      const restored = () => vscode.window.activeTextEditor?.document;
      await until(() => restored()?.getText() === `${TEXT}from elsewhere\n`, 'its text is in the editor');
      assert.equal(read('notes.txt'), 'one\nTwo\nthree\n', 'and the disk waits for the user');
    } finally {
      await desk.leave();
    }
  });
});
