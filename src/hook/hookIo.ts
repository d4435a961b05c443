import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { HookIo, SeenBefore } from './runHook.ts';
import { append } from './stateFile.ts';

const LOG_BYTES = 256 * 1024;

/** The outside of a hook, as far as it is the same for the small program and for the command line. */
export function hookIo(process: {
  readonly cwd: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: string;
  readonly cli: string | undefined;
  readonly loadSeenBefore: () => Promise<SeenBefore | undefined>;
}): HookIo {
  const { home, env, cwd } = process;
  return {
    ...process,
    now: Date.now,
    random: () => randomBytes(8).toString('hex'),
    async start(words) {
      // Loaded only where it is needed: an agent waits for the other hooks.
      const { spawn } = await import('node:child_process');
      const options = { cwd, env, detached: true, stdio: 'ignore', windowsHide: true } as const;
      const child = spawn(globalThis.process.execPath, words, options);
      // It has nobody to tell: what it could not save stays in the agent's transcript.
      child.on('error', (error) => writeLog(home, error.message));
      child.unref();
    },
    log: (line) => writeLog(home, line),
  };
}

/** Where even the log cannot be written, there is nobody left to tell. */
export function writeLog(home: string, line: string): void {
  const file = path.join(home, '.holdfast', 'hooks', 'hook.log');
  try {
    if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES) fs.rmSync(file, { force: true });
    append(file, `${new Date().toISOString()} ${line.replaceAll('\n', ' ').slice(0, 1000)}\n`);
  } catch {
    // See above.
  }
}
