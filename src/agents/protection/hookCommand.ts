import { relative, sep } from 'node:path';
import type { AgentHome } from '../agent.ts';
import { isInside } from '../files.ts';
import { PROTECTED_AGENTS } from './protectedAgents.ts';

/** Where the hook's program is kept, so that no configuration names a folder that an update of Holdfast removes. */
export const PROGRAM = ['.holdfast', 'hook.cjs'] as const;

const OURS = new RegExp(
  `[\\\\/]\\.holdfast[\\\\/]hook\\.cjs(?![\\w.-])|\\bholdfast(?:\\.cjs)?["']?\\s+hook\\s+(?:${PROTECTED_AGENTS.join('|')})(?![\\w-])`,
);

/** True for a command that starts our hook, whoever wrote it and wherever that lies. */
export function isOurs(command: string): boolean {
  return OURS.test(command);
}

/**
 * The words as a line for a shell. Where the program is gone, or on a machine that never had it, the hook is silent; one
 * below the home is named by `$HOME`, so that a file that a team shares names nobody's home. It ends well whatever
 * happens: Copilot CLI 1.0 denies a call whose hook fails, Gemini CLI 0.61 one whose hook ends with 2 or more and writes
 * to stderr, which is what a shell does that finds no `node`.
 */
export function commandLine(
  words: readonly string[],
  where: AgentHome,
  platform: NodeJS.Platform = process.platform,
): string {
  const [program = '', script, ...rest] = words;
  // For a POSIX shell (Claude Code), cmd and PowerShell (Codex, Gemini CLI) alike: the first takes `\` for its own.
  if (platform === 'win32')
    return words
      .map((word) => word.replaceAll('\\', '/'))
      .map((word) => (/^[\w@+=:,./-]+$/.test(word) ? word : `"${word}"`))
      .join(' ');
  if (script === undefined || !script.startsWith('/')) return words.map(quoted).join(' ');
  const file = isInside(where.home, script)
    ? `"$HOME"/${relative(where.home, script).split(sep).map(quoted).join('/')}`
    : quoted(script);
  return `[ ! -f ${file} ] || ${[quoted(program), file, ...rest.map(quoted)].join(' ')} 2>/dev/null || :`;
}

/** The same for PowerShell. */
export function powershellLine(words: readonly string[], where: AgentHome): string {
  const [program = '', script = '', ...rest] = words;
  const below = isInside(where.home, script) ? relative(where.home, script).split(sep).join('/') : undefined;
  const file = below === undefined ? `'${script.replaceAll("'", "''")}'` : `"$HOME/${below}"`;
  return `if (Test-Path ${file}) { ${[program, file, ...rest].join(' ')} 2>$null }; exit 0`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
