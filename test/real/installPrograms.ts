import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { npm } from '../host/npm.mjs';
import { once, stampOf } from '../host/once.mjs';

const folder = path.join(import.meta.dirname, 'programs');
const bin = path.join(folder, 'node_modules/.bin');

/** The environment variables that name the programs; a tester's own go first. Or why there are none. */
export type Installed = { readonly programs: Readonly<Record<string, string>> } | { readonly why: string };

/** Installs the pinned agents, once; about 860 MB. */
export async function installPrograms(): Promise<Installed> {
  const wanted = {
    HOLDFAST_CODEX: path.join(bin, 'codex'),
    HOLDFAST_GEMINI: path.join(bin, 'gemini'),
    HOLDFAST_OPENCODE: path.join(bin, 'opencode'),
  };
  if (process.platform === 'win32') return { why: 'they are started in a Linux namespace' };
  const stamp = stampOf(['package.json', 'package-lock.json'].map((name) => path.join(folder, name)));
  try {
    await once({
      dir: folder,
      stamp,
      setUp() {
        // Not `npm ci`: it wants the packages of all systems in the lockfile, and not every registry has them.
        npm(folder, 'install', '--no-save');
        // Install scripts are off; this one only puts the program of this machine into its place.
        const ready = spawnSync(process.execPath, ['postinstall.mjs'], {
          cwd: path.join(folder, 'node_modules/opencode-ai'),
          encoding: 'utf8',
        });
        if (ready.status !== 0) throw new Error(`opencode could not be set up: ${ready.stderr}`);
      },
    });
  } catch (error) {
    return { why: `the agents could not be installed: ${error instanceof Error ? error.message : String(error)}` };
  }
  const found = Object.entries(wanted).filter(([name, file]) => process.env[name] === undefined && fs.existsSync(file));
  return { programs: Object.fromEntries(found) };
}
