// Runs a folder of mocha tests inside a real VS Code extension host.
//   node test/host/node.mjs test/host/run.ts [file.test.ts ...] [--grep text] [--timeout seconds] [--coverage dir] [--verbose]
// With --vsix, the packaged extension is installed, and the tests run from an extension of their own.
// With --floor, VS Code is the oldest one that package.json claims.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { makeSampleWorkspace } from '../support/sampleWorkspace.ts';
import { launchBrowser } from './browser.ts';
import { bundleTests, testFiles } from './bundle.ts';
import { type Server, startServer } from './server.ts';
import { ensureHost } from './setup.ts';
import type { SuiteEnvironment } from './suite.ts';

const { values: option, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    suite: { type: 'string', default: 'host' },
    tests: { type: 'string', default: 'test/vscode' },
    vsix: { type: 'string' },
    floor: { type: 'boolean', default: false },
    grep: { type: 'string', default: '' },
    timeout: { type: 'string', default: '600' },
    coverage: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

if (option.floor) process.env['HOLDFAST_TEST_VSCODE'] = 'floor';
const root = path.resolve(import.meta.dirname, '../..');
const kept = path.join(root, 'test-results', option.suite); // what a person looks at afterwards
fs.mkdirSync(path.dirname(kept), { recursive: true });
const work = fs.mkdtempSync(`${kept}-`); // inside the extension's folder, where its `vscode` object is
const sample = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-sample-'));
const output = path.join(work, 'output.log');
const counts = path.join(work, `${option.suite}.json`);
fs.writeFileSync(output, '');
fs.rmSync(`${kept}.json`, { force: true });

let server: Server | undefined;
let browser: Browser | undefined;
let page: Page | undefined;
let workbenchLog = '';

function clean(): void {
  fs.rmSync(sample, { recursive: true, force: true });
  if (fs.existsSync(counts)) fs.renameSync(counts, `${kept}.json`); // where the sum over all suites looks for it
  fs.rmSync(kept, { recursive: true, force: true });
  fs.renameSync(work, kept);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server?.kill();
    clean();
    process.exit(128 + os.constants.signals[signal]); // the browser ends with this process
  });
}

let printed = 0;
function print(): void {
  const text = fs.readFileSync(output);
  process.stdout.write(text.subarray(printed));
  printed = text.length;
}

/** The extension that VS Code develops: ours, or, to test a package as it is, an empty one that only holds the tests. */
function extensionUnderTest(): { readonly folder: string; readonly bundles: string } {
  if (!option.vsix) return { folder: root, bundles: path.join(work, 'tests') };
  const folder = path.join(work, 'probe');
  fs.mkdirSync(folder);
  const manifest = { name: 'probe', publisher: 'holdfast-test', version: '0.0.1', engines: { vscode: '*' } };
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  return { folder, bundles: path.join(folder, 'tests') };
}

async function run(): Promise<void> {
  await ensureHost();
  const { folder, bundles } = extensionUnderTest();
  const suite = await bundleTests(
    positionals.length > 0 ? positionals : testFiles(path.join(root, option.tests)),
    bundles,
  );
  const workspace = makeSampleWorkspace(sample);
  const told: SuiteEnvironment = {
    HOLDFAST_TEST_SUITE: option.suite,
    HOLDFAST_TEST_OUTPUT: output,
    HOLDFAST_TEST_RESULTS: work,
    HOLDFAST_TEST_GREP: option.grep,
  };
  const coverage = option.coverage ? { NODE_V8_COVERAGE: path.resolve(option.coverage) } : {};
  const starting = startServer({
    testDriver: true,
    env: { ...workspace.env, ...told, ...coverage, ...(!process.stdout.isTTY && { NO_COLOR: '1' }) },
    ...(option.vsix && { vsix: path.resolve(option.vsix) }),
  }).then((started) => {
    server = started; // known before the browser is, so that a signal stops it
    return started;
  });
  const [started, launched] = await Promise.all([starting, launchBrowser()]);
  browser = launched;
  page = await launched.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('console', (message) => {
    workbenchLog += `${message.type()} ${message.text()}\n`;
    if (option.verbose) console.error(`[workbench] ${message.text()}`);
  });
  const ended = new Promise<number>((resolve) => void page?.exposeFunction('codeAutomationExit', resolve));
  await page.exposeFunction('codeAutomationLog', () => {});
  const failed = new Promise<never>((_, reject) => {
    page?.once('crash', () => reject(new Error('the browser page crashed')));
    launched.once('disconnected', () => reject(new Error('the browser ended')));
    void started.exited.then((why) => reject(new Error(why)));
    setTimeout(() => reject(new Error(`no end after ${option.timeout} s`)), Number(option.timeout) * 1000).unref();
  });
  failed.catch(() => {});
  await page.goto(
    started.url(workspace.folder, [
      ['extensionDevelopmentPath', started.remote(folder)],
      ['extensionTestsPath', started.remote(suite)],
      ['skipWelcome', 'true'],
      ['skipReleaseNotes', 'true'],
    ]),
  );
  const code = await Promise.race([ended, failed]);
  // After a crash of the extension host VS Code reports 0 too: only the counts prove that mocha came to its end.
  if (!fs.existsSync(counts)) throw new Error('the extension host ended before mocha did');
  const { passed, failed: failures } = JSON.parse(fs.readFileSync(counts, 'utf8'));
  if (code !== 0 || failures.length > 0) throw new Error(`${failures.length} tests failed`);
  if (passed === 0) throw new Error('no test ran');
}

const printing = setInterval(print, 100);
const began = Date.now();
let problem: string | undefined;
try {
  await run();
} catch (error) {
  problem = error instanceof Error ? error.message : String(error);
  await page?.screenshot({ path: path.join(work, 'failure.png'), timeout: 5000 }).catch(() => {});
  const logs = server && path.join(server.dir, 'data/logs');
  if (logs && fs.existsSync(logs)) fs.cpSync(logs, path.join(work, 'logs'), { recursive: true });
}
clearInterval(printing);
print();
fs.writeFileSync(path.join(work, 'workbench.log'), workbenchLog);
fs.writeFileSync(path.join(work, 'server.log'), server?.log() ?? '');
await browser?.close().catch(() => {});
await server?.stop();
clean();
const seconds = ((Date.now() - began) / 1000).toFixed(1);
const where = path.relative(process.cwd(), kept);
console.log(
  problem ? `The suite "${option.suite}" failed after ${seconds} s: ${problem}. See ${where}.` : `(${seconds} s)`,
);
process.exit(problem ? 1 : 0);
