import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type Bench, digits, inFolder, median } from './harness.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** What a window pays at start: the eager bundle required in a new process, and its activate() against a stand-in for the API. */
export const bench: Bench = {
  title: 'Loading the extension (new process each)',
  async run({ full }) {
    const built = spawnSync(process.execPath, ['esbuild.mjs', '--production'], { cwd: ROOT, encoding: 'utf8' });
    if (built.status !== 0) throw new Error(built.stderr);
    return inFolder(async (folder) => {
      // Copied, so that a build beside this run changes nothing.
      fs.cpSync(path.join(ROOT, 'dist'), folder, { recursive: true });
      const empty = path.join(folder, 'empty.cjs');
      fs.writeFileSync(empty, "'use strict';\n");
      const bundle = path.join(folder, 'extension.cjs');
      const times = { empty: [] as number[], load: [] as number[], activate: [] as number[] };
      for (let round = 0; round < (full ? 31 : 9); round++) {
        times.empty.push(inChild(empty).load);
        const { load, activate } = inChild(bundle);
        times.load.push(load);
        times.activate.push(activate);
      }
      const rows: (readonly [string, readonly number[], string])[] = [
        ['require an empty file', times.empty, ''],
        ['require extension.cjs and the parts that it needs at once', times.load, '15'],
        ['activate()', times.activate, '50'],
      ];
      return {
        head: ['what', 'ms', 'limit, ms'],
        rows: rows.map(([what, all, limit]) => [what, digits(median(all)), limit]),
      };
    });
  },
};

function inChild(file: string): { readonly load: number; readonly activate: number } {
  const child = path.join(import.meta.dirname, 'loadExtensionChild.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, file], { encoding: 'utf8' });
  // The bundle is one line of 100 KB.
  if (status !== 0) throw new Error(stderr.slice(-1000));
  return JSON.parse(stdout);
}
