import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

/** What the linter says to one import, for a file in each room. */
const imports: readonly (readonly [file: string, from: string, allowed: boolean])[] = [
  ['src/core/store/a.ts', 'node:fs', true],
  ['src/core/store/a.ts', 'zod/mini', true],
  ['src/core/store/a.ts', 'chokidar', true],
  ['src/core/store/a.ts', '../session/session.ts', true],
  ['src/core/store/a.ts', './name.ts', true],
  ['src/core/store/a.ts', 'zod', false],
  ['src/core/store/a.ts', 'zod/v4', false],
  ['src/core/store/a.ts', 'vscode', false],
  ['src/core/store/a.ts', 'commander', false],
  ['src/core/store/a.ts', '@scope/big', false],
  ['src/core/store/a.ts', '../../agents/index.ts', false],
  ['src/core/index.ts', '../vscode/ids.ts', false],
  ['src/agents/codex/a.ts', '../../core/index.ts', true],
  ['src/agents/index.ts', '../core/index.ts', true],
  ['src/agents/index.ts', './codex/index.ts', true],
  ['src/agents/codex/a.ts', '../agent.ts', true],
  ['src/agents/codex/a.ts', '../../core/session/session.ts', false],
  ['src/agents/codex/a.ts', '../../cli/main.ts', false],
  ['src/agents/codex/a.ts', '../../runtime/index.ts', false],
  ['src/agents/codex/a.ts', 'vscode', false],
  ['src/runtime/a.ts', '../core/index.ts', true],
  ['src/runtime/a.ts', '../core/store/name.ts', false],
  ['src/runtime/a.ts', '../agents/index.ts', false],
  ['src/runtime/a.ts', 'vscode', false],
  ['src/cli/a.ts', '../core/index.ts', true],
  ['src/cli/a.ts', '../agents/index.ts', true],
  ['src/cli/a.ts', 'commander', true],
  ['src/cli/a.ts', '../agents/codex/index.ts', false],
  ['src/cli/a.ts', '../core/store/name.ts', false],
  ['src/cli/a.ts', '../vscode/ids.ts', false],
  ['src/cli/a.ts', '../runtime/index.ts', false],
  ['src/cli/a.ts', 'vscode', false],
  ['src/cli/a.ts', '../hook/index.ts', true],
  ['src/cli/a.ts', '../hook/runHook.ts', false],
  ['src/hook/a.ts', '../core/index.ts', true],
  ['src/hook/a.ts', '../agents/index.ts', true],
  ['src/hook/a.ts', '../agents/shape.ts', false],
  ['src/hook/a.ts', '../cli/main.ts', false],
  ['src/hook/a.ts', 'vscode', false],
  ['src/agents/codex/a.ts', '../../hook/index.ts', false],
  ['src/vscode/views/a.ts', '../../hook/index.ts', false],
  ['src/vscode/views/a.ts', 'vscode', true],
  ['src/vscode/views/a.ts', '../../core/index.ts', true],
  ['src/vscode/views/a.ts', '../../agents/index.ts', true],
  ['src/vscode/views/a.ts', '../../runtime/index.ts', true],
  ['src/vscode/views/a.ts', '../ids.ts', true],
  ['src/vscode/views/a.ts', '../../core/store/name.ts', false],
  ['src/vscode/views/a.ts', '../../agents/codex/index.ts', false],
  ['src/vscode/views/a.ts', '../../cli/main.ts', false],
  ['src/vscode/views/a.ts', 'zod', false],
];

/** Each snippet in a file of its own, named by its number, so that one run of the linter judges all of them. */
function lint(snippets: readonly { readonly file: string; readonly text: string }[]): ReadonlySet<number> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-house-'));
  try {
    for (const name of ['biome.json', '.gitignore']) fs.copyFileSync(path.join(root, name), path.join(dir, name));
    snippets.forEach(({ file, text }, number) => {
      const target = path.join(dir, path.dirname(file), `${number}.ts`);
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, text);
    });
    const bin = path.join(root, 'node_modules/@biomejs/biome/bin/biome');
    const only = ['--only=style/noRestrictedImports', '--only=style/noDefaultExport'];
    const args = [bin, 'lint', '--reporter=json', '--max-diagnostics=none', '--vcs-enabled=false', ...only, '.'];
    const run = spawnSync(process.execPath, args, { cwd: dir, encoding: 'utf8' });
    const { diagnostics } = JSON.parse(run.stdout) as {
      diagnostics: { category: string; location: { path: string } }[];
    };
    return new Set(diagnostics.map(({ location }) => Number(path.basename(location.path, '.ts'))));
  } finally {
    fs.rmSync(dir, { recursive: true });
  }
}

describe('The rooms of the house', () => {
  let refused: ReadonlySet<number>;
  before(function () {
    this.timeout(10_000);
    refused = lint([
      ...imports.map(([file, from]) => ({ file, text: `export type { X } from '${from}';\n` })),
      { file: 'src/core/a.ts', text: 'export default 1;\n' },
    ]);
  });

  imports.forEach(([file, from, allowed], number) => {
    it(`${path.dirname(file)} ${allowed ? 'may' : 'may not'} import ${from}`, () => {
      assert.equal(refused.has(number), !allowed);
    });
  });
  it('has no default exports', () => assert.ok(refused.has(imports.length)));
});

describe('The lock files', () => {
  for (const folder of ['.', 'test/host', 'test/host/floor', 'test/host/node24', 'test/package']) {
    const lock = JSON.parse(fs.readFileSync(path.join(root, folder, 'package-lock.json'), 'utf8'));
    const packages: Record<string, { resolved?: string; dependencies?: object; optionalDependencies?: object }> =
      lock.packages;

    // npm drops what its registry does not offer, and `npm ci` then refuses the lock file on every machine.
    it(`of ${folder} names every package that another one asks for, on whatever platform`, () => {
      const names = new Set(Object.keys(packages).map((key) => key.replace(/^.*node_modules\//, '')));
      const asked = Object.values(packages).flatMap((one) =>
        Object.keys({ ...one.dependencies, ...one.optionalDependencies }),
      );
      assert.deepEqual(
        asked.filter((name) => !names.has(name)),
        [],
      );
    });
    it(`of ${folder} names no registry`, () => {
      assert.deepEqual(
        Object.keys(packages).filter((key) => packages[key]?.resolved?.startsWith('http')),
        [],
      );
    });
  }
});
