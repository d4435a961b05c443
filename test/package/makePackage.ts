// Makes holdfast-<version>.vsix from a production build: node test/host/node.mjs test/package/makePackage.ts
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { npm } from '../host/npm.mjs';
import { once, stampOf } from '../host/once.mjs';

const here = import.meta.dirname;
const root = path.resolve(here, '../..');
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));

function run(script: string, ...args: string[]): void {
  const { status, error } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

await once({ dir: here, stamp: stampOf([path.join(here, 'package-lock.json')]), setUp: () => npm(here, 'ci') });
run('esbuild.mjs', '--production');
// Everything is bundled, so that no dependency is packed; pictures in the README are packed with it, not linked to a host.
const vsce = path.join(here, 'node_modules/@vscode/vsce/vsce');
const bundled = ['--no-dependencies', '--no-rewrite-relative-links', '--allow-missing-repository'];
run(vsce, 'package', ...bundled, '--out', `holdfast-${version}.vsix`);
