import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { hookFile, hookPlace, stampLine } from '../../src/agents/index.ts';
import { sha256, stampFile, toEntry } from '../../src/core/index.ts';
import { type Bench, digits, inFolder, interleaved } from './harness.ts';

const ROOT = path.join(import.meta.dirname, '../..');
/** ms that a hook may take beyond an empty Node. */
const LIMIT = 60;

/** What an agent waits for: a new process each time, against one that does nothing. */
export const bench: Bench = {
  title: 'The hook of an agent (new process each)',
  async run({ full }) {
    const built = spawnSync(process.execPath, ['esbuild.mjs', '--only', 'hook'], { cwd: ROOT, encoding: 'utf8' });
    if (built.status !== 0) throw new Error(built.stderr);
    return inFolder(async (folder) => {
      // Copied, so that a build beside this run changes nothing.
      const hook = path.join(folder, 'hook.cjs');
      fs.copyFileSync(path.join(ROOT, 'dist/hook.cjs'), hook);
      const variants = new Map<string, () => unknown>([['node -e 0', () => start(['-e', '0'], '', folder)]]);
      for (const files of [100, 10_000]) {
        const desk = await makeDesk(path.join(folder, String(files)), files);
        const run = (payload: object) => () => start([hook, 'claude-code'], desk.payload(payload), desk.home);
        const named = `a session that has read ${files.toLocaleString('en')} files`;
        const edit = { file_path: desk.file, old_string: 'a', new_string: 'b' };
        const edited = { hook_event_name: 'PreToolUse', tool_name: 'Edit', tool_input: edit };
        variants.set(`edit in ${named}`, run(edited));
        const shell = { hook_event_name: 'PostToolUse', tool_name: 'Bash', tool_input: { command: 'make' } };
        variants.set(`shell command in ${named}`, run({ ...shell, tool_response: { stdout: '' } }));
      }
      const medians = await interleaved(variants, full ? 31 : 9);
      const bare = medians.get('node -e 0') ?? Number.NaN;
      return {
        head: ['what', 'ms', 'ms more than node -e 0', 'limit'],
        rows: [...medians].map(([name, ms]) =>
          name === 'node -e 0' ? [name, digits(ms), '', ''] : [name, digits(ms), digits(ms - bare), String(LIMIT)],
        ),
      };
    });
  },
};

function start(args: readonly string[], input: string, home: string): void {
  const env = { PATH: process.env['PATH'], HOME: home };
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { input, env, encoding: 'utf8' });
  if (status !== 0 || stderr !== '' || stdout !== '') throw new Error(`${args.join(' ')}: ${stdout}${stderr}`);
}

/** A folder whose files a session has read, all of them as they are now. */
async function makeDesk(dir: string, files: number) {
  const folder = path.join(dir, 'shop');
  const home = path.join(dir, 'home');
  fs.mkdirSync(path.join(folder, '.git'), { recursive: true });
  const id = '5f0c3a52-7d1e-4b8e-9a63-2f1d6c0b7e41';
  const place = hookPlace(folder, home);
  const lines: string[] = [];
  for (let number = 0; number < files; number++) {
    const file = path.join(folder, `file-${number}.ts`);
    fs.writeFileSync(file, `export const number = ${number};\n`.repeat(50));
    const found = await stampFile(file);
    if (found.kind !== 'stamped') throw new Error(found.kind);
    const entry = { ...toEntry(found.stamp), text_sha256: await sha256(fs.readFileSync(file)) };
    lines.push(stampLine({ path: file, at: Date.now(), entry }));
  }
  fs.mkdirSync(place.current, { recursive: true });
  fs.writeFileSync(hookFile(place.current, 'claude-code', id) ?? '', lines.join(''));
  return {
    home,
    file: path.join(folder, 'file-7.ts'),
    payload: (more: object) => JSON.stringify({ session_id: id, cwd: folder, ...more }),
  };
}
