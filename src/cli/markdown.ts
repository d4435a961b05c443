import type { Message, SnapshotBody } from '../core/index.ts';
import { plain, plainLine } from './plain.ts';

type Part = Exclude<Message['content'], string>[number];

/** The head of a session as Markdown. */
export function headMarkdown(name: string, body: SnapshotBody, messages: number): string {
  const facts = [
    ['Session', body.session_id],
    ['Agent', [body.source?.agent, body.source?.version].filter(Boolean).join(' ')],
    ['Model', body.agent_config?.llm_model],
    ['Created', body.created_at],
    ['Saved', body.saved_at],
    [
      'Forked from',
      body.parent === undefined ? undefined : `${body.parent.session_id}, message ${body.parent.message}`,
    ],
    ['Messages', String(messages)],
  ].flatMap(([label, value]) => (value === undefined || value === '' ? [] : [`- ${label}: ${plainLine(value)}`]));
  return `# ${plainLine(body.title ?? name)}\n\n${facts.join('\n')}\n`;
}

/** One message; `number` counts from 1. */
export function messageMarkdown(message: Message, number: number): string {
  const when = message.timestamp === undefined ? '' : ` (${plainLine(message.timestamp)})`;
  const parts = typeof message.content === 'string' ? [plain(message.content)] : message.content.map(partMarkdown);
  return `\n## ${number}. ${heading(message.role)}${when}\n\n${parts.join('\n\n')}\n`;
}

function heading(role: Message['role']): string {
  switch (role) {
    case 'user':
      return 'User';
    case 'assistant':
      return 'Assistant';
    case 'tool':
      return 'Tool';
    case 'system':
      return 'System';
    case 'summary':
      return 'Summary';
  }
}

function partMarkdown(part: Part): string {
  // Parts are loose objects: the shape of a known type was checked when the message was read.
  const known = part as Record<string, unknown> & { type: string };
  switch (part.type) {
    case 'text':
      return plain(String(known['text']));
    case 'reasoning':
      return plain(String(known['text'])).replace(/^/gm, '> ');
    case 'tool_call':
      return `**${plainLine(String(known['name']))}**\n\n${fenced(JSON.stringify(known['input'], null, 2) ?? '', 'json')}`;
    case 'tool_result': {
      const label = known['is_error'] === true ? 'Error:\n\n' : '';
      return `${label}${typeof known['output'] === 'string' ? fenced(known['output'], '') : blobNote(known['output'])}`;
    }
    case 'image':
      return `[image, ${plainLine(String(known['media_type']))}]`;
    case 'file':
      return `[file ${plainLine(String(known['path']))}]`;
    default:
      return fenced(JSON.stringify(part, null, 2), 'json');
  }
}

function blobNote(output: unknown): string {
  const blob = output as { readonly blob?: unknown; readonly bytes?: unknown };
  return `[${String(blob.bytes)} bytes kept apart, blob ${plainLine(String(blob.blob))}]`;
}

/** A code block whose fence is longer than any inside. */
function fenced(text: string, language: string): string {
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${plain(text)}\n${fence}`;
}
