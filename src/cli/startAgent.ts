import { spawn } from 'node:child_process';
import { lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from './context.ts';
import { type Failed, failed } from './ending.ts';

/** Undefined when the agent ended well. */
export function startAgent(context: Context, command: string, args: readonly string[]): Promise<Failed | undefined> {
  // Some agents believe PWD rather than the folder that they are started in.
  const env = { ...context.io.env, PWD: context.folder };
  const options = { cwd: context.folder, stdio: 'inherit', env } as const;
  return new Promise((done, fail) => {
    const child =
      process.platform === 'win32'
        ? // There the agents are installed as .cmd files, which only a shell starts.
          spawn([command, ...args.map(windowsWord)].join(' '), { ...options, shell: true })
        : spawn(command, args, options);
    // Ctrl+C is for the agent, which shares the terminal; ending before it would leave the terminal to two.
    const ignore = (): void => {};
    process.on('SIGINT', ignore);
    child.on('error', (error: NodeJS.ErrnoException) => {
      process.off('SIGINT', ignore);
      if (error.code === 'ENOENT') done(failed('no-agent-program', command));
      else fail(error);
    });
    child.on('exit', (code, signal) => {
      process.off('SIGINT', ignore);
      if (code === 0) done(undefined);
      else done(failed('agent-failed', command, signal ?? `exit code ${code}`));
    });
  });
}

export interface FirstMessage {
  /** What the agent is given. */
  readonly prompt: string;
  remove(): Promise<void>;
}

/**
 * A text as an agent's first message. A program that is started without a shell takes any; Windows' shell would read
 * part of it, and takes one line, so there the text goes to a file of the sessions' folder and the message names it.
 */
export async function firstMessage(
  { store, folder, sessionsFolder, io }: Pick<Context, 'store' | 'folder' | 'sessionsFolder' | 'io'>,
  text: string,
  platform: NodeJS.Platform = process.platform,
): Promise<FirstMessage | Failed> {
  if (platform !== 'win32') return { prompt: text, remove: () => Promise.resolve() };
  const path = `${sessionsFolder}/briefings/${io.random()}.md`;
  const file = join(folder, path);
  const briefings = join(store.root, 'briefings');
  await mkdir(briefings, { recursive: true, mode: 0o700 });
  // A link could have come with a clone, and lead anywhere.
  if (!(await lstat(briefings)).isDirectory()) return failed('not-a-file', briefings);
  await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  return { prompt: `Read the file ${path} first. It says what has changed.`, remove: () => rm(file, { force: true }) };
}

/**
 * A word as Windows' command shell takes it. Only words of letters, digits, spaces and a few signs come here: flags, a
 * UUID, names of models, a message that is made of such, and the path of a file of ours below the user's home, whose
 * signs stand in quotes. Throws for any other, which the shell could read as more.
 */
export function windowsWord(word: string): string {
  if (/^[\w\p{L}\p{N}.:/@[\]-]+$/u.test(word)) return word;
  // A backslash at the end would take the quote with it.
  if (!/^[\w\p{L}\p{N} .:=/@[\]\\()'~+,;#{}-]+$/u.test(word) || word.endsWith('\\'))
    throw new Error('a word that the shell would take apart');
  return `"${word}"`;
}
