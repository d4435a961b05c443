import type { TranscriptReader } from '../../../src/agents/index.ts';
import { applyEvents, type Message, type Session, type SessionEvent } from '../../../src/core/index.ts';

export const SID = '11111111-2222-4333-8444-555555555555';

/** A line of a Claude Code transcript; `extra` overrides. */
export function claudeLine(
  type: 'user' | 'assistant' | 'system' | 'progress' | 'attachment',
  uuid: string,
  parentUuid: string | null,
  message: object | undefined,
  extra: object = {},
): object {
  return {
    parentUuid,
    isSidechain: false,
    cwd: '/work/shop',
    sessionId: SID,
    version: '2.1.329',
    gitBranch: 'main',
    type,
    ...(message === undefined ? {} : { message }),
    uuid,
    timestamp: timeOf(uuid),
    ...extra,
  };
}

/** Later names have later times. */
function timeOf(uuid: string): string {
  const order = Number(/\d+/.exec(uuid)?.[0] ?? 0);
  return new Date(Date.UTC(2026, 10, 20, 10, 0, order)).toISOString();
}

export function asked(uuid: string, parent: string | null, text: string, extra: object = {}): object {
  return claudeLine('user', uuid, parent, { role: 'user', content: text }, extra);
}

export function answered(
  uuid: string,
  parent: string | null,
  messageId: string,
  content: readonly object[],
  extra: object = {},
): object {
  const usage = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 7 };
  const message = { id: messageId, role: 'assistant', model: 'claude-opus-4-5', content, usage };
  return claudeLine('assistant', uuid, parent, message, extra);
}

export function resulted(uuid: string, parent: string, callId: string, text: string, extra: object = {}): object {
  const content = [
    { type: 'tool_result', tool_use_id: callId, content: text, ...('is_error' in extra ? { is_error: true } : {}) },
  ];
  return claudeLine('user', uuid, parent, { role: 'user', content }, extra);
}

export const said = (text: string): object => ({ type: 'text', text });
export const called = (id: string, name: string, input: object): object => ({ type: 'tool_use', id, name, input });

/** A line of a rollout, `second` after the first. */
export function rolloutLine(type: string, payload: object, second = 0): object {
  return { timestamp: new Date(Date.UTC(2026, 10, 20, 10, 0, second)).toISOString(), type, payload };
}

export const codexMeta = (extra: object = {}): object =>
  rolloutLine('session_meta', {
    id: SID,
    timestamp: '2026-11-20T10:00:00.000Z',
    cwd: '/work/shop',
    originator: 'codex_cli_rs',
    cli_version: '0.169.0',
    source: 'cli',
    ...extra,
  });
export const item = (payload: object, second = 0): object => rolloutLine('response_item', payload, second);
export const typed = (text: string, second = 0): object =>
  item({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }, second);
export const replied = (text: string, second = 0): object =>
  item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }, second);
export const ran = (id: string, cmd: string, second = 0): object =>
  item({ type: 'function_call', name: 'exec_command', arguments: JSON.stringify({ cmd }), call_id: id }, second);
export const printed = (id: string, output: string, second = 0): object =>
  item(
    { type: 'function_call_output', call_id: id, output: `Exit code: 0\nWall time: 0 seconds\nOutput:\n${output}` },
    second,
  );

export function toText(lines: readonly (object | string)[]): string {
  return lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
}

/** Pushes lines as a file would hold them. */
export function pushAll(
  reader: TranscriptReader,
  lines: readonly (object | string)[],
  start = { bytes: 0, lines: 0 },
): void {
  let { bytes, lines: number } = start;
  for (const line of lines) {
    const text = typeof line === 'string' ? line : JSON.stringify(line);
    const to = bytes + Buffer.byteLength(text) + 1;
    number += 1;
    reader.push(text, { from: bytes, to, number });
    bytes = to;
  }
}

/** What a session holds whose journal got these events. */
export function fold(events: readonly SessionEvent[]): readonly Message[] {
  const empty: Session = {
    body: { session_id: 's-20261120-00000000', created_at: '2026-11-20T10:00:00.000Z' },
    history: [],
  };
  return applyEvents(empty, events).history;
}

/** Roles and texts, one word each, for comparing a conversation at a glance. */
export function outline(messages: readonly Message[]): string {
  return messages
    .map(({ role, content }) => {
      const parts = typeof content === 'string' ? [content] : content.map((part) => describe(part));
      return `${role}(${parts.join(' ')})`;
    })
    .join(' ');
}

function describe(part: { readonly type: string; readonly [field: string]: unknown }): string {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return String(part['text']);
    case 'tool_call':
      return `${part['name']}#${part['id']}`;
    case 'tool_result':
      return `#${part['call_id']}`;
    default:
      return part.type;
  }
}

/** One part of one message, to look at its fields. */
export function partOf(messages: readonly Message[], message: number, part = 0): { readonly [field: string]: unknown } {
  const content = messages[message]?.content;
  const found = typeof content === 'string' ? undefined : content?.[part];
  if (found === undefined) throw new Error(`message ${message} has no part ${part}`);
  return found;
}
