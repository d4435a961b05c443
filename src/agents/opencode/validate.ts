import { createPacer } from '../../core/index.ts';
import type { NativeProblem } from '../agent.ts';
import { type JsonObject, number, object, string } from '../shape.ts';
import { messageInfo, messagePart, sessionInfo } from './exportForm.ts';
import { isSessionId, tailOf } from './ids.ts';
import { type LoadedMessage, loadSession } from './loadSession.ts';

type Schema = typeof sessionInfo | typeof messageInfo | typeof messagePart;

/**
 * What would make `opencode import` stop half-way, with a part of the conversation in its database, or take the file
 * without a word and show an empty history: a session that keeps the ids of another one's messages (`duplicate-id`).
 */
export async function validate(transcript: string): Promise<readonly NativeProblem[]> {
  const loaded = await loadSession(transcript);
  if (loaded === undefined || !loaded.whole) return [{ code: 'not-json' }];
  const { info, messages } = loaded;
  const problems: NativeProblem[] = [];
  const id = string(info?.['id']);
  if (info === undefined) problems.push({ code: 'no-header' });
  else if (id === undefined) problems.push({ code: 'no-session-id' });
  else if (!isSessionId(id)) problems.push({ code: 'wrong-session-id', detail: id.slice(0, 80) });
  if (info !== undefined && id !== undefined) problems.push(...missingFields(sessionInfo, info, undefined));
  for (const record of loaded.nameless) problems.push({ code: 'no-message-id', record });
  for (const { record, id: twice } of loaded.repeated) problems.push({ code: 'duplicate-id', record, detail: twice });
  const pace = createPacer();
  const chain: Chain = { sessionId: id ?? '', tail: tailOf(id ?? ''), users: new Set(), created: 0, last: '' };
  for (const [messageId, message] of messages) {
    await pace();
    problems.push(...wrongWith(messageId, message, chain));
  }
  if (messages.size === 0) problems.push({ code: 'empty' });
  return problems;
}

/** What was seen before a message. */
interface Chain {
  readonly sessionId: string;
  /** What ids of our own making end with. */
  readonly tail: string | undefined;
  readonly users: Set<string>;
  created: number;
  last: string;
}

function wrongWith(id: string, { info, parts, record }: LoadedMessage, chain: Chain): readonly NativeProblem[] {
  const problems: NativeProblem[] = [...missingFields(messageInfo, info, record)];
  const broken = (detail: string): void => void problems.push({ code: 'broken-chain', record, detail });
  if (string(info['sessionID']) !== chain.sessionId) broken('sessionID');
  const parent = string(info['parentID']);
  if (info['role'] === 'user') chain.users.add(id);
  else if (chain.users.size > 0 && !chain.users.has(parent ?? '')) broken('parentID');
  // opencode sorts by this time, whatever the order of the file.
  const created = number(object(info['time'])?.['created']) ?? chain.created;
  if (created < chain.created) broken('time');
  chain.created = created;
  const kept = [id, ...parts.keys()].find((one) => chain.tail !== undefined && !one.endsWith(chain.tail));
  if (kept !== undefined) problems.push({ code: 'duplicate-id', record, detail: kept });
  else if (chain.tail !== undefined && id <= chain.last) broken('id');
  chain.last = id;
  for (const part of parts.values()) {
    problems.push(...missingFields(messagePart, part, record));
    if (string(part['messageID']) !== id || string(part['sessionID']) !== chain.sessionId) broken('messageID');
    const status = part['type'] === 'tool' ? object(part['state'])?.['status'] : undefined;
    if (status === 'pending' || status === 'running') {
      problems.push({ code: 'call-without-result', record, detail: string(part['callID']) ?? '' });
    }
  }
  return problems;
}

function missingFields(schema: Schema, value: JsonObject, record: number | undefined): readonly NativeProblem[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  return result.error.issues.map(({ path }) => {
    const detail = path.map(String).join('.');
    const where = record === undefined ? {} : { record };
    const isId = record !== undefined && (detail === 'id' || detail === 'messageID');
    return { code: isId ? 'no-message-id' : 'header-field-missing', ...where, detail };
  });
}
