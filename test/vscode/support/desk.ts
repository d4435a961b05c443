import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { makeParts } from './parts.ts';
import { type Notification, type Person, sitDown } from './person.ts';
import { api, claudeTranscript, file, read, reset, until, write } from './world.ts';

/** A window in which a session is active, an agent uses its tools, and a person edits beside it. */
export interface Desk {
  readonly person: Person;
  /** Opens a file, after writing it where a text is given. */
  open(name: string, text?: string): Promise<vscode.TextEditor>;
  /** Inserts text at the start of a line, as somebody does who does not save. */
  types(document: vscode.TextDocument, line: number, text: string): Promise<void>;
  reads(path: string): Promise<string>;
  edits(path: string, oldText: string, newText: string): Promise<string>;
  writes(path: string, content: string): Promise<string>;
  /** Loads the session (again). */
  loads(): Promise<void>;
  notified(text: RegExp): Promise<Notification>;
  leave(): Promise<void>;
}

export async function sitAtDesk(): Promise<Desk> {
  await api();
  await reset();
  // A VS Code in a browser saves by itself.
  await vscode.workspace.getConfiguration('files').update('autoSave', 'off', vscode.ConfigurationTarget.Global);
  const person = sitDown();
  person.types('discount');
  const parts = makeParts();
  const [place] = parts.places.all();
  assert.ok(place);
  const live = (await parts.catalog.live(place)).find(({ transcript }) => transcript === claudeTranscript());
  await vscode.commands.executeCommand('holdfast.save', { kind: 'live', place, live });
  await parts.dispose();
  const desk: Desk = {
    person,
    async open(name, text) {
      if (text !== undefined) write(name, text);
      const document = await vscode.workspace.openTextDocument(file(name));
      // One that was open before may still have to notice that its file is another.
      await until(() => document.getText() === read(name).replace('\uFEFF', ''), `${name} as it is`);
      return vscode.window.showTextDocument(document, { preview: false });
    },
    async types(document, line, text) {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(line, 0), text);
      assert.ok(await vscode.workspace.applyEdit(edit));
      assert.ok(document.isDirty);
    },
    reads: (path) => tool('holdfast_readFile', { path }),
    edits: (path, oldText, newText) => tool('holdfast_editFile', { path, oldText, newText }),
    writes: (path, content) => tool('holdfast_writeFile', { path, content }),
    async loads() {
      await vscode.commands.executeCommand('holdfast.load', 'discount');
      assert.equal((await api()).active, 'discount', JSON.stringify(person.notifications));
    },
    notified: (text) => until(() => person.notifications.find((one) => text.test(one.text)), String(text)),
    async leave() {
      person.restore();
      for (const { document } of vscode.window.visibleTextEditors) {
        if (!document.isDirty) continue;
        await vscode.window.showTextDocument(document);
        await vscode.commands.executeCommand('workbench.action.files.revert');
      }
      await reset();
    },
  };
  await desk.loads();
  return desk;
}

async function tool(name: string, input: object): Promise<string> {
  const result = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  return result.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('\n');
}
