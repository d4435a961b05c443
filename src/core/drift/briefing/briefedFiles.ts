import { codeBlock, codeSpan, escapeText } from '../escapeText.ts';
import type { BriefedFile } from './briefing.ts';
import { fitSection, sectionOf } from './briefingSection.ts';
import { MAX_DIFFERING_LINES } from './diffTexts.ts';

/** A file whose diff is shown has the shorter end, so that a list never grows by it. */
const SHOWN = '; see below';
const NOT_SHOWN = '; read it again';

export interface ListedFiles {
  /** Those that found room. */
  readonly files: readonly BriefedFile[];
  readonly text: string;
}

/** The list of files, at most `max` characters long. */
export function listFiles(files: readonly BriefedFile[], max: number): ListedFiles {
  const section = sectionOf('Files', files, (file) => fileLine(file, NOT_SHOWN));
  const { text, shown } = fitSection(section, max);
  return { files: files.slice(0, shown), text };
}

/** The list with as many whole diffs below it as `max` characters hold, the shortest first. */
export function withDiffs(listed: ListedFiles, max: number): string {
  const room = max - listed.text.length;
  const blocks = listed.files
    .flatMap((file) => diffBlock(file, room) ?? [])
    .sort((a, b) => a.text.length - b.text.length);
  const shown = new Set<BriefedFile>();
  let used = 0;
  for (const { file, text } of blocks) {
    if (used + text.length > room) break;
    used += text.length;
    shown.add(file);
  }
  let text = listed.text;
  for (const file of shown)
    text = text.replace(`- ${fileLine(file, NOT_SHOWN)}\n`, () => `- ${fileLine(file, SHOWN)}\n`);
  // In the order of the list.
  for (const file of listed.files) if (shown.has(file)) text += blocks.find((block) => block.file === file)?.text ?? '';
  return text;
}

function diffBlock(file: BriefedFile, max: number): { readonly file: BriefedFile; readonly text: string } | undefined {
  if (file.diff?.kind !== 'hunks') return undefined;
  const hunks = file.diff.hunks.join('\n');
  if (hunks.length > max) return undefined;
  return { file, text: `\n### ${codeSpan(file.key)}\n${codeBlock(escapeText(hunks), 'diff')}\n` };
}

function fileLine({ key, freshness, movedTo, diff }: BriefedFile, end: string): string {
  const name = codeSpan(key);
  const change = diff === undefined ? '' : changeWords(diff);
  switch (freshness) {
    case 'changed':
      return `${name}: ${change || 'changed'}${diff?.kind === 'same-text' ? '' : end}`;
    case 'unsaved':
      return `${name}: open in an editor with unsaved changes${change === '' ? '' : `, ${change}`}${end}`;
    case 'moved': {
      const to = movedTo === undefined ? 'moved' : `moved to ${codeSpan(movedTo)}`;
      return diff === undefined || diff.kind === 'same-text' ? `${name}: ${to}` : `${name}: ${to}, ${change}${end}`;
    }
    case 'deleted':
      return `${name}: deleted`;
    case 'unreadable':
      return `${name}: cannot be read any more`;
    case 'unknown':
      return `${name}: not known whether it changed${end}`;
    case 'same':
    case 'touched':
      return `${name}: as you saw it`;
  }
}

function changeWords(diff: NonNullable<BriefedFile['diff']>): string {
  switch (diff.kind) {
    case 'same-text':
      return 'only its line ends or its byte order mark changed';
    case 'too-different':
      return `more than ${MAX_DIFFERING_LINES} lines changed, or far apart`;
    case 'hunks':
      return `${lines(diff.added)} added, ${diff.removed} removed`;
  }
}

function lines(count: number): string {
  return count === 1 ? '1 line' : `${count} lines`;
}
