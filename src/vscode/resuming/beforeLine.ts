import type { CommandLine } from '../../agents/index.ts';

/**
 * A command whose words may hold paths, as one line for whatever shell a terminal runs: what is not plain stands in
 * double quotes. Undefined where a word has a mark that some shell would not leave alone there.
 */
export function beforeLine({ command, args }: CommandLine): string | undefined {
  const words = [command, ...args];
  if (!PLAIN.test(command) || !words.every((word) => PLAIN.test(word) || isQuotable(word))) return undefined;
  return words.map((word) => (PLAIN.test(word) ? word : `"${word}"`)).join(' ');
}

const PLAIN = /^[A-Za-z0-9._/-]+$/;

/** PowerShell ends a text at curly quotes too; a backslash is left alone where it escapes nothing. */
function isQuotable(word: string): boolean {
  return word !== '' && !/["$`%!\u201c-\u201f\p{Cc}]|\\\\|\\$/u.test(word);
}
