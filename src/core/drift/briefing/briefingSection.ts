export interface BriefingSection {
  readonly title: string;
  /** A sentence before the lines. */
  readonly note?: string;
  /** Items of a list, the most important first; only as many are made as there is room for. */
  readonly lines: Iterable<string>;
  readonly count: number;
  /** There are more than `count`. */
  readonly more?: boolean;
}

/** A section of one line per item. */
export function sectionOf<T>(
  title: string,
  items: readonly T[],
  line: (item: T) => string,
  rest: Pick<BriefingSection, 'note' | 'more'> = {},
): BriefingSection {
  function* lines(): Generator<string> {
    for (const item of items) yield line(item);
  }
  return { title, lines: lines(), count: items.length, ...rest };
}

/** A section, at most `max` characters long: whole lines as far as there is room, then how many there are more. '' where nothing fits. */
export function sectionText(section: BriefingSection, max: number): string {
  return fitSection(section, max).text;
}

/** The same, and how many lines found room. The note goes first where there is no room for it. */
export function fitSection(section: BriefingSection, max: number): { readonly text: string; readonly shown: number } {
  const { title, note, lines, count, more = false } = section;
  if (count === 0 && note === undefined) return { text: '', shown: 0 };
  const heading = `\n## ${title}\n`;
  const noted = note === undefined ? heading : `${heading}${note}\n`;
  let text = noted.length + lastLine(count, 0, more).length > max ? heading : noted;
  let shown = 0;
  for (const line of lines) {
    // There must always be room for the last line, which says what is left out.
    if (text.length + line.length + 3 + lastLine(count, shown + 1, more).length > max) break;
    text += `- ${line}\n`;
    shown += 1;
  }
  text += lastLine(count, shown, more);
  return text.length > max ? { text: '', shown: 0 } : { text, shown };
}

function lastLine(count: number, shown: number, more: boolean): string {
  const left = count - shown;
  if (left === 0) return more ? '- and more\n' : '';
  const number = more ? `${left} or more` : String(left);
  return shown === 0 ? `- ${number}, not listed here\n` : `- and ${number} more\n`;
}
