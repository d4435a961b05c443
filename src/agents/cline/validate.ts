import { basename, dirname } from 'node:path';
import type { AgentHome, NativeProblem } from '../agent.ts';
import { readDocument } from '../document.ts';
import { fileState, withFile } from '../files.ts';
import { type JsonObject, number, parseObject, string, words } from '../shape.ts';
import { textOf } from './beside.ts';
import { isSessionId, manifestOf, sessionFiles } from './places.ts';
import { blockIds } from './writtenMessage.ts';

/** A session of the SDK; a task is no session, and is given to the agent as a new one. */
export async function transcriptOf(where: AgentHome, nativeId: string): Promise<string | undefined> {
  if (!isSessionId(nativeId)) return undefined;
  const { messages } = sessionFiles(where, nativeId);
  return (await fileState(messages)) === undefined ? undefined : messages;
}

/** Everything that keeps a session from being found, or from being told to the model whole. */
export async function validate(transcript: string): Promise<readonly NativeProblem[]> {
  const id = basename(dirname(transcript));
  const name: readonly NativeProblem[] =
    basename(transcript) === `${id}.messages.json` && isSessionId(id) ? [] : [{ code: 'wrong-name', detail: id }];
  const manifest = await textOf(manifestOf(transcript));
  return [
    ...name,
    ...(manifest === undefined ? [{ code: 'not-listed' as const }] : manifestProblems(manifest, id)),
    ...(await messagesProblems(transcript, id)),
  ];
}

const MANIFEST_FIELDS = [
  'source',
  'started_at',
  'status',
  'provider',
  'model',
  'cwd',
  'workspace_root',
  'messages_path',
];

export function manifestProblems(text: string, id: string): readonly NativeProblem[] {
  const manifest = parseObject(text);
  if (manifest === undefined) return [{ code: 'not-json', detail: 'manifest' }];
  const problems: NativeProblem[] = [];
  if (manifest['session_id'] !== id) problems.push({ code: 'wrong-session-id', detail: 'manifest' });
  for (const field of MANIFEST_FIELDS) {
    if (words(manifest[field]) === undefined) problems.push({ code: 'header-field-missing', detail: field });
  }
  return problems;
}

export async function messagesProblems(file: string, id: string): Promise<readonly NativeProblem[]> {
  const problems: NativeProblem[] = [];
  const check = createPairing(problems);
  let record = 0;
  let sessionId: string | undefined;
  const end = await withFile(file, async (handle) => {
    const records = readDocument(handle, { lists: ['messages'] });
    for (;;) {
      const { done, value } = await records.next();
      if (done === true) return value;
      for (const { key, text } of value) {
        if (key === 'sessionId') sessionId = string(parseObject(`{"v":${text}}`)?.['v']);
        if (key !== 'messages') continue;
        record += 1;
        const message = parseObject(text);
        if (message === undefined) problems.push({ code: 'not-json', record });
        else check(message, record);
      }
    }
  });
  if (end?.whole !== true) problems.push({ code: 'not-json' });
  if (sessionId === undefined) problems.push({ code: 'no-session-id' });
  else if (sessionId !== id) problems.push({ code: 'wrong-session-id', detail: sessionId });
  if (record === 0) problems.push({ code: 'empty' });
  check(undefined, record);
  return problems;
}

/** Looks at one message after another, and at last at none: every call is answered by the next message. */
function createPairing(problems: NativeProblem[]): (message: JsonObject | undefined, record: number) => void {
  const ids = new Set<string>();
  let open = new Set<string>();
  return (message, record) => {
    if (message !== undefined) {
      const id = words(message['id']);
      if (id === undefined) problems.push({ code: 'no-message-id', record });
      else if (ids.has(id)) problems.push({ code: 'duplicate-id', record, detail: id });
      else ids.add(id);
      if (number(message['ts']) === undefined) problems.push({ code: 'no-timestamp', record });
      if (!['user', 'assistant'].includes(string(message['role']) ?? ''))
        problems.push({ code: 'header-field-missing', record, detail: 'role' });
      for (const result of blockIds(message, 'tool_result')) {
        if (!open.delete(result)) problems.push({ code: 'result-without-call', record, detail: result });
      }
    }
    for (const call of open) problems.push({ code: 'call-without-result', record, detail: call });
    open = new Set(message === undefined ? [] : blockIds(message, 'tool_use'));
  };
}
