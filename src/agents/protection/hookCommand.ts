import { relative, sep } from 'node:path';
import type { AgentHome } from '../agent.ts';
import { isInside } from '../files.ts';

/** Where the hook's program is kept, so that no configuration names a folder that an update of Holdfast removes. */
export const PROGRAM = ['.holdfast', 'hook.cjs'] as const;

/** True for a command that starts our hook, whoever wrote it and wherever that lies. */
export function isOurs(command: string): boolean {
  return /[\\/]\.holdfast[\\/]hook\.cjs\b|\bholdfast(?:\.cjs)?["']?\s+hook\s/.test(command);
}

/**
 * The words as a line for a shell. Where the program is gone, or on a machine that never had it, the hook is silent; one
 * below the home is named by `$HOME`, so that a file that a team shares names nobody's home.
 */
export function commandLine(
  words: readonly string[],
  where: AgentHome,
  platform: NodeJS.Platform = process.platform,
): string {
  const [program = '', script, ...rest] = words;
  if (platform === 'win32')
    return words.map((word) => (/^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word}"`)).join(' ');
  if (script === undefined || !script.startsWith('/')) return words.map(quoted).join(' ');
  const file = isInside(where.home, script)
    ? `"$HOME"/${relative(where.home, script).split(sep).map(quoted).join('/')}`
    : quoted(script);
  return `[ ! -f ${file} ] || ${[quoted(program), file, ...rest.map(quoted)].join(' ')}`;
}

/** The same for PowerShell. */
export function powershellLine(words: readonly string[], where: AgentHome): string {
  const [program = '', script = '', ...rest] = words;
  const below = isInside(where.home, script) ? relative(where.home, script).split(sep).join('/') : undefined;
  const file = below === undefined ? `'${script.replaceAll("'", "''")}'` : `"$HOME/${below}"`;
  return `if (Test-Path ${file}) { ${[program, file, ...rest].join(' ')} }`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
