import type { Part } from '../agent.ts';

/** Tools that a model calls in its text, `<name><parameter>…</parameter></name>` (FORMATS 6.1), of Cline and Roo Code. */
const TOOLS: ReadonlySet<string> = new Set([
  'access_mcp_resource',
  'apply_diff',
  'apply_patch',
  'browser_action',
  'codebase_search',
  'condense',
  'edit_file',
  'execute_command',
  'fetch_instructions',
  'insert_content',
  'list_code_definition_names',
  'list_files',
  'load_mcp_documentation',
  'new_rule',
  'new_task',
  'read_file',
  'replace_in_file',
  'report_bug',
  'run_slash_command',
  'search_and_replace',
  'search_files',
  'summarize_task',
  'switch_mode',
  'update_todo_list',
  'use_mcp_tool',
  'use_skill',
  'web_fetch',
  'web_search',
  'write_to_file',
]);

/** Tools that only say something to the user; the parameter that holds it. */
const TALK: ReadonlyMap<string, string> = new Map([
  ['act_mode_respond', 'response'],
  ['ask_followup_question', 'question'],
  ['attempt_completion', 'result'],
  ['plan_mode_respond', 'response'],
]);

/** Parameters that may hold the very tags that end them: their last end counts. */
const GREEDY: ReadonlySet<string> = new Set(['args', 'content', 'diff', 'result', 'response']);

export interface TextCall {
  readonly name: string;
  readonly input: { readonly [name: string]: string };
}

/** The words of an answer in order: what was said, thought, and called. A call without its end was cut off, and is text. */
export type Spoken =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'thought'; readonly text: string }
  | { readonly kind: 'call'; readonly call: TextCall };

export function spokenOf(text: string): readonly Spoken[] {
  const spoken: Spoken[] = [];
  const say = (kind: 'text' | 'thought', words: string): void => {
    if (words.trim() !== '') spoken.push({ kind, text: words.trim() });
  };
  let from = 0;
  // An opening tag without its end is looked for once: a text may hold a million of them.
  const unclosed = new Set<string>();
  for (const { 0: open, 1: name = '', index } of text.matchAll(/<([a-z_]{4,40})>/g)) {
    const talk = TALK.get(name);
    if (index < from || unclosed.has(name) || !(TOOLS.has(name) || talk !== undefined || name === 'thinking')) continue;
    const end = text.indexOf(`</${name}>`, index + open.length);
    if (end === -1) {
      unclosed.add(name);
      continue;
    }
    say('text', text.slice(from, index));
    from = end + name.length + 3;
    const body = text.slice(index + open.length, end);
    if (name === 'thinking') say('thought', body);
    else if (talk !== undefined) say('text', parametersOf(body).get(talk) ?? body);
    else spoken.push({ kind: 'call', call: { name, input: Object.fromEntries(parametersOf(body)) } });
  }
  say('text', text.slice(from));
  return spoken;
}

function parametersOf(body: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  let from = 0;
  const unclosed = new Set<string>();
  for (const { 0: open, 1: name = '', index } of body.matchAll(/<([A-Za-z_]{1,40})>/g)) {
    if (index < from || unclosed.has(name)) continue;
    const start = index + open.length;
    const close = `</${name}>`;
    const end = GREEDY.has(name) ? body.lastIndexOf(close) : body.indexOf(close, start);
    if (end < start) {
      unclosed.add(name);
      continue;
    }
    from = end + close.length;
    const value = body.slice(start, end);
    parameters.set(name, GREEDY.has(name) ? value.replace(/^\r?\n/, '').replace(/\r?\n$/, '') : value.trim());
  }
  return parameters;
}

/** A text without the tags of these names and what they enclose; their contents by name, in order. */
export function cutTags(
  text: string,
  names: readonly string[],
): { readonly rest: string; readonly cut: readonly { readonly name: string; readonly text: string }[] } {
  const cut: { name: string; text: string }[] = [];
  let rest = '';
  let from = 0;
  const unclosed = new Set<string>();
  for (const { 0: open, 1: name = '', index } of text.matchAll(/<([a-z_]{4,40})>/g)) {
    if (index < from || unclosed.has(name) || !names.includes(name)) continue;
    const end = text.indexOf(`</${name}>`, index + open.length);
    if (end === -1) {
      unclosed.add(name);
      continue;
    }
    rest += text.slice(from, index);
    cut.push({ name, text: text.slice(index + open.length, end).trim() });
    from = end + name.length + 3;
  }
  return { rest: (rest + text.slice(from)).trim(), cut };
}

/** `[read_file for 'src/a.ts'] Result:` and what follows it; undefined for another text. */
export function resultOf(
  text: string,
): { readonly name: string; readonly about: string; readonly text: string } | undefined {
  const head = /^\s*\[([A-Za-z_]{3,60})(?: for '([^'\n]{0,2000})')?[^\]\n]{0,2000}\] Result:[ \t]*\r?\n?/.exec(text);
  if (head === null) return undefined;
  return { name: head[1] as string, about: head[2] ?? '', text: text.slice(head[0].length) };
}

export function textPart(text: string): Part {
  return { type: 'text', text };
}
