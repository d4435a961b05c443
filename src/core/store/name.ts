/** Why a text cannot be a session's name (it becomes a file name on every platform). */
export type NameProblem =
  | 'empty'
  | 'too-long'
  | 'separator'
  | 'forbidden-character'
  | 'control-character'
  | 'reserved'
  | 'leading-dot'
  | 'trailing-dot-or-space';

/** Longest name in UTF-8 bytes: file systems allow 255, less `.journal.jsonl` and a temporary suffix. */
export const MAX_NAME_BYTES = 200;

/** CON, NUL and the rest are devices on Windows, with any extension (learn.microsoft.com, "Naming Files, Paths, and Namespaces"). */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;

/** The first reason why `name` cannot name a session, or undefined. Any script is allowed, emoji too. */
export function nameProblem(name: string): NameProblem | undefined {
  if (name.trim() === '') return 'empty';
  if (/[/\\]/.test(name)) return 'separator';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name) || !name.isWellFormed()) return 'control-character';
  if (/[<>:"|?*]/.test(name)) return 'forbidden-character';
  if (name.startsWith('.')) return 'leading-dot';
  if (/[. ]$/.test(name) || name.startsWith(' ')) return 'trailing-dot-or-space';
  if (RESERVED.test(name)) return 'reserved';
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return 'too-long';
  return undefined;
}
