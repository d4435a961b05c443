import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { openStore, type SessionStore } from '../../../src/core/index.ts';
import type { HoldfastApi } from '../../../src/vscode/api.ts';
import { now, random } from '../../../src/vscode/places.ts';

/** The sample workspace that the host opened, put back to its beginning before each test. */

const opened = vscode.workspace.workspaceFolders?.[0];
assert.ok(opened, 'the host opens a folder');
export const place: vscode.WorkspaceFolder = opened;
export const folder: string = place.uri.fsPath;
export const sessions: string = path.join(folder, '.sessions');
const claudeHome = process.env['CLAUDE_CONFIG_DIR'] ?? '';
const codexHome = process.env['CODEX_HOME'] ?? '';

type Files = ReadonlyMap<string, Buffer>;

function filesIn(root: string): Files {
  const names = fs.existsSync(root) ? fs.readdirSync(root, { recursive: true, encoding: 'utf8' }) : [];
  const files = names.map((name) => path.join(root, name)).filter((file) => fs.statSync(file).isFile());
  return new Map(files.filter((file) => !file.startsWith(sessions)).map((file) => [file, fs.readFileSync(file)]));
}

const roots = [folder, claudeHome, codexHome];
const beginning = roots.map(filesIn);

/** Closes what a test left open and puts every file back. */
export async function reset(): Promise<void> {
  const settings = vscode.workspace.getConfiguration('holdfast', place.uri);
  for (const [name, held] of changedSettings) await settings.update(name, held, vscode.ConfigurationTarget.Global);
  changedSettings.clear();
  await vscode.commands.executeCommand('holdfast.closeSession');
  await vscode.commands.executeCommand('holdfast.refresh');
  // By the door, so that nobody holds on to a file that is gone.
  for (const { name } of await store().list()) await vscode.commands.executeCommand('holdfast.delete', name);
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  fs.rmSync(sessions, { recursive: true, force: true });
  for (const [i, root] of roots.entries()) {
    const files = beginning[i] ?? new Map<string, Buffer>();
    for (const file of filesIn(root).keys()) if (!files.has(file)) fs.rmSync(file);
    for (const [file, content] of files) {
      if (!fs.existsSync(file) || !fs.readFileSync(file).equals(content)) {
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, content);
      }
    }
  }
  await vscode.commands.executeCommand('holdfast.refresh');
}

const changedSettings = new Map<string, unknown>();

/** Sets a setting until the test ends. */
export async function set(name: string, value: unknown): Promise<void> {
  const settings = vscode.workspace.getConfiguration('holdfast', place.uri);
  if (!changedSettings.has(name)) changedSettings.set(name, settings.inspect(name)?.globalValue);
  await settings.update(name, value, vscode.ConfigurationTarget.Global);
}

export async function api(): Promise<HoldfastApi> {
  const extension = vscode.extensions.getExtension<HoldfastApi>('holdfast.holdfast');
  assert.ok(extension, 'the extension is installed');
  return extension.activate();
}

export function store(): SessionStore {
  return openStore({ folder, sessionsFolder: '.sessions', now, random });
}

/** Resolves with the first value that is not undefined or false. */
export async function until<T>(look: () => T | Promise<T>, what: string): Promise<Exclude<T, undefined | false>> {
  const end = Date.now() + 15_000;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    if (Date.now() > end) assert.fail(`never came: ${what}`);
    await delay(20);
  }
}

export function file(name: string): string {
  return path.join(folder, name);
}

export function write(name: string, text: string): void {
  fs.mkdirSync(path.dirname(file(name)), { recursive: true });
  fs.writeFileSync(file(name), text);
}

export function read(name: string): string {
  return fs.readFileSync(file(name), 'utf8');
}

/** Claude Code's transcript of the sample that reads and edits src/cart.js; nothing that it read changed since. */
export function claudeTranscript(): string {
  const files = [...filesIn(claudeHome)].filter(([name]) => name.endsWith('.jsonl'));
  const found = files.find(([, content]) => content.includes('src/cart.js'));
  assert.ok(found, 'the sample has a Claude Code session about the cart');
  return found[0];
}

/** A folder outside the workspace, removed with the test run's own. */
export function scratch(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-test-'));
}
