import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';

const run = promisify(execFile);

describe('The installed package', () => {
  let extension: vscode.Extension<unknown>;
  before(async () => {
    const found = vscode.extensions.getExtension('holdfast.holdfast');
    assert.ok(found, 'not installed');
    extension = found;
    await extension.activate();
  });

  it('is the package and not the working tree', () => {
    assert.ok(!fs.existsSync(path.join(extension.extensionPath, 'src')), extension.extensionPath);
  });
  it('registers every command that it declares', async () => {
    const registered = new Set(await vscode.commands.getCommands());
    const declared: { command: string }[] = extension.packageJSON.contributes.commands;
    assert.deepEqual(
      declared.map(({ command }) => command).filter((command) => !registered.has(command)),
      [],
    );
  });
  it('registers every language-model tool that it declares', () => {
    const registered = new Set(vscode.lm.tools.map(({ name }) => name));
    const declared: { name: string }[] = extension.packageJSON.contributes.languageModelTools;
    assert.deepEqual(
      declared.map(({ name }) => name).filter((name) => !registered.has(name)),
      [],
    );
  });
  it('brings the words and pictures that its manifest names', () => {
    const manifest = JSON.stringify(extension.packageJSON.contributes);
    assert.deepEqual(manifest.match(/"%[\w.]+%"/g), null);
    const pictures = manifest.match(/[^"]*media\/[^"]+/g) ?? [];
    assert.deepEqual(
      pictures.filter((file) => !fs.existsSync(path.resolve(extension.extensionPath, file))),
      [],
    );
  });
  it('brings its watcher', () => {
    const { watch } = createRequire(import.meta.filename)(path.join(extension.extensionPath, 'dist/chokidar.cjs'));
    assert.equal(typeof watch, 'function');
  });
  it('brings a command line that sees the live sessions of the folder', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    const cli = path.join(extension.extensionPath, 'dist/holdfast.cjs');
    const { stdout } = await run(process.execPath, [cli, 'list', '--live', '--json', '--folder', folder]);
    const agents = JSON.parse(stdout).sessions.map(({ agent }: { agent: string }) => agent);
    assert.deepEqual(new Set(agents), new Set(['claude-code', 'codex']));
  });
});
