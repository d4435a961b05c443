// Runs the tests of test/vscode inside a desktop VS Code, which @vscode/test-electron downloads.
//   node test/host/node.mjs test/host/desktop.ts [version, "stable", or "floor" for the oldest that package.json claims]
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { makeSampleWorkspace } from '../support/sampleWorkspace.ts';
import { bundleTests, testFiles } from './bundle.ts';
import type { SuiteEnvironment } from './suite.ts';

const root = path.resolve(import.meta.dirname, '../..');
const results = path.join(root, 'test-results');
const { engines } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const asked = process.argv[2] ?? 'stable';
const version = asked === 'floor' ? String(engines.vscode).replace('^', '') : asked;

function fail(why: string): never {
  console.error(`No desktop test ran: ${why}`);
  process.exit(1);
}

if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
  fail('there is no display. Run this under xvfb-run, or use `npm run test:host`, which needs none.');
}
const executable = await downloadAndUnzipVSCode({ version, timeout: 15_000 }).catch((error: Error) =>
  fail(
    `VS Code ${version} cannot be downloaded (${error.message}). \`npm run test:host\` needs the npm registry only.`,
  ),
);

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-desktop-'));
fs.mkdirSync(results, { recursive: true });
const work = fs.mkdtempSync(path.join(results, 'desktop-'));
try {
  const { folder, env } = makeSampleWorkspace(dir);
  const told: SuiteEnvironment = {
    HOLDFAST_TEST_SUITE: 'desktop',
    HOLDFAST_TEST_OUTPUT: '',
    HOLDFAST_TEST_RESULTS: results,
    HOLDFAST_TEST_GREP: '',
  };
  await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: root,
    extensionTestsPath: await bundleTests(testFiles(path.join(root, 'test/vscode')), work),
    extensionTestsEnv: { ...told, CLAUDE_CONFIG_DIR: env.CLAUDE_CONFIG_DIR, CODEX_HOME: env.CODEX_HOME },
    launchArgs: [
      folder,
      '--disable-workspace-trust',
      '--disable-extensions',
      '--user-data-dir',
      path.join(dir, 'data'),
    ],
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const made of [dir, work]) fs.rmSync(made, { recursive: true, force: true });
}
