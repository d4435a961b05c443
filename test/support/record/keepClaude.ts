/** The types of line that are kept: what the person, the script and the sample project said. */
export const CLAUDE_LINES: ReadonlySet<string> = new Set(['user', 'assistant', 'custom-title']);

interface Line {
  readonly type: string;
  readonly uuid?: string;
  readonly parentUuid?: string | null;
  readonly isMeta?: boolean;
  readonly message?: { readonly content: string | readonly Block[] };
}
interface Block {
  readonly type: string;
  readonly content?: unknown;
  readonly [key: string]: unknown;
}

/**
 * A transcript of Claude Code without what belongs to its maker: lines that carry its prompts and settings go, the
 * lines behind them hang on what stood before, and notes to the model leave the results of tools.
 */
export function keepClaude(transcript: string): string {
  const kept: string[] = [];
  /** The parents of the lines that went. */
  const gone = new Map<string, string | null>();
  for (const text of transcript.split('\n').filter(Boolean)) {
    const line: Line = JSON.parse(text);
    if (!CLAUDE_LINES.has(line.type) || line.isMeta === true) {
      if (line.uuid !== undefined) gone.set(line.uuid, line.parentUuid ?? null);
      continue;
    }
    // Spreading keeps the order of the keys, by which Claude Code finds parents in a big file.
    const made = 'parentUuid' in line ? { ...line, parentUuid: parentOf(line) } : line;
    const { message } = line;
    const whole =
      message === undefined ? made : { ...made, message: { ...message, content: contentOf(message.content) } };
    const now = JSON.stringify(whole);
    if (now !== kept.at(-1)) kept.push(now);
  }
  return kept.map((line) => `${line}\n`).join('');

  function parentOf(line: Line): string | null {
    let parent = line.parentUuid ?? null;
    while (parent !== null && gone.has(parent)) parent = gone.get(parent) ?? null;
    return parent;
  }
}

function contentOf(content: string | readonly Block[]): string | readonly Block[] {
  if (typeof content === 'string') return withoutNotes(content);
  return content.map((block) =>
    block.type === 'tool_result' && typeof block.content === 'string'
      ? { ...block, content: withoutNotes(block.content) }
      : block,
  );
}

/** Without reminders, and without what stands in brackets behind "has been updated" and "created successfully". */
function withoutNotes(text: string): string {
  return text
    .replace(/\s*<system-reminder>[\s\S]*?<\/system-reminder>/g, '')
    .replace(/^((?:The file|File created) .*) \([^()\n]*\)$/, '$1');
}
