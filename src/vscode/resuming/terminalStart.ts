import type { Agent } from '../../agents/index.ts';

/** How an agent is started in a terminal: pure. */
export interface TerminalStart {
  /** What is typed into the shell. */
  readonly line: string;
  /** Beside the shell's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A text that must lie in the briefings' folder before; `line` names it. */
  readonly file?: { readonly name: string; readonly text: string };
}

export interface StartOptions {
  /** The program of the terminal, a path or a name. */
  readonly shell: string;
  /** The first message; any text. */
  readonly briefing?: string | undefined;
  /** As the agent names it. */
  readonly model?: string | undefined;
  readonly provider?: string | undefined;
  /** Name of the sessions' folder inside the workspace folder, where the shell starts. */
  readonly sessionsFolder: string;
}

export const briefingsFolder = 'briefings';
const VARIABLE = 'HOLDFAST_BRIEFING';
/** Of an environment variable, bytes: Windows takes 32,767 characters, other systems more. */
const MOST_BYTES = 30_000;

/** Shells that replace a variable in double quotes by its value and don't look at that again. */
const TAKE_VARIABLES = new Set(['bash', 'zsh', 'sh', 'dash', 'ksh', 'fish']);

/** What every shell takes as it is; anything else that came from a file is refused, so nothing needs quoting. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]*$|^--?[A-Za-z][A-Za-z0-9-]*$|^--$/;
/** What every shell takes as it is in double quotes: a model's name may have brackets. */
const QUOTABLE = /^[A-Za-z0-9][A-Za-z0-9._:/@[\]=-]*$/;
const PLAIN_FOLDER = /^[A-Za-z0-9._-]+$/;

/**
 * The command line has no byte of the briefing: a shell that takes variables gets it in one, any other is given a plain
 * sentence that names a file. A file is also the way for what VS Code would not hand over as it is: it replaces `${…}` in a
 * terminal's environment. Undefined where a word of the command is not plain, or the agent takes no first message.
 */
export function terminalStart(agent: Agent, nativeId: string, options: StartOptions): TerminalStart | undefined {
  const { briefing, model, provider, sessionsFolder } = options;
  const resumed = agent.native?.resumeCommand?.(nativeId, {
    ...(briefing !== undefined && { prompt: VARIABLE }),
    ...(model !== undefined && { model }),
    ...(provider !== undefined && { provider }),
  });
  if (!resumed) return undefined;
  const words = [resumed.command, ...resumed.args];
  if (!words.every((word) => PLAIN.test(word) || QUOTABLE.test(word))) return undefined;
  const line = (some: readonly string[]): string =>
    some.map((word) => (PLAIN.test(word) ? word : `"${word}"`)).join(' ');
  if (briefing === undefined) return { line: line(words) };
  if (words.pop() !== VARIABLE) return undefined;
  const text = briefing.replaceAll('\0', '\ufffd').toWellFormed();
  if (takesVariable(options.shell, text)) return { line: `${line(words)} "$${VARIABLE}"`, env: { [VARIABLE]: text } };
  const sentence = briefingSentence(sessionsFolder, nativeId);
  return sentence === undefined
    ? undefined
    : { line: `${line(words)} "${sentence}"`, file: { name: briefingName(nativeId), text } };
}

function takesVariable(shell: string, text: string): boolean {
  const name =
    shell
      .split(/[\\/]/)
      .at(-1)
      ?.toLowerCase()
      .replace(/\.exe$/, '') ?? '';
  return TAKE_VARIABLES.has(name) && !text.includes('${') && Buffer.byteLength(text) <= MOST_BYTES;
}

/** One line for an agent, plain in every shell; undefined where the folder has a name that is not. */
export function briefingSentence(sessionsFolder: string, nativeId: string): string | undefined {
  if (!PLAIN_FOLDER.test(sessionsFolder)) return undefined;
  const file = `${sessionsFolder}/${briefingsFolder}/${briefingName(nativeId)}`;
  return `Read the file ${file} first. It tells what changed since this conversation was saved.`;
}

export function briefingName(nativeId: string): string {
  return `${nativeId}.md`;
}
