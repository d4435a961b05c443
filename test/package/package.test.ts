import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const vsix = path.join(root, `holdfast-${version}.vsix`);

/** Names and unpacked sizes from a zip file's central directory. */
function contents(file: string): ReadonlyMap<string, number> {
  const zip = fs.readFileSync(file);
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  const files = new Map<string, number>();
  for (let at = zip.readUInt32LE(end + 16), left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [name, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    files.set(zip.toString('utf8', at + 46, at + 46 + name), zip.readUInt32LE(at + 24));
    at += 46 + name + extra + comment;
  }
  return files;
}

/** Requires and activates the extension where `vscode` is anything at all, and prints the files that Node loaded for it. */
const LOADED = `
  const { Module, createRequire } = require('node:module');
  const values = { then: undefined, workspaceFolders: undefined, [Symbol.toPrimitive]: () => '', [Symbol.iterator]: () => [].values() };
  const anything = new Proxy(class {}, {
    get: (target, key) => (key === 'prototype' ? target.prototype : key in values ? values[key] : anything),
    set: () => true,
    apply: () => anything,
    construct: (target, args, made) => (made === anything ? anything : Reflect.construct(target, args, made)),
  });
  const load = Module._load;
  Module._load = (name, ...rest) => (name === 'vscode' ? anything : load(name, ...rest));
  const require_ = createRequire(process.argv[1]);
  require_(process.argv[1]).activate({ subscriptions: [], workspaceState: anything, globalStorageUri: { fsPath: '/u/s/x' }, extensionPath: '/e' });
  console.log(JSON.stringify(Object.keys(require_.cache).map((file) => require('node:path').basename(file))));
  process.exit();
`;

describe('The package', () => {
  let files: ReadonlyMap<string, number>;
  before(() => {
    files = contents(vsix);
  });

  it('is smaller than 1 MB', () => assert.ok(fs.statSync(vsix).size < 1024 * 1024, `${fs.statSync(vsix).size} bytes`));
  it('loads at most 120 KB at start, activation included, and nothing of the core', () => {
    const run = spawnSync(process.execPath, ['-e', LOADED, path.join(root, 'dist/extension.cjs')], {
      encoding: 'utf8',
    });
    const loaded: readonly string[] = JSON.parse(run.stdout || '[]');
    assert.ok(loaded.includes('extension.cjs'), run.stderr);
    const others = loaded.filter((name) => name !== 'extension.cjs' && !/^part-chunk-\w+\.cjs$/.test(name));
    assert.deepEqual(others, []);
    const bytes = loaded.reduce((sum, name) => sum + (files.get(`extension/dist/${name}`) ?? Number.NaN), 0);
    assert.ok(bytes <= 120 * 1024, `${bytes} bytes`);
  });
  it('holds what runs, what is read and what the licences ask for, and nothing else', () => {
    const expected =
      /^extension\/(package(\.nls(\.[\w-]+)?)?\.json|dist\/part-[\w-]+\.cjs|readme\.md|changelog\.md|LICENSE\.txt|l10n\/.*|media\/.*)$/i;
    const native = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'].map(
      (machine) => `native/${machine}.node`,
    );
    const dist = [
      'extension.cjs',
      'rooms.cjs',
      'chokidar.cjs',
      'holdfast.cjs',
      'hook.cjs',
      'LICENSES.txt',
      ...native,
    ].map((name) => `extension/dist/${name}`);
    for (const name of dist) assert.ok(files.has(name), `${name} is missing`);
    const known = new Set([...dist, '[Content_Types].xml', 'extension.vsixmanifest']);
    assert.deepEqual(
      [...files.keys()].filter((name) => !known.has(name) && !expected.test(name)),
      [],
    );
  });
});
