import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AgentHome } from '../agent.ts';
import { isSystemError } from '../files.ts';
import { PROGRAM } from './hookCommand.ts';

const run = promisify(execFile);

/** The hook, and beside it what reads transcripts and what saves: each is a bundle that needs no other file to load. */
const FILES = ['rooms.cjs', 'holdfast.cjs', 'hook.cjs'] as const;

/** The oldest Node that the hook runs on. */
const NODE = [20, 12] as const;

/** The hook's program, where it is kept. */
export function hookProgram({ home }: Pick<AgentHome, 'home'>): string {
  return join(home, ...PROGRAM);
}

/** What agents are told to start. */
export function hookCommand(where: Pick<AgentHome, 'home'>): readonly string[] {
  return ['node', hookProgram(where)];
}

/**
 * Copies the hook's program from the folder of the bundles to where agents start it. A file that is the same already is
 * left alone; each is replaced at once, so that a hook that starts meanwhile finds the old one or the new one. With
 * `onlyNewer`, nothing is done where no program was installed yet. Rejects with a system error.
 */
export async function installHookProgram(
  where: Pick<AgentHome, 'home'>,
  from: string,
  { onlyNewer = false }: { readonly onlyNewer?: boolean } = {},
): Promise<'installed' | 'same' | 'absent'> {
  const folder = join(where.home, PROGRAM[0]);
  if (onlyNewer && (await bytesOf(join(folder, PROGRAM[1]))) === undefined) return 'absent';
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let changed = false;
  for (const name of FILES) {
    const bytes = await readFile(join(from, name));
    const to = join(folder, name);
    if ((await bytesOf(to))?.equals(bytes) === true) continue;
    changed = true;
    const temporary = `${to}.${randomBytes(6).toString('hex')}`;
    try {
      await writeFile(temporary, bytes, { mode: 0o600 });
      await chmod(temporary, 0o600);
      await rename(temporary, to);
    } finally {
      await rm(temporary, { force: true });
    }
  }
  return changed ? 'installed' : 'same';
}

/** Whether the `node` that agents will find can run the hook. */
export async function nodeForHooks(
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly kind: 'found' | 'too-old'; readonly version: string } | { readonly kind: 'missing' }> {
  let version: string;
  try {
    const { stdout } = await run('node', ['--version'], { env: { ...env }, timeout: 10_000 });
    version = stdout.trim().replace(/^v/, '');
  } catch (error) {
    if (error instanceof Error) return { kind: 'missing' };
    throw error;
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < NODE[0] || (major === NODE[0] && minor < NODE[1]);
  return { kind: isOld ? 'too-old' : 'found', version };
}

async function bytesOf(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
