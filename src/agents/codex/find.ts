import type { FileHandle } from 'node:fs/promises';
import type { AgentHome, LiveSession, TranscriptBase } from '../agent.ts';
import { type FileState, fileState, headOf, isInside, mapFew, realPath, withFile } from '../files.ts';
import { createScanCache, listed, scanLines } from '../scan.ts';
import { count, type JsonObject, object, parseObject, string, words } from '../shape.ts';
import { createUsageLog } from '../usage.ts';
import { createFactLog } from './factLog.ts';
import { readItem } from './items.ts';
import { rolloutId, rolloutOf, rollouts, sessionsFolder } from './places.ts';

/** Line 1 carries the base instructions, hundreds of KB in some versions; what is asked of it stands before them. */
const HEAD_BYTES = 16 * 1024;
const MAX_META_BYTES = 4 * 1024 * 1024;

/** Where a rollout belongs; it never changes. */
interface Belonging {
  readonly cwd: string | undefined;
  readonly subAgent: boolean;
}

/** A first line that is not written yet tells no folder: it is looked at again. */
const belongings = createScanCache<Belonging>(({ cwd }) => cwd !== undefined);
const sessions = createScanCache<LiveSession>();

/** Codex threads whose folder is `folder` or inside it, newest change first; those of sub-agents are left out. */
export async function findSessions(where: AgentHome, folder: string): Promise<readonly LiveSession[]> {
  const home = await realPath(folder);
  const files = await rollouts(sessionsFolder(where));
  const found = await mapFew(files, async (file) => {
    const state = await fileState(file);
    if (state === undefined) return undefined;
    // The first line of an append-only file: its size and time do not matter.
    const belonging = await belongings(file, { size: 0, mtimeMs: 0, ino: state.ino }, () => belongingOf(file));
    if (belonging.cwd === undefined || belonging.subAgent) return undefined;
    if (!isInside(home, await realPath(belonging.cwd))) return undefined;
    const { cwd } = belonging;
    return sessions(file, state, () => scan(file, state, cwd));
  });
  const newest = new Map<string, LiveSession>();
  for (const session of found) {
    if (session === undefined) continue;
    const other = newest.get(session.nativeId);
    if (other === undefined || other.changedAt < session.changedAt) newest.set(session.nativeId, session);
  }
  return [...newest.values()].sort((a, b) => b.changedAt - a.changedAt);
}

async function belongingOf(file: string): Promise<Belonging> {
  const head = (await withFile(file, (handle) => headOf(handle, HEAD_BYTES))) ?? '';
  const first = head.split('\n', 1)[0] ?? '';
  // Quotes inside texts are escaped, so this finds a field and no mention of one.
  const field = /"cwd":\s*("(?:[^"\\]|\\.)*")/.exec(first)?.[1];
  const context = /<cwd>([^<]+)<\/cwd>|Current working directory: ([^\\\n]+)/.exec(head);
  const cwd = field === undefined ? (context?.[1] ?? context?.[2]) : string(parseObject(`{"cwd":${field}}`)?.['cwd']);
  const subAgent = /"source":\s*\{\s*"subagent"/i.test(first) || /"thread_source":\s*"subagent"/.test(first);
  return { cwd: words(cwd)?.trim(), subAgent };
}

async function scan(file: string, state: FileState, cwd: string): Promise<LiveSession> {
  const log = createFactLog(file);
  let typed = 0;
  let announced = 0;
  let context: string | undefined;
  let lines = 0;
  const see = ({ text }: { readonly text: string }): void => {
    lines += 1;
    if (text.includes('"turn_context"')) context = text;
    const asked =
      text.includes('"role":"user"') ||
      text.includes('"role": "user"') ||
      text.includes('"user_message"') ||
      text.includes('"thread_name_updated"') ||
      text.includes('"thread_rolled_back"');
    if (lines > 1 && !asked) return;
    const line = parseObject(text);
    if (line === undefined) return;
    const payload = object(line['payload']);
    log.at(string(line['timestamp']));
    if (line['type'] === 'session_meta' && payload !== undefined) log.sessionMeta(payload);
    else if (lines === 1 && payload === undefined) log.sessionMeta(line);
    else if (line['type'] === 'event_msg' && payload !== undefined) event(payload);
    else {
      const item = readItem(payload ?? line);
      if (item?.kind !== 'message' || item.role !== 'user') return;
      typed += 1;
      log.prompt(item.text);
    }
  };
  const event = (payload: JsonObject): void => {
    if (payload['type'] === 'user_message') {
      announced += 1;
      log.prompt(string(payload['message']) ?? '');
    } else if (payload['type'] === 'thread_name_updated')
      log.name(words(payload['thread_name']) ?? words(payload['name']));
    else if (payload['type'] === 'thread_rolled_back') typed = Math.max(0, typed - count(payload['num_turns']));
  };
  const scanned = await scanLines(file, state, see);
  const turn = object((context === undefined ? undefined : parseObject(context))?.['payload']);
  if (turn !== undefined) log.turnContext(turn);
  const turns = typed === 0 ? announced : typed;
  const facts = log.facts(createUsageLog(), { turns, assistantMessages: 0 });
  return {
    agent: 'codex',
    nativeId: facts.source.native_id ?? rolloutId(file) ?? '',
    transcript: file,
    bytes: state.size,
    changedAt: state.mtimeMs,
    cwd,
    problems: scanned === undefined ? [{ code: 'unreadable' }] : [],
    ...listed(facts, scanned?.whole === true ? turns : undefined),
  };
}

/** A fork of a paginated thread begins in its parent's file: `history_base` names it and how many bytes of it count. */
export async function findBase(transcript: string): Promise<TranscriptBase> {
  const meta = await withFile(transcript, firstLine);
  const base = object(object(parseObject(meta ?? '')?.['payload'])?.['history_base']);
  const nativeId = string(base?.['thread_id']);
  if (base === undefined || nativeId === undefined) return { kind: 'none' };
  const parent = await rolloutOf(nativeId, transcript);
  const bytes = base['end_byte_offset'];
  if (parent === undefined || parent === transcript || typeof bytes !== 'number') return { kind: 'missing', nativeId };
  return { kind: 'found', transcript: parent, bytes };
}

/** '' where it has no end within what is read of it. */
export async function firstLine(handle: FileHandle): Promise<string> {
  for (let size = HEAD_BYTES; size <= MAX_META_BYTES; size *= 4) {
    const head = await headOf(handle, size);
    const end = head.indexOf('\n');
    if (end !== -1 || Buffer.byteLength(head) < size) return end === -1 ? head : head.slice(0, end);
  }
  return '';
}
