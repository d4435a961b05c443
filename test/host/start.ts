// npm start: opens a real VS Code with the extension of this working tree on a sample workspace.
//   node test/host/node.mjs test/host/start.ts [--browser] [--port number]
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { makeSampleWorkspace } from '../support/sampleWorkspace.ts';
import { startServer } from './server.ts';
import { whyNoHost } from './setup.ts';

const { values: option } = parseArgs({
  options: { browser: { type: 'boolean', default: false }, port: { type: 'string', default: '0' } },
});
const root = path.resolve(import.meta.dirname, '../..');
const { engines } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-start-'));
process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
const sample = makeSampleWorkspace(dir);
console.log(`Made a sample workspace with sessions of Claude Code and Codex: ${sample.folder}`);

/** Whether `version` is at least the one that engines.vscode names. */
function isNewEnough(version: string): boolean {
  const floor = String(engines.vscode).replace('^', '');
  return version.localeCompare(floor, 'en', { numeric: true }) >= 0;
}

/** The VS Code of this machine, if it has one that can run the extension. */
function installed(): string | undefined {
  const { stdout, status } = spawnSync('code', ['--version'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const version = stdout?.split('\n')[0]?.trim() ?? '';
  if (status !== 0 || !version) return undefined;
  if (isNewEnough(version)) return 'code';
  console.log(`The VS Code on this machine is ${version}; Holdfast needs ${engines.vscode}.`);
  return undefined;
}

async function downloaded(): Promise<string | undefined> {
  try {
    return await downloadAndUnzipVSCode({ version: 'stable', timeout: 5000 });
  } catch (error) {
    console.log(`VS Code cannot be downloaded here (${error instanceof Error ? error.message : error}).`);
    return undefined;
  }
}

/** Opens a window that knows nothing of the person's own settings and extensions; resolves when it is closed. */
async function openWindow(code: string): Promise<void> {
  const { CLAUDE_CONFIG_DIR, CODEX_HOME } = sample.env;
  const own = ['--user-data-dir', path.join(dir, 'data'), '--extensions-dir', path.join(dir, 'extensions')];
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const args = [`--extensionDevelopmentPath=${root}`, ...own, ...asRoot, '--new-window', '--wait', sample.folder];
  console.log(
    'Opening VS Code with Holdfast. Close the window to end; its settings and the sample workspace go with it.',
  );
  const child = spawn(code, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, CLAUDE_CONFIG_DIR, CODEX_HOME },
  });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => resolve(status ?? 0));
  });
}

async function serve(): Promise<void> {
  const no = whyNoHost();
  if (no) throw new Error(no);
  console.log('Starting VS Code as a local web page.');
  const server = await startServer({ extensions: [root], env: sample.env, port: Number(option.port) });
  let asked = false;
  const end = (): void => {
    asked = true;
    console.log('\nStopping VS Code.');
    void server.stop();
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  console.log(
    `\nOpen this address in a browser, then click Sessions in the activity bar:\n\n  ${server.url(sample.folder)}\n`,
  );
  console.log('Press Ctrl-C to stop it; the sample workspace goes with it.');
  const why = await server.exited;
  if (asked) return server.stop();
  throw new Error(`${why}\n${server.log()}`);
}

const hasScreen = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
const window = option.browser || !hasScreen ? undefined : (installed() ?? (await downloaded()));
if (window) await openWindow(window);
else await serve();
