import type { Message } from '../../core/index.ts';

/** The words of a transcript page; passed in, since this file knows no VS Code. */
export interface TranscriptWords {
  role(role: Message['role']): string;
  time(timestamp: string): string;
  readonly toolCall: string;
  readonly toolResult: string;
  readonly failed: string;
  readonly reasoning: string;
  image(mediaType: string): string;
  stored(bytes: number): string;
  more(characters: number): string;
  readonly unknownPart: string;
}

/** A tool's input or output is cut here (characters); the whole is in the snapshot. */
const MOST = 4000;

/** A message as Markdown in which nothing that came from the session can act: see `inert` and `fenced`. */
export function messageMarkdown(message: Message, number: number, words: TranscriptWords): string {
  const facts = [words.role(message.role)];
  if (message.timestamp !== undefined) facts.push(oneLine(words.time(message.timestamp)));
  if (message.model !== undefined) facts.push(oneLine(message.model));
  const content = typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
  return `## ${number} · ${facts.join(' · ')}\n\n${content.map((part) => partMarkdown(part, words)).join('\n\n')}\n`;
}

type AnyPart = Exclude<Message['content'], string>[number];

function partMarkdown(part: AnyPart, words: TranscriptWords): string {
  switch (part.type) {
    case 'text':
      return inert(textOf(part, 'text'));
    case 'reasoning':
      return `*${words.reasoning}*\n\n${quoted(textOf(part, 'text'))}`;
    case 'tool_call':
      return `**${words.toolCall}: ${oneLine(textOf(part, 'name'))}**\n\n${fenced(json(field(part, 'input')), 'json', words)}`;
    case 'tool_result': {
      const failed = field(part, 'is_error') === true ? ` (${words.failed})` : '';
      return `**${words.toolResult}${failed}**\n\n${output(field(part, 'output'), words)}`;
    }
    case 'image': {
      const type = oneLine(textOf(part, 'media_type'));
      return `*${words.image(type)}*`;
    }
    case 'file':
      return `\`${textOf(part, 'path').replace(/[`\r\n]/g, ' ')}\``;
    default:
      return `*${words.unknownPart}: ${oneLine(part.type)}*\n\n${fenced(json(part), 'json', words)}`;
  }
}

function field(part: AnyPart, name: string): unknown {
  return Object.hasOwn(part, name) ? (part as Readonly<Record<string, unknown>>)[name] : undefined;
}

function textOf(part: AnyPart, name: string): string {
  const value = field(part, name);
  return typeof value === 'string' ? value : '';
}

function output(value: unknown, words: TranscriptWords): string {
  if (typeof value === 'string') return fenced(value, '', words);
  if (typeof value === 'object' && value !== null && 'bytes' in value && typeof value.bytes === 'number')
    return `*${words.stored(value.bytes)}*`;
  return fenced(json(value), 'json', words);
}

function json(value: unknown): string {
  return JSON.stringify(value, undefined, 2) ?? '';
}

/** A code block whose fence is longer than any run of backticks inside. */
function fenced(text: string, language: string, words: TranscriptWords): string {
  const shown = text.length > MOST ? text.slice(0, MOST) : text;
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  const rest = text.length > MOST ? `\n\n*${words.more(text.length - MOST)}*` : '';
  return `${fence}${language}\n${shown}\n${fence}${rest}`;
}

function quoted(text: string): string {
  return inert(text)
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

function oneLine(text: string): string {
  return escapeInline(text.replace(/[\r\n]+/g, ' ')).replace(/[*_`]/g, '\\$&');
}

/**
 * Without `<` there is no HTML and no autolink; without `](`, `][` and `]:` no link and no image. What has a backslash
 * before it is escaped already, unless that backslash is escaped itself.
 */
function escapeInline(line: string): string {
  return line.replace(/(\\*)(<|\](?=[(:[])|!(?=\[))/g, (_, slashes: string, mark: string) =>
    slashes.length % 2 === 0 ? `${slashes}\\${mark}` : `${slashes}${mark}`,
  );
}

const FENCE = /^(`{3,}|~{3,})(.*)$/;

/**
 * A person's or a model's text, still Markdown to the eye but with nothing that acts: no HTML, links, images or
 * headings of its own. Only a code block that begins at the line's start is left as it is, since there every reader
 * agrees on where it ends; one that never ends is ended here.
 */
export function inert(text: string): string {
  const lines: string[] = [];
  let fence: string | undefined;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const found = FENCE.exec(line);
    const run = found?.[1];
    if (fence !== undefined) {
      lines.push(line);
      if (run?.startsWith(fence) && found?.[2]?.trim() === '') fence = undefined;
    } else if (run !== undefined && !(run.startsWith('`') && found?.[2]?.includes('`'))) {
      fence = run;
      lines.push(run + (found?.[2]?.replace(/[^\w +#.-]/g, '') ?? ''));
    } else {
      lines.push(escapeInline(line).replace(/^(\s{0,3})(#{1,6}\s|={3,}\s*$|-{3,}\s*$)/, '$1\\$2'));
    }
  }
  if (fence !== undefined) lines.push(fence);
  return lines.join('\n');
}
