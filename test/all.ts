// Runs every suite and sums up: the last line is `N passed, N failed`.
//   node test/host/node.mjs test/all.ts [suite ...]
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ensureHost, whyNoHost } from './host/setup.ts';

const root = path.resolve(import.meta.dirname, '..');
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const mocha = 'node_modules/mocha/bin/mocha.js';
const vsix = `holdfast-${version}.vsix`;

interface Suite {
  readonly name: string;
  /** Runs first; without it the suite cannot. */
  readonly prepare?: readonly string[];
  readonly command: readonly string[];
  /** Needs VS Code from npm. */
  readonly host?: true;
  /** Runs before a merge (CI is set) or when named, not every day. */
  readonly rare?: true;
  /** May find nothing to test on this machine; its tests say why. */
  readonly optional?: true;
}

const suites: readonly Suite[] = [
  { name: 'unit', command: [mocha] },
  { name: 'host', prepare: ['esbuild.mjs'], command: ['test/host/run.ts'], host: true },
  {
    name: 'floor',
    prepare: ['esbuild.mjs'],
    command: ['test/host/run.ts', '--suite', 'floor', '--floor'],
    host: true,
    rare: true,
  },
  {
    name: 'package',
    prepare: ['test/package/makePackage.ts'],
    command: [mocha, '--config', 'test/package/mocharc.cjs'],
  },
  {
    name: 'vsix',
    command: ['test/host/run.ts', '--suite', 'vsix', '--tests', 'test/package/installed', '--vsix', vsix],
    host: true,
  },
  { name: 'e2e', command: [mocha, '--config', 'test/e2e/mocharc.cjs'], host: true },
  { name: 'agents', prepare: ['esbuild.mjs'], command: ['test/real/run.ts'], rare: true, optional: true },
];

interface Counts {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly skipped: readonly { readonly title: string; readonly reason: string }[];
}

function node(args: readonly string[]): boolean {
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

/** The counts that the suite's reporter left; a suite that fails without a failed test counts as one. */
function run({ name, prepare, command, optional }: Suite): Counts {
  const file = path.join(root, 'test-results', `${name}.json`);
  fs.rmSync(file, { force: true });
  if (prepare && !node(prepare)) return { passed: 0, failed: [`${name} could not be prepared`], skipped: [] };
  const succeeded = node(command);
  if (!fs.existsSync(file)) return { passed: 0, failed: [`${name} did not come to its end`], skipped: [] };
  const counts: Counts = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (!succeeded && counts.failed.length === 0) return { ...counts, failed: [`${name} ended with an error`] };
  if (counts.passed + counts.failed.length === 0 && !optional) return { ...counts, failed: [`${name} ran no test`] };
  return counts;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) throw new Error(`no such suite: ${unknown.join(', ')}`);

const noHost = whyNoHost();
const lines: string[] = [];
const notes: string[] = [];
let passed = 0;
let failed = 0;
const isWanted = ({ name, rare }: Suite): boolean =>
  wanted.length > 0 ? wanted.includes(name) : !rare || Boolean(process.env['CI']);
const chosen = suites.filter(isWanted);
// First, so that no suite's time or outcome depends on whether this is the first run on the machine.
if (!noHost && chosen.some(({ host }) => host)) await ensureHost();
for (const suite of chosen) {
  if (suite.host && noHost) {
    notes.push(`skipped: the whole suite "${suite.name}": ${noHost}`);
    continue;
  }
  console.log(`\n== ${suite.name} ==`);
  const began = Date.now();
  const counts = run(suite);
  passed += counts.passed;
  failed += counts.failed.length;
  const seconds = `${((Date.now() - began) / 1000).toFixed(1)} s`;
  const some = [`${counts.passed} passed`, `${counts.failed.length} failed`, `${counts.skipped.length} skipped`];
  lines.push(`${suite.name.padEnd(10)} ${some.join(', ')} (${seconds})`);
  notes.push(...counts.skipped.map(({ title, reason }) => `skipped: ${suite.name}: ${title}: ${reason}`));
  notes.push(...counts.failed.map((title) => `failed: ${suite.name}: ${title}`));
}

console.log(['', ...lines, ...notes, `${passed} passed, ${failed} failed`].join('\n'));
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
