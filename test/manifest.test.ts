import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {
  commandId,
  commandNames,
  contextKeys,
  contextValues,
  section,
  settingNames,
  tools,
  views,
} from '../src/vscode/ids.ts';

interface Command {
  readonly command: string;
  readonly title: string;
  readonly category: string;
  readonly icon?: string;
}
interface Item {
  readonly command: string;
  readonly when?: string;
}
interface Manifest {
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly enabledApiProposals?: unknown;
  readonly l10n: string;
  readonly activationEvents: readonly string[];
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly commands: readonly Command[];
    readonly keybindings: readonly (Item & { readonly args?: unknown })[];
    readonly menus: Readonly<Record<string, readonly Item[]>>;
    readonly views: Readonly<Record<string, readonly { readonly id: string; readonly icon: string }[]>>;
    readonly viewsContainers: { readonly activitybar: readonly { readonly icon: string }[] };
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly scope?: string }>> };
    readonly languageModelTools: readonly { readonly name: string; readonly inputSchema: object }[];
  };
}

const root = path.resolve(import.meta.dirname, '..');
const text = fs.readFileSync(path.join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(text) as Manifest;
const { contributes } = manifest;
const nls = JSON.parse(fs.readFileSync(path.join(root, 'package.nls.json'), 'utf8')) as Readonly<
  Record<string, string>
>;

const sorted = (names: Iterable<string>): string[] => [...names].sort();
const said = (value: string): string => nls[value.slice(1, -1)] ?? '';

/** Every `when` of the manifest. */
function whens(): string[] {
  return [...text.matchAll(/"when": ("(?:[^"\\]|\\.)*")/g)].map(([, value = '""']) => String(JSON.parse(value)));
}

describe('package.json', () => {
  it('contributes the commands that ids.ts names, each once', () => {
    assert.deepEqual(
      sorted(contributes.commands.map(({ command }) => command)),
      sorted(commandNames.map((name) => commandId(name))),
    );
  });

  it('gives every command the category and a title in Title Case from package.nls.json', () => {
    for (const { command, title, category } of contributes.commands) {
      assert.equal(said(category), 'Sessions', command);
      const small = new Set(['in', 'from', 'as', 'since', 'on', 'off', 'of', 'a', 'with', 'to', 'for']);
      for (const [i, word] of said(title).replace('…', '').split(/[ -]/).entries())
        assert.ok(i > 0 && small.has(word) ? true : /^[A-Z]/.test(word), `${command}: ${said(title)}`);
    }
  });

  it('names in menus and keys only commands that exist', () => {
    const known = new Set(commandNames.map((name) => commandId(name)));
    for (const { command } of [...Object.values(contributes.menus).flat(), ...contributes.keybindings])
      assert.ok(known.has(command), command);
  });

  it('binds keys to the focused row, or what is selected: without arguments a command would ask which session is meant', () => {
    assert.ok(contributes.keybindings.length > 0);
    const args = ['selection', { $treeViewId: views.sessions, $focusedTreeItem: true }];
    for (const key of contributes.keybindings) assert.deepEqual(key.args, args, key.command);
  });

  it('contributes the views, settings and tools that ids.ts names', () => {
    assert.deepEqual(
      sorted(Object.values(contributes.views).flatMap((all) => all.map(({ id }) => id))),
      sorted(Object.values(views)),
    );
    assert.deepEqual(
      sorted(Object.keys(contributes.configuration.properties)),
      sorted(settingNames.map((name) => `${section}.${name}`)),
    );
    assert.deepEqual(sorted(contributes.languageModelTools.map(({ name }) => name)), sorted(Object.values(tools)));
    for (const { view } of contributes.viewsWelcome) assert.ok((Object.values(views) as string[]).includes(view), view);
  });

  it('gives every setting a scope, and none of them is taken from an untrusted folder', () => {
    const properties = contributes.configuration.properties;
    for (const [name, { scope }] of Object.entries(properties)) assert.ok(scope, name);
    assert.deepEqual(
      sorted(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations),
      sorted(Object.keys(properties)),
    );
  });

  it('takes every text from package.nls.json, and package.nls.json holds no other', () => {
    const used = new Set([...text.matchAll(/"%([^%"]+)%"/g)].map(([, key = '']) => key));
    assert.deepEqual(sorted(used), sorted(Object.keys(nls)));
  });

  it('uses in `when` clauses only context keys and row kinds that the code sets', () => {
    const ours = new Set<string>([
      ...Object.values(contextKeys),
      ...Object.values(views),
      ...settingNames.map((name) => `config.${section}.${name}`),
    ]);
    for (const when of whens()) {
      for (const [name] of when.matchAll(/(?:config\.)?holdfast\.[\w.]+/g))
        assert.ok(ours.has(name), `${name} in ${when}`);
      for (const [, kind = ''] of when.matchAll(/viewItem [!=]= ([\w.]+)/g))
        assert.ok((Object.values(contextValues) as string[]).includes(kind), `${kind} in ${when}`);
      assert.ok(!/\bnever\b/.test(when), when);
    }
  });

  it('lets a translation be one more file: texts in the code are literals, which the tools that collect them can see', () => {
    const folder = path.join(root, 'src/vscode');
    for (const file of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const code = fs.readFileSync(path.join(folder, file), 'utf8');
      for (const [, first = ''] of code.matchAll(/\bl10n\.t\(\s*(.)/g)) assert.equal(first, "'", file);
    }
    // VS Code looks there for a language's bundle; without one the texts are those of the code.
    assert.equal(manifest.l10n, './l10n');
    assert.match(fs.readFileSync(path.join(root, '.vscodeignore'), 'utf8'), /^!l10n\/\*\*$/m);
    assert.match(fs.readFileSync(path.join(root, '.vscodeignore'), 'utf8'), /^!package\.nls\*\.json$/m);
  });

  it('names pictures that are there', () => {
    const pictures = [...text.matchAll(/"icon": "(media\/[^"]+)"/g)].map(([, file = '']) => file);
    assert.ok(pictures.length > 0);
    for (const file of pictures) assert.ok(fs.existsSync(path.join(root, file)), file);
  });

  it('names only codicons that VS Code has', function () {
    const workbench = path.join(
      root,
      'test/host/node_modules/code-server/lib/vscode/out/vs/code/browser/workbench/workbench.js',
    );
    // The one list of all names is in VS Code itself, which the host tests install.
    if (!fs.existsSync(workbench)) return this.skip();
    const known = fs.readFileSync(workbench, 'utf8');
    for (const name of codicons()) assert.ok(known.includes(`"${name}"`), name);
  });

  it('asks for no proposed API, and is typed by the oldest VS Code that it claims to run on', () => {
    assert.equal(manifest.enabledApiProposals, undefined);
    assert.equal(manifest.engines.vscode, `^${manifest.devDependencies['@types/vscode']}`);
  });

  it('starts where there are sessions, and elsewhere once the window is there: all live ones may be saved', () => {
    assert.deepEqual(manifest.activationEvents, ['workspaceContains:.sessions/*.json', 'onStartupFinished']);
  });
});

/** Names in `$(…)` of the manifest and in `ThemeIcon`s of the code. */
function codicons(): ReadonlySet<string> {
  const found = new Set([...text.matchAll(/\$\(([\w-]+)\)/g)].map(([, name = '']) => name));
  const folder = path.join(root, 'src/vscode');
  for (const file of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const code = fs.readFileSync(path.join(folder, file), 'utf8');
    for (const [, name = ''] of code.matchAll(/new ThemeIcon\('([\w-]+)'/g)) found.add(name);
    for (const [, name = ''] of code.matchAll(/\$\(([a-z][\w-]+?)(?:~spin)?\)/g)) found.add(name);
  }
  return found;
}
