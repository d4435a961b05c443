import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles test files, and the suite that runs them, into `outdir`: an extension host loads CommonJS whatever Node it
 * carries, and `vscode` in a bundle is the object of the extension in whose folder the bundle lies.
 */
export async function bundleTests(files: readonly string[], outdir: string): Promise<string> {
  const root = path.resolve(import.meta.dirname, '../..');
  const name = (file: string): string =>
    path.relative(root, path.resolve(file)).replaceAll(path.sep, '-').replace(/\.ts$/, '');
  await build({
    absWorkingDir: root,
    entryPoints: [
      { in: path.join(import.meta.dirname, 'suite.ts'), out: 'suite' },
      ...files.map((file) => ({ in: path.resolve(file), out: name(file) })),
    ],
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    format: 'cjs',
    target: 'node22.22',
    sourcemap: 'inline',
    // Mocha's CommonJS part, whose shape does not depend on how a Node requires modules.
    alias: { mocha: 'mocha/lib/mocha.cjs' },
    external: ['vscode', 'mocha/lib/mocha.cjs'],
    define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    logLevel: 'warning',
  });
  return path.join(outdir, 'suite.cjs');
}

/** The test files of a folder, in order; an empty folder is a mistake, not a success. */
export function testFiles(folder: string): string[] {
  const names = fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'));
  if (names.length === 0) throw new Error(`${folder} has no *.test.ts`);
  return names.sort().map((name) => path.join(folder, name));
}
