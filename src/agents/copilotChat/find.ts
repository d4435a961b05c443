import type { AgentHome, LiveSession } from '../agent.ts';
import { type FileState, fileState, headOf, mapFew, withFile } from '../files.ts';
import { readRecords } from '../readRecords.ts';
import { createScanCache } from '../scan.ts';
import { count, isoTime, optional, parseObject, string, words } from '../shape.ts';
import { type ChatFile, chatsOf, layout } from './places.ts';
import { chatReader } from './reader.ts';

/** A chat holds whole files and pictures, and may have 100s of MB: beyond this size only its ends are looked at. */
const WHOLE_BYTES = 256 * 1024;
const END_BYTES = 64 * 1024;

const sessions = createScanCache<LiveSession | undefined>();

/** Copilot's chats of windows on `folder` or on a folder inside it, newest first; those that nobody wrote into are left out. */
export async function findSessions(where: AgentHome, folder: string): Promise<readonly LiveSession[]> {
  const found = await mapFew(await chatsOf(where, folder), async (chat) => {
    const state = await fileState(chat.file);
    if (state === undefined) return undefined;
    return sessions(chat.file, state, () => scan(chat, state));
  });
  return found.filter((session) => session !== undefined).sort((a, b) => b.changedAt - a.changedAt);
}

async function scan(chat: ChatFile, state: FileState): Promise<LiveSession | undefined> {
  const told = state.size <= WHOLE_BYTES ? await readWhole(chat.file) : await readEnds(chat.file, state);
  if (told?.turns === 0) return undefined;
  return {
    agent: 'copilot-chat',
    nativeId: chat.sessionId,
    transcript: chat.file,
    bytes: state.size,
    changedAt: state.mtimeMs,
    cwd: chat.cwd,
    problems: told === undefined ? [{ code: 'unreadable' }] : [],
    ...told,
  };
}

type Told = Pick<LiveSession, 'createdAt' | 'title' | 'model' | 'turns'>;

async function readWhole(file: string): Promise<Told | undefined> {
  const reader = chatReader({ transcript: file });
  const read = await readRecords({ layout }, file, reader);
  if (read === undefined) return undefined;
  const { createdAt, title, config, metadata } = reader.facts();
  return {
    turns: metadata.turns ?? 0,
    ...optional('createdAt', createdAt),
    ...optional('title', title),
    ...optional('model', config.llm_model),
  };
}

/** Quotes inside texts are escaped, so a name in quotes with a colon is a field, and no mention of one. */
async function readEnds(file: string, state: FileState): Promise<Told | undefined> {
  return withFile(file, async (handle) => {
    const head = await headOf(handle, END_BYTES);
    const buffer = Buffer.alloc(END_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, END_BYTES, state.size - END_BYTES);
    const tail = buffer.toString('utf8', 0, bytesRead);
    const title =
      lastString(tail, /"k":\["customTitle"\],"v":\s*("(?:[^"\\]|\\.)*")/g) ??
      lastString(tail, /"customTitle":\s*("(?:[^"\\]|\\.)*")/g) ??
      lastString(head, /"customTitle":\s*("(?:[^"\\]|\\.)*")/g) ??
      firstPrompt(head);
    const created = /"creationDate":\s*(\d{1,16})\b/.exec(head) ?? /"creationDate":\s*(\d{1,16})\b/.exec(tail);
    const model =
      lastString(tail, /"modelId":\s*("(?:[^"\\]|\\.)*")/g) ?? lastString(head, /"modelId":\s*("(?:[^"\\]|\\.)*")/g);
    return {
      ...optional('createdAt', isoTime(count(Number(created?.[1])))),
      ...optional('title', title),
      ...optional('model', model),
    };
  });
}

function lastString(text: string, pattern: RegExp): string | undefined {
  return jsonString([...text.matchAll(pattern)].at(-1)?.[1]);
}

function jsonString(json: string | undefined): string | undefined {
  return json === undefined ? undefined : words(string(parseObject(`{"v":${json}}`)?.['v']));
}

/** Of the first request whose beginning lies in the head. */
function firstPrompt(head: string): string | undefined {
  const at = head.indexOf('"message":');
  return at === -1 ? undefined : jsonString(/"text":\s*("(?:[^"\\]|\\.)*")/.exec(head.slice(at))?.[1]);
}
