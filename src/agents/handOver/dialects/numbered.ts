/** The text of numbered lines, and the number of the first; undefined where any line is not numbered in turn. */
export function unnumbered(
  shown: string,
  pattern: RegExp,
): { readonly text: string; readonly first: number } | undefined {
  const out: string[] = [];
  let first = 1;
  const lines = shown.split('\n');
  // The end of a last line that has one, which not every version gives a number of its own.
  const ends = lines.length > 1 && lines.at(-1) === '' && lines.pop() === '';
  for (const line of lines) {
    const match = pattern.exec(line);
    if (match === null) return undefined;
    if (out.length === 0) first = Number(match[1]);
    else if (Number(match[1]) !== first + out.length) return undefined;
    out.push(match[2] ?? '');
  }
  return { text: ends ? `${out.join('\n')}\n` : out.join('\n'), first };
}
