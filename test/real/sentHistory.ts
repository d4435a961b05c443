import type { Message } from '../../src/core/index.ts';
import type { ModelRequest } from '../support/record/playModel.ts';

type Item = { readonly [key: string]: unknown };

const asItems = (value: unknown): readonly Item[] =>
  typeof value === 'string' ? [{ type: 'text', text: value }] : ((value ?? []) as readonly Item[]);

/** A history as one line for each thing that is said. Left out are reasoning and what an agent adds itself: it may send them anew. */
export function outlineOfHistory(history: readonly Message[]): readonly string[] {
  return history
    .filter(({ role }) => role !== 'system')
    .flatMap(({ role, content }) =>
      asItems(content).flatMap((part) => {
        switch (part['type']) {
          case 'text':
            return [`${role}: ${part['text']}`];
          case 'tool_call':
            return [`call ${part['id']} ${part['name']}: ${inputOf(part['input'])}`];
          case 'tool_result':
            return [`result ${part['call_id']}: ${part['output']}`];
          case 'image':
            return [`${role}: image ${part['data']}`];
          default:
            return [];
        }
      }),
    );
}

/** The same of a request of Claude Code, without what it adds itself. */
export function outlineOfMessages({ messages = [] }: ModelRequest): readonly string[] {
  return (messages as readonly Item[]).flatMap(({ role, content }) =>
    asItems(content).flatMap((block) => {
      switch (block['type']) {
        case 'text':
          return role === 'system' || /^\s*(?:<system-reminder>|<total_tokens>)/.test(String(block['text']))
            ? []
            : // Two prompts of one turn come with a newline between them.
              [`${role}: ${String(block['text']).trimEnd()}`];
        case 'tool_use':
          return [`call ${block['id']} ${block['name']}: ${inputOf(block['input'])}`];
        case 'tool_result':
          return [`result ${block['tool_use_id']}: ${textOf(block['content'])}`];
        case 'image':
          return [`${role}: image ${(block['source'] as Item)['data']}`];
        default:
          return [];
      }
    }),
  );
}

/** The same of a request of Codex, without what it adds itself. */
export function outlineOfInput({ input = [] }: ModelRequest): readonly string[] {
  return (input as readonly Item[]).flatMap((item) => {
    switch (item['type']) {
      case 'message':
        return asItems(item['content'])
          .map(({ text }) => String(text))
          .filter((text) => item['role'] !== 'developer' && !text.startsWith('<environment_context>'))
          .map((text) => `${item['role']}: ${text}`);
      case 'function_call':
        return [`call ${item['call_id']} ${item['name']}: ${inputOf(JSON.parse(String(item['arguments'])))}`];
      case 'custom_tool_call':
        return [`call ${item['call_id']} ${item['name']}: ${inputOf(item['input'])}`];
      case 'function_call_output':
      case 'custom_tool_call_output':
        return [`result ${item['call_id']}: ${textOf(item['output'])}`];
      default:
        return [];
    }
  });
}

function textOf(content: unknown): string {
  return asItems(content)
    .map(({ text }) => String(text))
    .join('');
}

/** Whatever the order of the keys. */
function inputOf(input: unknown): string {
  return typeof input === 'object' && input !== null
    ? JSON.stringify(Object.entries(input).sort(([a], [b]) => (a < b ? -1 : 1)))
    : String(input);
}

/** With the results of parallel calls in one order: any will do. */
export function sortResults(outline: readonly string[]): readonly string[] {
  const sorted: string[] = [];
  let run: string[] = [];
  for (const line of outline) {
    if (line.startsWith('result ')) {
      run.push(line);
      continue;
    }
    sorted.push(...run.sort(), line);
    run = [];
  }
  return [...sorted, ...run.sort()];
}
