/**
 * Text from a repository or a session as it may stand in a text of ours, and be sent to a terminal or a model: every
 * control or direction character but line feed and tab is shown as its escape, and so is what no person sees and a model
 * reads (tag characters and the like); half a character as U+FFFD.
 */
export function escapeText(text: string): string {
  return text.toWellFormed().replace(UNSAFE, (one) => {
    const hex = (one.codePointAt(0) ?? 0).toString(16);
    return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
  });
}

/** The same on one line, and no longer than `max` characters. */
export function escapeLine(text: string, max: number): string {
  // What is longer than can be shown is not looked through: an escape makes up to nine characters of one.
  return cutText(escapeText(cutText(text, max)).replace(/[\n\t]+/g, ' '), max);
}

/** The first `max` characters, with an ellipsis for the rest; never half of a surrogate pair. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const at = Math.max(0, max - 1);
  return max < 1 ? '' : `${text.slice(0, isHighSurrogate(text.charCodeAt(at - 1)) ? at - 1 : at)}…`;
}

/** A code span in Markdown: delimited by more backticks than any run inside. */
export function codeSpan(text: string, max = 200): string {
  const line = escapeLine(text, max);
  const ticks = '`'.repeat(longestRun(line) + 1);
  const space = line.startsWith('`') || line.endsWith('`') || line === '' ? ' ' : '';
  return `${ticks}${space}${line}${space}${ticks}`;
}

/** A code block in Markdown: fenced by more backticks than any run inside, at least three. */
export function codeBlock(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}]/gu;
